"""What is said to the parties of a call that is recorded, and where Twilio fetches it."""

from django.conf import settings
from django.urls import reverse
from twilio.twiml.voice_response import VoiceResponse

from accounts.twilio.credentials import TwilioAccount

ANNOUNCEMENT = "This call is recorded."


def build_announcement() -> str:
    response = VoiceResponse()
    response.say(ANNOUNCEMENT)
    return str(response)


def get_announcement_url(account: TwilioAccount) -> str:
    return settings.PUBLIC_URL + reverse("recording_announcement", args=[account.webhook_key])
