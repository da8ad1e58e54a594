"""The TwiML of the last steps: a sentence, a message. What rings is in `phone/calls/twiml.py`."""

from collections.abc import Sequence

from twilio.twiml.voice_response import VoiceResponse

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.answering.greetings import STANDARD, build_sound_address, choose_greeting
from phone.answering.rules import NumberRules
from phone.calls import twiml
from phone.calls.languages import DEFAULT_LANGUAGE, get_refusal, speak, speak_no_message
from phone.voicemail.twiml import build_record


def build_sentence(sentence: str, rules: NumberRules | None) -> str:
    """Says to the caller why nobody comes, and hangs up."""
    if rules is None:
        return twiml.build_spoken(sentence)
    response = VoiceResponse()
    speak(response, sentence, rules.language)
    response.hangup()
    return str(response)


def build_refused(rules: NumberRules | None) -> str:
    """Says that the call cannot be taken, and no more: neither why, nor that another time would be better.

    Not a `<Reject>`, by which a caller hears that the line is busy, and calls again.
    """
    language = rules.language if rules else DEFAULT_LANGUAGE
    response = VoiceResponse()
    speak(response, get_refusal(language), language)
    response.hangup()
    return str(response)


def build_voicemail(account: TwilioAccount, people: Sequence[User], rules: NumberRules | None) -> str:
    """A greeting, and the recording of a message. The number's own greeting goes before any of `people`.

    A caller who says nothing is told so, and the call ends.
    """
    response = VoiceResponse()
    written, sound = choose_greeting(people)
    language = written.language if written else DEFAULT_LANGUAGE
    if rules and rules.greeting:
        language = rules.language
        speak(response, rules.greeting, language)
    elif sound:
        response.play(build_sound_address(account, sound))
    else:
        speak(response, written.text if written else STANDARD, language)
    build_record(response, account, language=language)
    speak_no_message(response, language)
    response.hangup()
    return str(response)
