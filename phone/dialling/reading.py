"""What somebody typed or pasted: a number that can be called, or why it is none. Whole, or not at all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from phone.dialling.emergency import is_emergency
from phone.dialling.faults import Fault, explain
from phone.dialling.grammar import (
    STRONG_SEPARATOR,
    Chunk,
    find_first_chunk,
    list_vanity_readings,
    read_digits,
    split_extension,
    strip_end_of_dialling,
)
from phone.dialling.numbering import Digits, find_number, format_e164
from phone.dialling.plain import Plain, make_plain
from phone.dialling.plans import get_country_of

# What the field and the webhook take.
LONGEST_TYPED = 200
# Numbers whose letters are words wherever they are; others are only where the letters are capitals.
WORDED = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.UAN,
    }
)
# So many digits among words are meant as a number, and a wrong one is explained as such.
DIGITS_OF_A_NUMBER = 7
# So many letters among them are slips; more are a word, or somebody's identity.
FEW_LETTERS = 3
# https://www.twilio.com/docs/voice/twiml/number#attributes-sendDigits: a "w" waits half a second.
PAUSE = "wwww"


@dataclass(frozen=True)
class Reading:
    """A number in E.164 and what is dialled `after` the answer (digits, `*`, `#`, a `,` for each pause).

    Without a number `fault` says why; `is_words` where the text may be somebody's name.
    """

    number: str = ""
    after: str = ""
    country: str = ""
    fault: Fault | None = None
    is_words: bool = False


def build_send_digits(after: str) -> str:
    """`after` as Twilio's sendDigits takes it; a pause is two seconds."""
    return after.replace(",", PAUSE)


def read(typed: str, *, home: str, countries: Iterable[str] = ()) -> Reading:
    """What `typed` means to somebody in `home`; nobody calls for help in `countries` either."""
    if re.match(r"\s*sips?:", typed, re.IGNORECASE):
        return refuse("sip")
    if len(typed) > LONGEST_TYPED:
        return refuse("no_number", is_words=True)
    plain = make_plain(typed)
    plain = place_in_context(plain)
    text = plain.text.strip()
    if not text:
        return refuse("nothing")
    if re.match(r"[*#]+ *\d", text):
        return refuse_code(text, home, countries)
    if "@" in text or "://" in text:
        return refuse("no_number", is_words=True)
    chunk = find_first_chunk(text)
    if chunk is None:
        return refuse("no_number", is_words=True)
    return read_chunk(chunk, plain, home, frozenset(countries))


def place_in_context(plain: Plain) -> Plain:
    """A local number behind its context: RFC 3966, section 5.1.5. A domain says nothing to us."""
    context = plain.parameters.get("phone-context", "")
    if context.startswith("+") and not plain.text.startswith("+"):
        return Plain(context + plain.text, plain.parameters)
    return plain


def refuse_code(text: str, home: str, countries: Iterable[str]) -> Reading:
    digits = "".join(re.findall(r"\d", text))
    is_help = is_emergency(digits, has_plus=False, home=home, countries=countries)
    return refuse("emergency" if is_help else "service_code")


def read_chunk(chunk: Chunk, plain: Plain, home: str, countries: frozenset[str]) -> Reading:
    digits = read_digits(chunk.written)
    after, whole = split_extension(chunk)
    whole = strip_end_of_dialling(whole)
    is_words = has_letter(whole.before + whole.behind)
    has_more_digits = bool(re.search(r"\d", whole.behind))
    is_glued = chunk.is_glued_to_a_word if not after else whole.is_glued_to_a_word
    if is_help(digits, chunk, home, countries) and not is_glued:
        return refuse("emergency")
    if not after and has_letter(chunk.behind):
        vanity = read_vanity(chunk, home)
        if vanity is not None:
            return vanity
    if is_glued:
        is_meant = len(re.findall(r"\d", chunk.text)) >= DIGITS_OF_A_NUMBER and is_mostly_digits(chunk.text)
        return refuse("letters_in_number" if is_meant else "no_number", is_words=True)
    if has_more_digits:
        return refuse("two_numbers", is_words=is_words)
    if is_two_numbers(chunk, after, home):
        return refuse("two_numbers", is_words=is_words)
    number = find_number(digits, home)
    if number is None:
        fault = explain(digits, home)
        if is_words and len(digits.all) < DIGITS_OF_A_NUMBER:
            fault = Fault("no_number")
        return Reading(fault=fault, is_words=is_words)
    after = after or read_after(plain.parameters)
    if not re.fullmatch(r"[\d*#,]*", after):
        return refuse("extension")
    return Reading(format_e164(number), after, get_country_of(number))


def is_help(digits: Digits, chunk: Chunk, home: str, countries: frozenset[str]) -> bool:
    everything = "" if has_letter(chunk.text) else "".join(re.findall(r"\d", chunk.text))
    return any(
        is_emergency(one, has_plus=digits.has_plus, home=home, countries=countries)
        for one in dict.fromkeys((digits.all, digits.without_bracketed_zero, everything))
    )


def read_vanity(chunk: Chunk, home: str) -> Reading | None:
    """The number that digits and letters make together; None where they make none."""
    if find_number(read_digits(chunk.written), home) is not None:
        return None
    for written, whole in list_vanity_readings(chunk):
        number = find_number(read_digits(written), home)
        letters = re.sub(r"[^A-Za-z]", "", chunk.text[chunk.end : whole.end])
        is_meant = number is not None and (letters.isupper() or is_worded(number))
        after, whole = split_extension(whole)
        if number is not None and is_meant and not re.search(r"\d", whole.behind):
            return Reading(format_e164(number), after, get_country_of(number))
    return None


def is_worded(number: PhoneNumber) -> bool:
    return phonenumbers.number_type(number) in WORDED


def is_two_numbers(chunk: Chunk, after: str, home: str) -> bool:
    """Whether a number stands before a slash, or behind a comma that then is no pause."""
    for found in STRONG_SEPARATOR.finditer(chunk.written):
        if find_number(read_digits(chunk.written[: found.start()]), home) is not None:
            return True
    behind = re.fullmatch(r",(\d{7,})", after)
    return behind is not None and find_number(read_digits(behind[1]), home) is not None


def read_after(parameters: dict[str, str]) -> str:
    """What a link says is dialled after the answer: `ext` of RFC 3966, `postd` of RFC 2806."""
    extension = re.sub(r"[-.() ]", "", parameters.get("ext", ""))
    dialled = re.sub(r"[pPwW]", ",", re.sub(r"[-.() ]", "", parameters.get("postd", "")))
    return (f",{extension}" if extension else "") + (f",{dialled}".replace(",,", ",") if dialled else "")


def is_mostly_digits(text: str) -> bool:
    return sum(map(str.isalpha, text)) <= FEW_LETTERS


def has_letter(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def refuse(reason: str, *, is_words: bool = False) -> Reading:
    return Reading(fault=Fault(reason), is_words=is_words)
