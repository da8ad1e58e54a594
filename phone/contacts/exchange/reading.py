"""A file that somebody has sent, as contacts: which kind it is, is told by what is in it. Pure."""

import re
from collections.abc import Iterator

from phone.contacts.exchange.csv_reading import EMPTY, read_csv
from phone.contacts.exchange.decoding import unify
from phone.contacts.exchange.entries import Entry, NotContacts
from phone.contacts.exchange.problems import build_problem
from phone.contacts.exchange.vcard_reading import read_vcards

# What people send instead, by its first bytes, and what `problems.py` calls it.
OTHERS = (
    (b"PK\x03\x04", "workbook"),
    (b"\xd0\xcf\x11\xe0", "old_workbook"),
    (b"!BDN", "outlook"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "compressed"),
    (b"\xff\xd8\xff", "picture"),
    (b"\x89PNG", "picture"),
    (b"GIF8", "picture"),
    (b"SQLite format 3", "database"),
    (b"{", "json"),
    (b"[{", "json"),
    (b"<", "markup"),
)
VCARD = re.compile(rb"^[ \t]*BEGIN[ \t]*:[ \t]*VCARD", re.IGNORECASE | re.MULTILINE)
CALENDAR = re.compile(rb"^[ \t]*BEGIN[ \t]*:[ \t]*VCALENDAR", re.IGNORECASE | re.MULTILINE)
# So far into a file there may be something else before its first card.
HEAD = 100_000


def read_file(content: bytes, country: str) -> Iterator[Entry]:
    """Entry after entry, to somebody whose home is `country`. Raises NotContacts before the first one."""
    for start, what in OTHERS:
        if content.startswith(start):
            raise NotContacts(build_problem(what))
    plain = unify(content)
    if not plain.strip():
        raise NotContacts(EMPTY)
    head = plain[:HEAD]
    if VCARD.search(head):
        yield from read_vcards(plain, country)
        return
    if plain.lstrip().startswith(b"<"):
        raise NotContacts(build_problem("markup"))
    if CALENDAR.search(head):
        raise NotContacts(build_problem("calendar"))
    if b"\0" in head:
        raise NotContacts(build_problem("no_text"))
    yield from read_csv(plain, country)
