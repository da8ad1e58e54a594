"""What is said to the parties of a call that is recorded, and where Twilio fetches it."""

from twilio.twiml.voice_response import VoiceResponse

from accounts.twilio.credentials import TwilioAccount

ANNOUNCEMENT = "This call is recorded."


def build_announcement() -> str:
    response = VoiceResponse()
    response.say(ANNOUNCEMENT)
    return str(response)


def get_announcement_url(account: TwilioAccount) -> str:
    return account.build_address("recording_announcement")
