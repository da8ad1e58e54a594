"""A file that somebody has sent, as contacts: which kind it is, is told by what is in it. Pure."""

import re
from collections.abc import Iterator

from phone.contacts.exchange.csv_reading import EMPTY, read_csv
from phone.contacts.exchange.decoding import unify
from phone.contacts.exchange.entries import Entry, NotContacts
from phone.contacts.exchange.vcard_reading import read_vcards

EXPECTED = "Expected: a CSV file, as Google, Outlook and spreadsheets save it, or a vCard file (.vcf)."
SAVE_AS_CSV = "Open it there, and save it as CSV."
# What people send instead, by its first bytes.
OTHERS = (
    (b"PK\x03\x04", f"an Excel workbook, or another zipped file. {SAVE_AS_CSV}"),
    (b"\xd0\xcf\x11\xe0", f"an old Excel workbook, or another of Office's own files. {SAVE_AS_CSV}"),
    (b"!BDN", "Outlook's own data file. In Outlook, export the contacts as CSV."),
    (b"%PDF", "a PDF file."),
    (b"\x1f\x8b", "a compressed file. Unpack it first."),
    (b"\xff\xd8\xff", "a picture."),
    (b"\x89PNG", "a picture."),
    (b"GIF8", "a picture."),
    (b"SQLite format 3", "a database."),
    (b"{", "JSON."),
    (b"[{", "JSON."),
    (b"<", "a web page, or XML."),
)
VCARD = re.compile(rb"^[ \t]*BEGIN[ \t]*:[ \t]*VCARD", re.IGNORECASE | re.MULTILINE)
CALENDAR = re.compile(rb"^[ \t]*BEGIN[ \t]*:[ \t]*VCALENDAR", re.IGNORECASE | re.MULTILINE)
# So far into a file there may be something else before its first card.
HEAD = 100_000


def read_file(content: bytes, country: str) -> Iterator[Entry]:
    """Entry after entry, to somebody whose home is `country`. Raises NotContacts before the first one."""
    for start, what in OTHERS:
        if content.startswith(start):
            raise NotContacts(f"This is {what} {EXPECTED}")
    plain = unify(content)
    if not plain.strip():
        raise NotContacts(EMPTY)
    head = plain[:HEAD]
    if VCARD.search(head):
        yield from read_vcards(plain, country)
        return
    if plain.lstrip().startswith(b"<"):
        raise NotContacts(f"This is a web page, or XML. {EXPECTED}")
    if CALENDAR.search(head):
        raise NotContacts(f"This is a calendar. {EXPECTED}")
    if b"\0" in head:
        raise NotContacts(f"This is no text. {EXPECTED}")
    yield from read_csv(plain, country)
