"""What a call is found by: names, numbers however they are written, the note.

`searched` is one text; a search is a piece of it. Digits are looked for among the number's digits as it is
written abroad and at home, so that "202 555", "(020) 7946" and "+44 20" each find what they look like.
"""

import re
import unicodedata

from django.db import models

from phone.calls.withheld import WITHHELD, WITHHELD_NAME
from phone.dialling.writing import list_digits
from phone.recents.recent_call import SEARCHED_LENGTH, RecentCallQuerySet

QUERY_LENGTH = 100
MOST_WORDS = 6
# What people write between the groups of a number, and nothing else.
NUMBER = re.compile(r"\+?[\d\s().\-/]*\d[\d\s().\-/]*")
FEWEST_DIGITS = 2


def build_searched(*, name: str, email: str, address: str, our_number: str, note: str) -> str:
    parts = [name, email, *list_digits(address)]
    if not address.startswith(("+", "client:")):
        parts.append(address)
    parts += [our_number.removeprefix("+"), note]
    return make_plain("\n".join(part for part in parts if part))[:SEARCHED_LENGTH]


def make_plain(text: str) -> str:
    """Small letters, ordinary digits, nothing that cannot be seen or stored."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain.isascii() and plain.isprintable():
        return plain
    letters = (str(unicodedata.decimal(letter, letter)) for letter in plain)
    return "".join(letter if letter.isprintable() else " " for letter in letters)


def tidy(query: str) -> str:
    """What was typed into the search, as it can be looked for and shown again."""
    printable = "".join(letter if letter.isprintable() else " " for letter in query)
    return " ".join(printable.split())[:QUERY_LENGTH]


def search(calls: RecentCallQuerySet, query: str) -> RecentCallQuerySet:
    """Those of `calls` that `query`, tidied, finds."""
    plain = make_plain(query).strip()
    digits = re.sub(r"\D", "", plain)
    if NUMBER.fullmatch(plain) and len(digits) >= FEWEST_DIGITS:
        # Without what is dialled to leave a country; as it is typed, too, for a number within a note.
        called = re.sub("^(00|011)(?=.)", "", digits)
        found = models.Q(searched__contains=called)
        return calls.filter(
            found if plain in (digits, called) else found | models.Q(searched__contains=plain)
        )
    # Of callers without a number, the name is said in each person's language, and stands in no row.
    withheld = make_plain(str(WITHHELD_NAME))
    for word in plain.split()[:MOST_WORDS]:
        found = models.Q(searched__contains=word)
        calls = calls.filter(found | models.Q(address=WITHHELD) if word in withheld else found)
    return calls
