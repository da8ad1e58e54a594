"""The TwiML of an echo test. Pure.

https://www.twilio.com/docs/voice/twiml/record: where nothing is recorded Twilio asks for no action, and goes
on with what is written after it. What is recorded can be had once recordingStatusCallback says `completed`.
"""

from collections.abc import Mapping

from django.utils.http import urlencode
from django.utils.translation import override
from twilio.twiml.voice_response import VoiceResponse

from accounts.languages import choose_language
from accounts.people import User
from accounts.translated import Words
from accounts.twilio.credentials import TwilioAccount
from phone.calls.languages import DEFAULT_LANGUAGE, find_language_of, speak
from phone.echo_tests.texts import QUESTION

# The parameter by which `static/phone/device/device.js` marks the call, and its value.
MARK, ECHO = "ConnectionTest", "echo"
MAX_SECONDS = 6
# So long a silence ends what somebody says, or that nobody says anything.
SILENCE_SECONDS = 3
# In the address of what is asked next: what has been done before, and how often.
STEP, TIMES = "step", "times"
PLAYED, WAITED = "played", "waited"
WAIT_SECONDS = 1
ENGLISH = "en"


def is_echo_test(params: Mapping[str, str]) -> bool:
    return params.get(MARK) == ECHO


def say(response: VoiceResponse, words: Words, person: User | None) -> None:
    """Appends `words` in the language of `person`, if there is a voice for it; else in English."""
    language = choose_language(person) if person else ENGLISH
    spoken = find_language_of(language)
    with override(language if spoken else ENGLISH):
        speak(response, str(words), spoken or DEFAULT_LANGUAGE)


def build_address(account: TwilioAccount, step: str = "", times: int = 0) -> str:
    query = urlencode([(STEP, step)] * bool(step) + [(TIMES, str(times))] * bool(times))
    return account.build_address("echo_test") + (f"?{query}" if query else "")


def build_question(account: TwilioAccount, person: User | None) -> str:
    response = VoiceResponse()
    say(response, QUESTION, person)
    response.record(
        action=build_address(account),
        max_length=MAX_SECONDS,
        timeout=SILENCE_SECONDS,
        play_beep=True,
        trim="trim-silence",
        recording_status_callback=account.build_address("echo_test_status"),
        recording_status_callback_event="in-progress completed absent",
    )
    # Nobody has said anything.
    response.redirect(build_address(account), method="POST")
    return str(response)


def build_echo(account: TwilioAccount, sound: str) -> str:
    """Plays back what is found at the address `sound`."""
    response = VoiceResponse()
    response.play(sound)
    response.redirect(build_address(account, PLAYED), method="POST")
    return str(response)


def build_goodbye(words: Words, person: User | None) -> str:
    response = VoiceResponse()
    say(response, words, person)
    response.hangup()
    return str(response)
