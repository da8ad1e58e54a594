"""What is wrong with a value that is no credential: recognisable to the person, useless to anybody else.

All of it stands behind "The field holds …", which in other languages asks for a case.
Of a secret, only where a wrong character stands and of which kind it is; never the character.
"""

import re
import unicodedata

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from accounts.translated import Words
from accounts.twilio.pasted import QUOTES

# What stands for a hidden value: Twilio's console masks an Auth Token until it is shown.
MASKS = "•●∙⋅·◦○⬤⚫*＊✱∗․…‥"  # noqa: RUF001
MASKED = _("dots in place of a value, as Twilio's console shows one while it is hidden")
NAMED = re.compile(
    r"[^=:]*(?:sid|token|secret|key|account|auth|twilio)\w*[\"'\s]*[=:]+[\s\"']*(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
WHOLE = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}(?![0-9a-fA-F])|(?<![0-9A-Za-z])[0-9a-fA-F]{32}(?![0-9A-Za-z])")
TWINS = {"O": "0", "o": "0", "l": "1", "I": "1", "i": "1"}
MOST_PLACES = 3
# By the last digit.
OTHER_ORDINAL = pgettext_lazy("ordinal", "{number}th")
ORDINALS = (
    OTHER_ORDINAL,
    pgettext_lazy("ordinal", "{number}st"),
    pgettext_lazy("ordinal", "{number}nd"),
    pgettext_lazy("ordinal", "{number}rd"),
    *(OTHER_ORDINAL,) * 6,
)


def is_masked(value: str) -> bool:
    """Whether a part of `value` is hidden behind dots or stars."""
    return any(mask * 3 in value for mask in MASKS) or bool(value) and all(one in MASKS for one in value)


def describe_stray(value: str, *, is_opaque: bool = False) -> Words:
    """What in `value` cannot be part of a credential; "" if all can. Opaque: any printable ASCII can."""
    if is_masked(value) and not (is_opaque and value.isascii() and not set(value) <= set(MASKS)):
        return MASKED
    if not is_opaque and (line := describe_line(value)):
        return line
    for place, character in enumerate(value, 1):
        if kind := describe_kind(character, is_opaque=is_opaque):
            return format_lazy(_("{kind} in the {ordinal} place"), kind=kind, ordinal=count(place))
    return ""


def describe_line(value: str) -> Words:
    """A line with more than a value in it; "" for any other."""
    if len(WHOLE.findall(value)) > 1:
        if re.search("[0-9a-fA-F]{32}:", value):
            return _("two values at once, with a colon between them")
        return _("two values at once, with a space, a line end or a name between them")
    named = NAMED.fullmatch(value)
    if named is None:
        return ""
    rest = count_characters(named["rest"])
    return format_lazy(
        _("a name with a colon or “=” behind it, as in a settings file, and then {rest}"), rest=rest
    )


def describe_kind(character: str, *, is_opaque: bool) -> Words:
    if character.isspace():
        return _("a space or line end")
    if not is_opaque and character in QUOTES:
        return _("a quotation mark")
    if not "!" <= character <= "~":
        return describe_foreign(character)
    if not is_opaque and character in ":\\":
        return _("a colon") if character == ":" else _("a backslash")
    return ""


def describe_foreign(character: str) -> Words:
    category = unicodedata.category(character)
    if category == "Pd":
        return _("a dash that is not plain ASCII")
    if character in QUOTES:
        return _("a quotation mark that is not plain ASCII")
    if category[0] == "L":
        return _("a letter that is not plain ASCII")
    if category[0] == "N":
        return _("a digit that is not plain ASCII")
    return _("a character that is not plain ASCII")


def describe_places(value: str, length: Words, *, begins_at: int, is_secret: bool) -> Words:
    """Where `value`, which has the right length, has what is no hexadecimal digit; "" if nowhere.

    "32 characters, but in the 3rd place the letter O (perhaps the digit 0), where only …": `length` is the
    number of characters in words. Places count from 1; the first `begins_at` characters are not looked at.
    """
    wrong = [
        (place, character)
        for place, character in enumerate(value, 1)
        if place > begins_at and character not in "0123456789abcdefABCDEF"
    ]
    if not wrong:
        return ""
    places = format_lazy(
        ", ".join(f"{{{number}}}" for number in range(min(len(wrong), MOST_PLACES))),
        *(describe_place(place, one, is_secret=is_secret) for place, one in wrong[:MOST_PLACES]),
    )
    facts = {"characters": length, "places": places, "more": len(wrong) - MOST_PLACES}
    if len(wrong) > MOST_PLACES:
        return format_lazy(
            _("{characters}, but {places}, and {more} more, where only 0-9 and a-f can stand"), **facts
        )
    return format_lazy(_("{characters}, but {places}, where only 0-9 and a-f can stand"), **facts)


def describe_place(place: int, character: str, *, is_secret: bool) -> Words:
    """One place, without the character that stands there where that may be a secret's."""
    ordinal = count(place)
    if is_secret and character.isalpha():
        return format_lazy(_("in the {ordinal} place a letter"), ordinal=ordinal)
    if is_secret:
        return format_lazy(_("in the {ordinal} place a character"), ordinal=ordinal)
    facts = {"ordinal": ordinal, "character": character, "digit": TWINS.get(character, "")}
    if character in TWINS:
        return format_lazy(
            _("in the {ordinal} place the letter {character} (perhaps the digit {digit})"), **facts
        )
    if character.isalpha():
        return format_lazy(_("in the {ordinal} place the letter {character}"), **facts)
    return format_lazy(_("in the {ordinal} place the character {character}"), **facts)


def count_characters(value: str) -> Words:
    number = len(value)
    return format_lazy(ngettext_lazy("{number} character", "{number} characters", number), number=number)


def count(number: int) -> Words:
    """An ordinal: 1st, 2nd, 13th."""
    is_teen = number % 100 in (11, 12, 13)
    return format_lazy(ORDINALS[0 if is_teen else number % 10], number=number)
