"""What may be a person's name: nothing that is read as a number, as nothing, or as somebody else."""

import re
import unicodedata
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.look_alikes import are_twins, replace_look_alikes, strip_unseen

# Digits enough for a number to dial, wherever in a name they stand.
DIALLED_DIGITS = 5
NUMBER_AT_START = re.compile(r"[+(\[*#]*(?:\d[^\w]*){3}")
EMERGENCY = re.compile(r"(?<!\d)(?:000|110|112|119|911|999)(?!\d)")
# A word of these letters alone is a number only if it is one that calls for help: OOO, but not Lol or Il.
WORD = re.compile(r"[\w|]+")
TURNED_AROUND = re.compile("[\u202a-\u202e\u2066-\u2069]")


def check_name(name: str) -> None:
    """Raises ValidationError for what is nobody's name, whoever else there is. No name at all may be."""
    if not name:
        return
    seen = strip_unseen(name)
    if not any(unicodedata.category(letter)[0] in "LNS" for letter in seen):
        raise ValidationError(_("This name cannot be seen. Please choose another, or none."))
    if TURNED_AROUND.search(name):
        raise ValidationError(_("This name holds characters that turn text around. Please leave them out."))
    if looks_like_number(seen):
        raise ValidationError(_("This name looks like a phone number. Please choose another."))


def looks_like_number(name: str) -> bool:
    """Whether `name` might be dialled, or mistaken for what is: 911, +44 20…, 1-800-FLOWERS, Bob 5550170."""
    digits = to_ascii_digits(name)
    if sum(map(str.isdigit, digits)) >= DIALLED_DIGITS:
        return True
    looking = WORD.sub(lambda found: read_look_alikes(found[0]), digits)
    if NUMBER_AT_START.match(looking) or EMERGENCY.search(looking):
        return True
    has_digit = any(letter.isdigit() for letter in digits)
    all_look_alike = "".join(read_look_alike(letter) for letter in digits)
    return has_digit and not any(letter.isalpha() for letter in all_look_alike)


def read_look_alikes(word: str) -> str:
    """`word` in digits where each of its letters looks like one: O800, 9ІІ."""
    read = "".join(read_look_alike(letter) for letter in word)
    is_number = read.isdigit() and (any(map(str.isdigit, word)) or EMERGENCY.fullmatch(read))
    return read if is_number else word


def read_look_alike(letter: str) -> str:
    """The digit that `letter` of whichever script looks like to Unicode, or a Q like a 0; else `letter`."""
    prototype = "0" if letter == "Q" else replace_look_alikes(letter)
    return prototype if prototype.isdigit() else letter


def to_ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(one, one)) if one.isdigit() else one for one in text)


def check_twins(name: str, others: Iterable[str]) -> None:
    """Raises ValidationError where `name` cannot be told from one of `others`."""
    if name and any(are_twins(name, other) for other in others):
        raise ValidationError(_("A colleague is called like this, or nearly so. Please choose another name."))


def is_name(name: str) -> bool:
    """Whether calls may be led by `name`: one from before these rules, or from elsewhere, may break them."""
    try:
        check_name(name)
    except ValidationError:
        return False
    return bool(name)
