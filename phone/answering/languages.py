"""The languages in which Twilio reads a greeting aloud, each with a voice that speaks it.

https://www.twilio.com/docs/voice/twiml/say/text-speech#available-voices-and-languages
"""

from dataclasses import dataclass

from twilio.twiml.voice_response import VoiceResponse

DEFAULT_LANGUAGE = "en-GB"


@dataclass(frozen=True)
class Speech:
    """`name`: the language as its speakers call it."""

    name: str
    voice: str


SPEECHES = {
    "cy-GB": Speech("Cymraeg", "Polly.Gwyneth"),
    "da-DK": Speech("Dansk", "Polly.Naja"),
    "de-DE": Speech("Deutsch", "Polly.Vicki"),
    "en-AU": Speech("English (Australia)", "Polly.Nicole"),
    "en-IN": Speech("English (India)", "Polly.Aditi"),
    "en-GB": Speech("English (United Kingdom)", "Polly.Amy"),
    "en-US": Speech("English (United States)", "Polly.Joanna"),
    "es-ES": Speech("Español (España)", "Polly.Lucia"),
    "es-MX": Speech("Español (México)", "Polly.Mia"),
    "fr-CA": Speech("Français (Canada)", "Polly.Chantal"),
    "fr-FR": Speech("Français (France)", "Polly.Lea"),
    "is-IS": Speech("Íslenska", "Polly.Dora"),
    "it-IT": Speech("Italiano", "Polly.Bianca"),
    "nl-NL": Speech("Nederlands", "Polly.Lotte"),
    "nb-NO": Speech("Norsk bokmål", "Polly.Liv"),
    "pl-PL": Speech("Polski", "Polly.Ewa"),
    "pt-BR": Speech("Português (Brasil)", "Polly.Camila"),
    "pt-PT": Speech("Português (Portugal)", "Polly.Ines"),
    "ro-RO": Speech("Română", "Polly.Carmen"),
    "sv-SE": Speech("Svenska", "Polly.Astrid"),
    "tr-TR": Speech("Türkçe", "Polly.Filiz"),
    "ru-RU": Speech("Русский", "Polly.Tatyana"),
    "ja-JP": Speech("日本語", "Polly.Mizuki"),
    "cmn-CN": Speech("普通话", "Polly.Zhiyu"),
    "ko-KR": Speech("한국어", "Polly.Seoyeon"),
}
CHOICES = [(code, speech.name) for code, speech in SPEECHES.items()]


def speak(response: VoiceResponse, text: str, language: str) -> None:
    """Appends to `response` that `text` is said, in a voice of its language."""
    code = language if language in SPEECHES else DEFAULT_LANGUAGE
    response.say(text, voice=SPEECHES[code].voice, language=code)
