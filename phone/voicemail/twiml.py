"""The TwiML that takes a message. https://www.twilio.com/docs/voice/twiml/record"""

from django.conf import settings
from django.urls import reverse
from twilio.twiml.voice_response import VoiceResponse

from accounts.twilio.credentials import TwilioAccount

LONGEST_SECONDS = 120


def build_record(response: VoiceResponse, account: TwilioAccount) -> None:
    """Appends to `response` what records the caller after a tone."""

    def address(name: str) -> str:
        return settings.PUBLIC_URL + reverse(name, args=[account.webhook_key])

    response.record(
        action=address("voicemail_recorded"),
        recording_status_callback=address("voicemail_status"),
        recording_status_callback_event="completed absent",
        max_length=LONGEST_SECONDS,
        finish_on_key="#",
        play_beep=True,
    )
