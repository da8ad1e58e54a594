"""Reading an e-mail address as it was typed, and saying what is wrong with one."""

import unicodedata

from allauth.account.fields import EmailField
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _

# Blank to the eye, though Unicode counts them among letters, symbols and marks.
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(n) for n in range(0xFE00, 0xFE10)
}
NO_ADDRESS = _("“{address}” is no e-mail address. An address looks like name@example.com.")
NO_AT = _("There is no @ in “{address}”. An address looks like name@example.com.")
MORE_ATS = _("There is more than one @ in “{address}”. An address looks like name@example.com.")
NOTHING_BEFORE = _("There is nothing before the @ in “{address}”. An address looks like name@example.com.")
NOTHING_AFTER = _("There is nothing after the @ in “{address}”. An address looks like name@example.com.")
INVISIBLE_FIRST = _("There is an invisible character at its beginning: {name}. Delete it.")
INVISIBLE = _("There is an invisible character after “{before}”: {name}. Delete it.")
FOREIGN = _(
    "“{character}” cannot stand before the @: only a–z, digits and signs such as . _ + - can. Type the "
    "address as your mail provider writes it."
)
LOOK_ALIKE = _(
    "“{character}” ({name}) cannot stand before the @: only a–z, digits and signs such as . _ + - can. Type "
    "the address as your mail provider writes it."
)


def read_address(typed: str) -> str:
    """Drops spaces and invisible characters around it. A domain in other letters becomes ASCII (IDNA).

    So it is one account, whichever browser it was typed in: some turn the domain to ASCII themselves.
    """
    address = strip_invisible(unicodedata.normalize("NFC", typed))
    name, at, domain = address.rpartition("@")
    if not at or domain.isascii() or any(map(is_invisible, domain)):
        return address
    try:
        return f"{name}@{punycode(domain)}"
    except UnicodeError:
        return address


def validate_address(address: str) -> None:
    """Raises ValidationError that names what was seen and what was expected."""
    fault = find_fault(address)
    if fault:
        raise ValidationError(fault, code="invalid")
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError(NO_ADDRESS.format(address=address), code="invalid") from error


def find_fault(address: str) -> str:
    """A sentence about the first thing that cannot be in an address; empty where nothing stands out."""
    name, at, domain = address.rpartition("@")
    for place, character in enumerate(address):
        if is_invisible(character):
            sentence = INVISIBLE if place else INVISIBLE_FIRST
            return sentence.format(before=address[:place], name=describe(character))
    if not at:
        return NO_AT.format(address=address)
    if "@" in name and not name.startswith('"'):
        return MORE_ATS.format(address=address)
    if not name:
        return NOTHING_BEFORE.format(address=address)
    if not domain:
        return NOTHING_AFTER.format(address=address)
    for character in name:
        if not character.isascii():
            sentence = FOREIGN if is_latin(character) else LOOK_ALIKE
            return sentence.format(character=character, name=describe(character))
    return ""


def strip_invisible(text: str) -> str:
    begin, end = 0, len(text)
    while begin < end and is_invisible(text[begin]):
        begin += 1
    while end > begin and is_invisible(text[end - 1]):
        end -= 1
    return text[begin:end]


def is_invisible(character: str) -> bool:
    """Spaces of every kind, control and format characters, and what else shows nothing."""
    return unicodedata.category(character) in ("Cc", "Cf", "Zs", "Zl", "Zp") or character in BLANKS


def is_latin(character: str) -> bool:
    """Whether it is no letter of another script, which may look like one of ours."""
    return unicodedata.name(character, "").startswith("LATIN")


def describe(character: str) -> str:
    """ "ZERO WIDTH SPACE, U+200B": as Unicode names it, in every language."""
    name, code = unicodedata.name(character, ""), f"U+{ord(character):04X}"
    return f"{name}, {code}" if name else code


class AddressField(EmailField):
    """An e-mail address without what surrounds it unseen, its domain as the network writes it."""

    default_validators = (validate_address,)

    def to_python(self, value: str | None) -> str:
        return read_address(super().to_python(value))
