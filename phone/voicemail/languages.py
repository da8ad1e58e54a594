"""The languages in which Twilio reads a greeting aloud, each with a voice that speaks it.

https://www.twilio.com/docs/voice/twiml/say/text-speech#available-voices-and-languages
"""

from dataclasses import dataclass

from twilio.twiml.voice_response import VoiceResponse

DEFAULT_LANGUAGE = "en-GB"


@dataclass(frozen=True)
class Speech:
    """`name`: the language as its speakers call it.

    `no_message` is said to who has left none, `goodbye` to who has, `refused` to who is blocked.
    """

    name: str
    voice: str
    no_message: str = "There was no message. Goodbye."
    goodbye: str = "Thank you. Your message has been left. Goodbye."
    refused: str = "Your call cannot be taken. Goodbye."


SPEECHES = {
    "cy-GB": Speech(
        "Cymraeg",
        "Polly.Gwyneth",
        "Ni chafwyd neges. Hwyl fawr.",
        "Diolch. Mae eich neges wedi’i gadael. Hwyl fawr.",
        "Ni ellir derbyn eich galwad. Hwyl fawr.",
    ),
    "da-DK": Speech(
        "Dansk",
        "Polly.Naja",
        "Der blev ikke lagt nogen besked. Farvel.",
        "Tak. Din besked er modtaget. Farvel.",
        "Dit opkald kan ikke besvares. Farvel.",
    ),
    "de-DE": Speech(
        "Deutsch",
        "Polly.Vicki",
        "Es wurde keine Nachricht hinterlassen. Auf Wiederhören.",
        "Vielen Dank. Ihre Nachricht wurde aufgezeichnet. Auf Wiederhören.",
        "Ihr Anruf kann nicht angenommen werden. Auf Wiederhören.",
    ),
    "en-AU": Speech("English (Australia)", "Polly.Nicole"),
    "en-IN": Speech("English (India)", "Polly.Aditi"),
    "en-GB": Speech("English (United Kingdom)", "Polly.Amy"),
    "en-US": Speech("English (United States)", "Polly.Joanna"),
    "es-ES": Speech(
        "Español (España)",
        "Polly.Lucia",
        "No se ha dejado ningún mensaje. Adiós.",
        "Gracias. Su mensaje se ha guardado. Adiós.",
        "Su llamada no puede ser atendida. Adiós.",
    ),
    "es-MX": Speech(
        "Español (México)",
        "Polly.Mia",
        "No se dejó ningún mensaje. Adiós.",
        "Gracias. Su mensaje quedó guardado. Adiós.",
        "Su llamada no puede ser atendida. Adiós.",
    ),
    "fr-CA": Speech(
        "Français (Canada)",
        "Polly.Chantal",
        "Aucun message n’a été laissé. Au revoir.",
        "Merci. Votre message a été enregistré. Au revoir.",
        "Votre appel ne peut pas être pris. Au revoir.",
    ),
    "fr-FR": Speech(
        "Français (France)",
        "Polly.Lea",
        "Aucun message n’a été laissé. Au revoir.",
        "Merci. Votre message a été enregistré. Au revoir.",
        "Votre appel ne peut pas être pris. Au revoir.",
    ),
    "is-IS": Speech(
        "Íslenska",
        "Polly.Dora",
        "Engin skilaboð bárust. Bless.",
        "Takk fyrir. Skilaboðin hafa verið móttekin. Bless.",
        "Ekki er hægt að svara símtalinu. Bless.",
    ),
    "it-IT": Speech(
        "Italiano",
        "Polly.Bianca",
        "Non è stato lasciato alcun messaggio. Arrivederci.",
        "Grazie. Il messaggio è stato registrato. Arrivederci.",
        "La sua chiamata non può essere accettata. Arrivederci.",
    ),
    "nl-NL": Speech(
        "Nederlands",
        "Polly.Lotte",
        "Er is geen bericht ingesproken. Tot ziens.",
        "Bedankt. Uw bericht is ingesproken. Tot ziens.",
        "Uw oproep kan niet worden aangenomen. Tot ziens.",
    ),
    "nb-NO": Speech(
        "Norsk bokmål",
        "Polly.Liv",
        "Det ble ikke lagt igjen noen beskjed. Ha det.",
        "Takk. Beskjeden er lagt igjen. Ha det.",
        "Anropet ditt kan ikke besvares. Ha det.",
    ),
    "pl-PL": Speech(
        "Polski",
        "Polly.Ewa",
        "Nie zostawiono wiadomości. Do widzenia.",
        "Dziękujemy. Wiadomość została nagrana. Do widzenia.",
        "Państwa połączenie nie może zostać odebrane. Do widzenia.",
    ),
    "pt-BR": Speech(
        "Português (Brasil)",
        "Polly.Camila",
        "Nenhuma mensagem foi deixada. Até logo.",
        "Sua mensagem foi gravada. Agradecemos o contato. Até logo.",
        "Sua chamada não pode ser atendida. Até logo.",
    ),
    "pt-PT": Speech(
        "Português (Portugal)",
        "Polly.Ines",
        "Não foi deixada nenhuma mensagem. Adeus.",
        "A sua mensagem foi gravada. Agradecemos o contacto. Adeus.",
        "A sua chamada não pode ser atendida. Adeus.",
    ),
    "ro-RO": Speech(
        "Română",
        "Polly.Carmen",
        "Nu a fost lăsat niciun mesaj. La revedere.",
        "Vă mulțumim. Mesajul dumneavoastră a fost înregistrat. La revedere.",
        "Apelul dumneavoastră nu poate fi preluat. La revedere.",
    ),
    "sv-SE": Speech(
        "Svenska",
        "Polly.Astrid",
        "Inget meddelande lämnades. Hej då.",
        "Tack. Ditt meddelande har lämnats. Hej då.",
        "Ditt samtal kan inte tas emot. Hej då.",
    ),
    "tr-TR": Speech(
        "Türkçe",
        "Polly.Filiz",
        "Mesaj bırakılmadı. Hoşça kalın.",
        "Teşekkürler. Mesajınız kaydedildi. Hoşça kalın.",
        "Aramanız kabul edilemiyor. Hoşça kalın.",
    ),
    "ru-RU": Speech(
        "Русский",
        "Polly.Tatyana",
        "Сообщение не оставлено. До свидания.",
        "Спасибо. Ваше сообщение записано. До свидания.",
        "Ваш звонок не может быть принят. До свидания.",
    ),
    "ja-JP": Speech(
        "日本語",
        "Polly.Mizuki",
        "メッセージはありませんでした。失礼いたします。",
        "ありがとうございます。メッセージをお預かりしました。失礼いたします。",
        "おかけになったお電話はおつなぎできません。失礼いたします。",
    ),
    "cmn-CN": Speech(
        "普通话",
        "Polly.Zhiyu",
        "没有收到留言。再见。",
        "谢谢。您的留言已录下。再见。",
        "您的来电无法接听。再见。",
    ),
    "ko-KR": Speech(
        "한국어",
        "Polly.Seoyeon",
        "남겨진 메시지가 없습니다. 안녕히 계세요.",
        "감사합니다. 메시지가 녹음되었습니다. 안녕히 계세요.",
        "고객님의 전화를 받을 수 없습니다. 안녕히 계세요.",
    ),
}
CHOICES = [(code, speech.name) for code, speech in SPEECHES.items()]


def speak(response: VoiceResponse, text: str, language: str) -> None:
    """Appends to `response` that `text` is said, in a voice of its language."""
    code = find_language(language)
    response.say(text, voice=SPEECHES[code].voice, language=code)


def speak_no_message(response: VoiceResponse, language: str) -> None:
    """Appends that there was no message, which is heard where nothing was recorded."""
    speak(response, SPEECHES[find_language(language)].no_message, language)


def speak_goodbye(response: VoiceResponse, language: str) -> None:
    """Appends that the message is there."""
    speak(response, SPEECHES[find_language(language)].goodbye, language)


def get_refusal(language: str) -> str:
    """What somebody hears whose calls are not wanted."""
    return SPEECHES[find_language(language)].refused


def find_language_of(language: str) -> str:
    """Which of these somebody is spoken to in whose language is `language` (`de`); "" for none of them."""
    if DEFAULT_LANGUAGE.partition("-")[0] == language:
        return DEFAULT_LANGUAGE
    return next((code for code in SPEECHES if code.partition("-")[0] == language), "")


def find_language(language: str) -> str:
    return language if language in SPEECHES else DEFAULT_LANGUAGE
