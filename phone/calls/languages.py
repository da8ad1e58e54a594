"""The languages in which callers are spoken to, each with a voice at Twilio that speaks it.

https://www.twilio.com/docs/voice/twiml/say/text-speech#available-voices-and-languages
"""

from dataclasses import dataclass

from twilio.twiml.voice_response import VoiceResponse

from accounts.languages import choose_language
from accounts.people import User
from phone.calls.call import Call

DEFAULT_LANGUAGE = "en-GB"
# Kept on a call (`Call.cause_facts`): which of these a caller is spoken to in, where it is another.
SPOKEN = "spoken"


@dataclass(frozen=True)
class Speech:
    """`name`: the language as its speakers call it.

    `no_message` is said to who has left none, `goodbye` to who has, `refused` to who is blocked, `recorded`
    to whoever is about to be.
    """

    name: str
    voice: str
    no_message: str = "There was no message. Goodbye."
    goodbye: str = "Thank you. Your message has been left. Goodbye."
    refused: str = "Your call cannot be taken. Goodbye."
    recorded: str = "This call is recorded."


SPEECHES = {
    "cy-GB": Speech(
        "Cymraeg",
        "Polly.Gwyneth",
        "Ni chafwyd neges. Hwyl fawr.",
        "Diolch. Mae eich neges wedi’i gadael. Hwyl fawr.",
        "Ni ellir derbyn eich galwad. Hwyl fawr.",
        "Mae’r alwad hon yn cael ei recordio.",
    ),
    "da-DK": Speech(
        "Dansk",
        "Polly.Naja",
        "Der blev ikke lagt nogen besked. Farvel.",
        "Tak. Din besked er modtaget. Farvel.",
        "Dit opkald kan ikke besvares. Farvel.",
        "Denne samtale bliver optaget.",
    ),
    "de-DE": Speech(
        "Deutsch",
        "Polly.Vicki",
        "Es wurde keine Nachricht hinterlassen. Auf Wiederhören.",
        "Vielen Dank. Ihre Nachricht wurde aufgezeichnet. Auf Wiederhören.",
        "Ihr Anruf kann nicht angenommen werden. Auf Wiederhören.",
        "Dieses Gespräch wird aufgezeichnet.",
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
        "Esta llamada está siendo grabada.",
    ),
    "es-MX": Speech(
        "Español (México)",
        "Polly.Mia",
        "No se dejó ningún mensaje. Adiós.",
        "Gracias. Su mensaje quedó guardado. Adiós.",
        "Su llamada no puede ser atendida. Adiós.",
        "Esta llamada está siendo grabada.",
    ),
    "fr-CA": Speech(
        "Français (Canada)",
        "Polly.Chantal",
        "Aucun message n’a été laissé. Au revoir.",
        "Merci. Votre message a été enregistré. Au revoir.",
        "Votre appel ne peut pas être pris. Au revoir.",
        "Cet appel est enregistré.",
    ),
    "fr-FR": Speech(
        "Français (France)",
        "Polly.Lea",
        "Aucun message n’a été laissé. Au revoir.",
        "Merci. Votre message a été enregistré. Au revoir.",
        "Votre appel ne peut pas être pris. Au revoir.",
        "Cet appel est enregistré.",
    ),
    "is-IS": Speech(
        "Íslenska",
        "Polly.Dora",
        "Engin skilaboð bárust. Bless.",
        "Takk fyrir. Skilaboðin hafa verið móttekin. Bless.",
        "Ekki er hægt að svara símtalinu. Bless.",
        "Þetta símtal er tekið upp.",
    ),
    "it-IT": Speech(
        "Italiano",
        "Polly.Bianca",
        "Non è stato lasciato alcun messaggio. Arrivederci.",
        "Grazie. Il messaggio è stato registrato. Arrivederci.",
        "La sua chiamata non può essere accettata. Arrivederci.",
        "Questa chiamata viene registrata.",
    ),
    "nl-NL": Speech(
        "Nederlands",
        "Polly.Lotte",
        "Er is geen bericht ingesproken. Tot ziens.",
        "Bedankt. Uw bericht is ingesproken. Tot ziens.",
        "Uw oproep kan niet worden aangenomen. Tot ziens.",
        "Dit gesprek wordt opgenomen.",
    ),
    "nb-NO": Speech(
        "Norsk bokmål",
        "Polly.Liv",
        "Det ble ikke lagt igjen noen beskjed. Ha det.",
        "Takk. Beskjeden er lagt igjen. Ha det.",
        "Anropet ditt kan ikke besvares. Ha det.",
        "Denne samtalen blir tatt opp.",
    ),
    "pl-PL": Speech(
        "Polski",
        "Polly.Ewa",
        "Nie zostawiono wiadomości. Do widzenia.",
        "Dziękujemy. Wiadomość została nagrana. Do widzenia.",
        "Państwa połączenie nie może zostać odebrane. Do widzenia.",
        "Ta rozmowa jest nagrywana.",
    ),
    "pt-BR": Speech(
        "Português (Brasil)",
        "Polly.Camila",
        "Nenhuma mensagem foi deixada. Até logo.",
        "Sua mensagem foi gravada. Agradecemos o contato. Até logo.",
        "Sua chamada não pode ser atendida. Até logo.",
        "Esta chamada está sendo gravada.",
    ),
    "pt-PT": Speech(
        "Português (Portugal)",
        "Polly.Ines",
        "Não foi deixada nenhuma mensagem. Adeus.",
        "A sua mensagem foi gravada. Agradecemos o contacto. Adeus.",
        "A sua chamada não pode ser atendida. Adeus.",
        "Esta chamada está a ser gravada.",
    ),
    "ro-RO": Speech(
        "Română",
        "Polly.Carmen",
        "Nu a fost lăsat niciun mesaj. La revedere.",
        "Vă mulțumim. Mesajul dumneavoastră a fost înregistrat. La revedere.",
        "Apelul dumneavoastră nu poate fi preluat. La revedere.",
        "Acest apel este înregistrat.",
    ),
    "sv-SE": Speech(
        "Svenska",
        "Polly.Astrid",
        "Inget meddelande lämnades. Hej då.",
        "Tack. Ditt meddelande har lämnats. Hej då.",
        "Ditt samtal kan inte tas emot. Hej då.",
        "Det här samtalet spelas in.",
    ),
    "tr-TR": Speech(
        "Türkçe",
        "Polly.Filiz",
        "Mesaj bırakılmadı. Hoşça kalın.",
        "Teşekkürler. Mesajınız kaydedildi. Hoşça kalın.",
        "Aramanız kabul edilemiyor. Hoşça kalın.",
        "Bu görüşme kaydedilmektedir.",
    ),
    "ru-RU": Speech(
        "Русский",
        "Polly.Tatyana",
        "Сообщение не оставлено. До свидания.",
        "Спасибо. Ваше сообщение записано. До свидания.",
        "Ваш звонок не может быть принят. До свидания.",
        "Этот разговор записывается.",
    ),
    "ja-JP": Speech(
        "日本語",
        "Polly.Mizuki",
        "メッセージはありませんでした。失礼いたします。",
        "ありがとうございます。メッセージをお預かりしました。失礼いたします。",
        "おかけになったお電話はおつなぎできません。失礼いたします。",
        "この通話は録音されています。",
    ),
    "cmn-CN": Speech(
        "普通话",
        "Polly.Zhiyu",
        "没有收到留言。再见。",
        "谢谢。您的留言已录下。再见。",
        "您的来电无法接听。再见。",
        "本次通话正在录音。",
    ),
    "ko-KR": Speech(
        "한국어",
        "Polly.Seoyeon",
        "남겨진 메시지가 없습니다. 안녕히 계세요.",
        "감사합니다. 메시지가 녹음되었습니다. 안녕히 계세요.",
        "고객님의 전화를 받을 수 없습니다. 안녕히 계세요.",
        "이 통화는 녹음되고 있습니다.",
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


def speak_recorded(response: VoiceResponse, language: str) -> None:
    """Appends that the call is recorded."""
    speak(response, get_recorded(language), language)


def get_recorded(language: str) -> str:
    """What is said to the parties of a call that is recorded."""
    return SPEECHES[find_language(language)].recorded


def find_language_of(language: str, country: str = "") -> str:
    """Which of these somebody is spoken to in whose language is `language` (`fr`), as it is spoken in
    `country` (`CA`) if that is one of them; "" for none of them.
    """
    if (at_home := f"{language}-{country}") in SPEECHES:
        return at_home
    if DEFAULT_LANGUAGE.partition("-")[0] == language:
        return DEFAULT_LANGUAGE
    return next((code for code in SPEECHES if code.partition("-")[0] == language), "")


def find_language_of_person(person: User) -> str:
    """Which of these one of ours is spoken to in, and whoever they call."""
    return find_language_of(choose_language(person), person.home_country) or DEFAULT_LANGUAGE


def get_language(call: Call) -> str:
    """Which of these is spoken to whoever is at the other end of `call`: that of the number that they have
    called (see SPOKEN), or of the person of ours who calls them.
    """
    if call.direction == Call.Direction.OUTGOING and call.user is not None:
        return find_language_of_person(call.user)
    return find_language(call.cause_facts.get(SPOKEN, ""))


def find_language(language: str) -> str:
    return language if language in SPEECHES else DEFAULT_LANGUAGE
