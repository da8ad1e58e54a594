"""What is said to the parties of a call that is recorded, in which language, and where Twilio fetches it.

Whoever is not of ours is spoken to in the language of the call (`phone/calls/languages.py: get_language`),
one of ours in their own.
"""

from twilio.twiml.voice_response import VoiceResponse

from accounts.people import User
from phone.calls.call import Call
from phone.calls.languages import find_language_of_person, get_language, speak_recorded

LANGUAGE = "language"


def build_announcement(language: str) -> str:
    response = VoiceResponse()
    speak_recorded(response, language)
    return str(response)


def choose_language(call: Call, person: User | None = None) -> str:
    """In which language `person` is told, or, without one, whoever is at the other end of `call`."""
    return find_language_of_person(person) if person else get_language(call)


def get_announcement_url(call: Call, person: User | None = None) -> str:
    """Where Twilio finds what `person`, or whoever is at the other end of `call`, is told."""
    address = call.account.build_address("recording_announcement")
    return f"{address}?{LANGUAGE}={choose_language(call, person)}"
