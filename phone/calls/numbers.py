"""What somebody typed or pasted, as a number in E.164 (ITU-T E.164), or the sentence why it is none."""

import phonenumbers

# Reachable from any mobile phone or known everywhere; the library knows each country's own.
EMERGENCY_NUMBERS = frozenset({"000", "112", "911", "999"})
DEFAULT_COUNTRY = "US"
LONGEST = 60


class CannotDial(Exception):
    """`sentence` says to the caller, aloud, why a call is not made."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def normalise(typed: str, country: str) -> str:
    """`typed` in E.164; a national number is one of `country` (ISO 3166-1 alpha-2). Raises CannotDial."""
    if not typed:
        raise CannotDial("There is no number to call.")
    if typed.lower().startswith(("sip:", "sips:")):
        raise CannotDial("This phone does not call sip addresses.")
    if is_emergency(typed, country):
        raise CannotDial("This phone cannot make emergency calls. Please use another phone.")
    try:
        number = phonenumbers.parse(typed[:LONGEST], country)
    except phonenumbers.NumberParseException as error:
        raise CannotDial(f"{say(typed)} is neither a colleague nor a phone number.") from error
    if not phonenumbers.is_possible_number(number):
        raise CannotDial("This is not a phone number that can be called. Please check it.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def is_emergency(typed: str, country: str) -> bool:
    digits = phonenumbers.normalize_digits_only(typed)
    return digits in EMERGENCY_NUMBERS or bool(phonenumbers.is_emergency_number(digits, country))


def get_country(e164: str) -> str:
    """The country that a number in E.164 belongs to; the United States where that cannot be told."""
    try:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        country = None
    return country or DEFAULT_COUNTRY


def say(typed: str) -> str:
    """`typed` as it may be spoken: short, and without what XML 1.0 cannot carry."""
    spoken = "".join(letter for letter in typed if letter.isprintable())
    return spoken[:LONGEST]
