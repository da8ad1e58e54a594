"""The TwiML and the addresses of a call that is held, joined with another, or left alone."""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.templatetags.static import static
from twilio.twiml.voice_response import VoiceResponse

from accounts.twilio.credentials import TwilioAccount
from phone.calls.languages import speak_recorded
from phone.calls.twiml import CallbackUrls, put_own, ring_client, ring_number

# Nobody is left to hear it ring for longer.
TRANSFER_SECONDS = 20
EVENTS = "start end join leave mute hold modify"


def build_music_address() -> str:
    """Our hold music, as Twilio fetches it: a file, which it plays again and again."""
    return settings.PUBLIC_URL + static("phone/sounds/hold.wav")


def build_tone_address() -> str:
    """One ring as a caller hears it, with the silence after it, as Twilio fetches it."""
    return settings.PUBLIC_URL + static("phone/sounds/outgoing.wav")


def build_join(*, account: TwilioAccount, name: str, label: str, recorded_in: str = "") -> str:
    """Joins the room `name`. Who leaves it ends it for nobody; whoever comes first hears our music.

    `recorded_in` is the language in which they are told before that the call is recorded, if they are.
    Nothing follows, so that a leg that is sent out of its room is over.
    """
    response = VoiceResponse()
    if recorded_in:
        speak_recorded(response, recorded_in)
    response.dial().conference(
        name,
        beep=False,
        start_conference_on_enter=True,
        end_conference_on_exit=False,
        participant_label=label,
        wait_url=build_music_address(),
        wait_method="GET",
        status_callback=account.build_address("conference_event"),
        status_callback_event=EVENTS,
        status_callback_method="POST",
    )
    return str(response)


def build_transfer(
    *,
    urls: CallbackUrls,
    phone_number: str = "",
    identity: str = "",
    caller_id: str = "",
    send_digits: str = "",
    parameters: Mapping[str, str] | None = None,
    announcement: str = "",
    time_limit: int | None = None,
) -> str:
    """Rings a number or a page for somebody who has been answered already, and so hears that it rings.

    `announcement` is the address of what is said to whoever answers, before they are connected. `time_limit`
    as in `build_dial_to_number`.
    """
    response = VoiceResponse()
    dial = response.dial(
        action=urls.action, caller_id=caller_id or None, timeout=TRANSFER_SECONDS, time_limit=time_limit
    )
    if phone_number:
        ring_number(dial, phone_number, urls=urls, send_digits=send_digits, announcement=announcement)
    else:
        ring_client(dial, identity, urls=urls, parameters=parameters or {}, announcement=announcement)
    return str(response)


def build_redirect(url: str) -> str:
    """https://www.twilio.com/docs/voice/twiml/redirect"""
    response = VoiceResponse()
    response.redirect(url)
    return str(response)


def build_rescue(
    *,
    identities: Iterable[str],
    parameters: Mapping[str, str],
    own: Mapping[str, Mapping[str, str]],
    seconds: int,
    urls: CallbackUrls,
) -> str:
    """Rings phones for somebody who has been answered already, and so hears that it rings.

    `parameters` and `own` as in `build_dial_to_clients`.
    """
    response = VoiceResponse()
    dial = response.dial(action=urls.action, timeout=seconds)
    for identity in identities:
        told = put_own(parameters, own.get(identity, {}))
        ring_client(dial, identity, urls=urls, parameters=told)
    return str(response)
