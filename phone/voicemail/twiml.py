"""The TwiML of voicemail. Pure. https://www.twilio.com/docs/voice/twiml/record"""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from twilio.twiml.voice_response import VoiceResponse

from accounts.twilio.credentials import TwilioAccount

MAX_SECONDS = 120
# So long a silence ends it: Twilio's own five seconds end it while somebody looks for a number.
SILENCE_SECONDS = 8
GOODBYE = "Thank you. Your message has been left. Goodbye."


@dataclass(frozen=True)
class RecordUrls:
    """Where Twilio goes on when a message has been left, and where it tells what became of it."""

    action: str
    status: str


def build_record(response: VoiceResponse, account: TwilioAccount, *, max_seconds: int = MAX_SECONDS) -> None:
    """Appends what takes a message, after the greeting.

    Where the caller says nothing Twilio asks for no action, and what is appended after it is heard.
    """
    urls = build_urls(account)
    response.record(
        action=urls.action,
        max_length=max_seconds,
        timeout=SILENCE_SECONDS,
        finish_on_key="#",
        play_beep=True,
        trim="trim-silence",
        recording_status_callback=urls.status,
        recording_status_callback_event="in-progress completed absent",
    )


def build_goodbye() -> str:
    response = VoiceResponse()
    response.say(GOODBYE)
    response.hangup()
    return str(response)


def build_urls(account: TwilioAccount) -> RecordUrls:
    def address(name: str) -> str:
        return settings.PUBLIC_URL + reverse(name, args=[account.webhook_key])

    return RecordUrls(action=address("voicemail_recorded"), status=address("voicemail_status"))
