"""The TwiML for each case. Pure: addresses and names in, XML out.

https://www.twilio.com/docs/voice/twiml; the builder escapes whatever a caller typed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from twilio.twiml.voice_response import Dial, VoiceResponse

from accounts.twilio.credentials import TwilioAccount
from phone.calls.languages import DEFAULT_LANGUAGE, speak

NUMBER_RINGS_SECONDS = 30
CLIENT_RINGS_SECONDS = 25
PROGRESS = "initiated ringing answered completed"


@dataclass(frozen=True)
class CallbackUrls:
    """Where Twilio goes on: `action` when a Dial is over, `status` while its legs make progress."""

    action: str
    status: str


def build_urls(account: TwilioAccount, query: str = "") -> CallbackUrls:
    """`query` is what the address of the action ends in, with its question mark."""
    return CallbackUrls(
        action=account.build_address("dial_action") + query, status=account.build_address("call_status")
    )


def build_dial_to_number(
    *,
    phone_number: str,
    caller_id: str,
    urls: CallbackUrls,
    send_digits: str = "",
    announcement: str = "",
    seconds: int = NUMBER_RINGS_SECONDS,
    time_limit: int | None = None,
) -> str:
    """Connects the caller with a number in E.164. The caller's call stays ringing until it is answered.

    `send_digits` are dialled then: digits, `*`, `#`, and `w` for half a second. `announcement` is the
    address of what is said to whoever answers, before they are connected. `time_limit` is after how many
    seconds of talk Twilio ends it; None: Twilio's own, four hours.
    """
    response = VoiceResponse()
    dial = response.dial(
        action=urls.action,
        answer_on_bridge=True,
        caller_id=caller_id,
        timeout=seconds,
        time_limit=time_limit,
    )
    ring_number(dial, phone_number, urls=urls, send_digits=send_digits, announcement=announcement)
    return str(response)


def build_dial_to_clients(
    *,
    identities: Iterable[str],
    parameters: Mapping[str, str],
    caller_id: str,
    urls: CallbackUrls,
    own: Mapping[str, Mapping[str, str]] | None = None,
    seconds: int = CLIENT_RINGS_SECONDS,
    says: str = "",
    language: str = DEFAULT_LANGUAGE,
    announcement: str = "",
) -> str:
    """Rings Devices, ten identities at most; the first to answer has the call.

    `parameters` reach the page as the Call's `customParameters`, those that are not empty; `own` are by
    identity those that some are told otherwise. An empty `caller_id` shows the caller's own
    number. `says` is a sentence in `language` for the caller, who is answered by it; `announcement` the
    address of what is said to whoever answers, before they are connected.
    """
    response = VoiceResponse()
    if says:
        speak(response, says, language)
    dial = response.dial(
        action=urls.action,
        answer_on_bridge=True,
        caller_id=caller_id or None,
        timeout=seconds,
    )
    for identity in identities:
        told = put_own(parameters, (own or {}).get(identity, {}))
        ring_client(dial, identity, urls=urls, parameters=told, announcement=announcement)
    return str(response)


def put_own(parameters: Mapping[str, str], own: Mapping[str, str]) -> Mapping[str, str]:
    """`parameters` for one who is told some of them otherwise."""
    return {**parameters, **{name: value for name, value in own.items() if value}}


def ring_number(
    dial: Dial, phone_number: str, *, urls: CallbackUrls, send_digits: str = "", announcement: str = ""
) -> None:
    """Has `dial` ring a number in E.164; `send_digits` and `announcement` as in `build_dial_to_number`."""
    dial.number(
        phone_number,
        url=announcement or None,
        send_digits=send_digits or None,
        status_callback=urls.status,
        status_callback_event=PROGRESS,
    )


def ring_client(
    dial: Dial, identity: str, *, urls: CallbackUrls, parameters: Mapping[str, str], announcement: str = ""
) -> None:
    """Has `dial` ring a Device; `parameters` and `announcement` as in `build_dial_to_clients`."""
    client = dial.client(
        url=announcement or None, status_callback=urls.status, status_callback_event=PROGRESS
    )
    client.identity(identity)
    for name, value in parameters.items():
        if value:
            client.parameter(name=name, value=value)


def build_wait(url: str, seconds: int, *, tone: str = "") -> str:
    """Waits so long, or as long as the sound at the address `tone` lasts, and asks again at `url`.

    As the first verb <Pause> delays the answer, so a caller who was not answered yet hears it ring:
    https://www.twilio.com/docs/voice/twiml/pause. Who was answered hears nothing then: `tone` is for them.
    """
    response = VoiceResponse()
    if tone:
        response.play(tone)
    else:
        response.pause(length=seconds)
    response.redirect(url, method="POST")
    return str(response)


def build_spoken(sentence: str) -> str:
    """Says why there is no call, and hangs up."""
    response = VoiceResponse()
    response.say(sentence)
    response.hangup()
    return str(response)


def build_hangup() -> str:
    response = VoiceResponse()
    response.hangup()
    return str(response)
