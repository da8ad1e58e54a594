"""What a contact is found by: name, company, e-mail addresses, numbers however they are written, the note."""

import re
from collections.abc import Iterable
from functools import cache

import phonenumbers
from django.db import models

from phone.contacts.contacts import SEARCHED_BYTES, ContactQuerySet
from phone.contacts.plain import cut_bytes, make_plain
from phone.dialling.plans import get_trunk_prefix, list_countries
from phone.dialling.writing import list_digits

QUERY_LENGTH = 100
MOST_WORDS = 6
# What people write between the groups of a number, and nothing else.
NUMBER = re.compile(r"\+?[\d\s().\-/]*\d[\d\s().\-/]*")
FEWEST_DIGITS = 2
CODES = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
# Mexico's and Argentina's mobile numbers are other ones at home.
IRREGULAR = ("52", "54")


def build_searched(
    *, name: str, company: str, emails: Iterable[str], numbers: Iterable[str], note: str
) -> str:
    """`numbers` in E.164. What is long comes last: it is cut."""
    digits = [some for number in numbers for some in find_digits(number)]
    parts = [name, company, *emails, *digits, note]
    return cut_bytes(" ".join(plain for part in parts if (plain := make_plain(part))), SEARCHED_BYTES)


def find_digits(number: str) -> list[str]:
    """As `list_digits`, by the country's prefix alone where that is all that differs.

    Twenty thousand contacts have many numbers.
    """
    digits = number.removeprefix("+")
    code = next((digits[:length] for length in (1, 2, 3) if int(digits[:length] or 0) in CODES), "")
    if not code or code in IRREGULAR:
        return list_digits(number)
    trunk = get_trunk(code)
    return [digits] if trunk in ("", code) else [digits, trunk + digits[len(code) :]]


@cache
def get_trunk(code: str) -> str:
    """What is dialled before a number in the first of the countries with this code."""
    countries = list_countries(code)
    return get_trunk_prefix(countries[0]) if countries else ""


def tidy(query: str) -> str:
    """What was typed into the search, as it can be looked for and shown again."""
    printable = "".join(letter if letter.isprintable() else " " for letter in query)
    return " ".join(printable.split())[:QUERY_LENGTH]


def search(contacts: ContactQuerySet, query: str) -> ContactQuerySet:
    """Those of `contacts` that `query`, tidied, finds."""
    for piece in list_pieces(query):
        found = models.Q()
        for written in piece:
            found |= models.Q(searched__contains=written)
        contacts = contacts.filter(found)
    return contacts


def list_pieces(query: str) -> list[tuple[str, ...]]:
    """What has to stand in the text that is searched: each of these, in one of its writings."""
    plain = make_plain(query)
    # A zero in brackets is dialled at home alone.
    digits = re.sub(r"\D", "", plain.replace("(0)", ""))
    if NUMBER.fullmatch(plain) and len(digits) >= FEWEST_DIGITS:
        # Without what is dialled to leave a country; as it is typed, too, for a number within a note.
        called = re.sub("^(00|011)(?=.)", "", digits)
        return [(called,) if plain in (digits, called) else (called, plain)]
    return [(word,) for word in plain.split()[:MOST_WORDS]]
