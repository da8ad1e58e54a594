"""The TwiML of voicemail. Pure. https://www.twilio.com/docs/voice/twiml/record"""

from twilio.twiml.voice_response import VoiceResponse

from accounts.twilio.credentials import TwilioAccount
from phone.calls.languages import DEFAULT_LANGUAGE, speak_goodbye

MAX_SECONDS = 120
# So long a silence ends it: Twilio's own five seconds end it while somebody looks for a number.
SILENCE_SECONDS = 8
# In the address of what is asked once a message has been left: what it is answered in.
LANGUAGE = "language"


def build_record(
    response: VoiceResponse,
    account: TwilioAccount,
    *,
    language: str = DEFAULT_LANGUAGE,
    max_seconds: int = MAX_SECONDS,
) -> None:
    """Appends what takes a message, after the greeting, which was in `language`.

    Where the caller says nothing Twilio asks for no action, and what is appended after it is heard.
    """
    response.record(
        action=f"{account.build_address('voicemail_recorded')}?{LANGUAGE}={language}",
        max_length=max_seconds,
        timeout=SILENCE_SECONDS,
        finish_on_key="#",
        play_beep=True,
        trim="trim-silence",
        recording_status_callback=account.build_address("voicemail_status"),
        recording_status_callback_event="in-progress completed absent",
    )


def build_goodbye(language: str) -> str:
    response = VoiceResponse()
    speak_goodbye(response, language)
    response.hangup()
    return str(response)
