"""The TwiML of voicemail. Pure. https://www.twilio.com/docs/voice/twiml/record"""

from twilio.twiml.voice_response import VoiceResponse

from accounts.twilio.credentials import TwilioAccount

MAX_SECONDS = 120
# So long a silence ends it: Twilio's own five seconds end it while somebody looks for a number.
SILENCE_SECONDS = 8
GOODBYE = "Thank you. Your message has been left. Goodbye."


def build_record(response: VoiceResponse, account: TwilioAccount, *, max_seconds: int = MAX_SECONDS) -> None:
    """Appends what takes a message, after the greeting.

    Where the caller says nothing Twilio asks for no action, and what is appended after it is heard.
    """
    response.record(
        action=account.build_address("voicemail_recorded"),
        max_length=max_seconds,
        timeout=SILENCE_SECONDS,
        finish_on_key="#",
        play_beep=True,
        trim="trim-silence",
        recording_status_callback=account.build_address("voicemail_status"),
        recording_status_callback_event="in-progress completed absent",
    )


def build_goodbye() -> str:
    response = VoiceResponse()
    response.say(GOODBYE)
    response.hangup()
    return str(response)
