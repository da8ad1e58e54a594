"""Contacts as files: one vCard each, or one line each in Google's columns. Pure.

Both are read again by `reading.py` as what they were.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import vobject
from vobject.vcard import Name

from accounts.streamed_files import BYTE_ORDER_MARK, FORMULA_STARTS, Line
from phone.contacts.card import CardNumber, ContactCard, Kind
from phone.contacts.exchange.csv_reading import SHARED_LABEL
from phone.contacts.exchange.vcard_reading import STARRED

LABELS = {
    Kind.MOBILE: "Mobile",
    Kind.WORK: "Work",
    Kind.HOME: "Home",
    Kind.MAIN: "Main",
    Kind.FAX: "Work Fax",
    Kind.OTHER: "Other",
}
TYPES = {
    Kind.MOBILE: ["CELL"],
    Kind.WORK: ["WORK", "VOICE"],
    Kind.HOME: ["HOME", "VOICE"],
    Kind.MAIN: ["MAIN"],
    Kind.FAX: ["FAX"],
    Kind.OTHER: ["VOICE"],
}
# Google's own mark between several values of one kind; its spelling of the groups that everybody has.
BETWEEN = " ::: "
MINE, STARRED_LABEL = "* myContacts", "* starred"
TITLES = (
    "First Name",
    "Organization Name",
    "Notes",
    "Labels",
    "E-mail 1 - Label",
    "E-mail 1 - Value",
    *(f"Phone {number} - {part}" for number in range(1, len(Kind) + 1) for part in ("Label", "Value")),
)
# Where an apostrophe is taken for one that was put there against formulas.
APOSTROPHES = re.compile(r"'*")


@dataclass(frozen=True)
class Exported:
    card: ContactCard
    is_shared: bool = False


def write_csv(contacts: Iterable[Exported]) -> Iterator[str]:
    """A byte order mark and the titles first, then a line for each; as the admin's files are written."""
    yield BYTE_ORDER_MARK + format_line(TITLES)
    for one in contacts:
        yield format_line(list_cells(one))


def list_cells(one: Exported) -> list[str]:
    card = one.card
    groups = [MINE, *[STARRED_LABEL] * card.is_favourite, *[SHARED_LABEL] * one.is_shared]
    cells = [card.name, card.company, card.note, BETWEEN.join(groups), "", BETWEEN.join(card.emails)]
    by_kind: dict[Kind, list[str]] = {}
    for number in card.numbers:
        by_kind.setdefault(number.kind, []).append(number.typed)
    for kind, numbers in by_kind.items():
        cells += [LABELS[kind], BETWEEN.join(numbers)]
    return cells + [""] * (len(TITLES) - len(cells))


def format_line(cells: Iterable[str]) -> str:
    return csv.writer(Line()).writerow([guard(cell) for cell in cells])


def guard(cell: str) -> str:
    """A cell that no spreadsheet runs. One that begins with apostrophes gets another, to be told apart."""
    inner = APOSTROPHES.sub("", cell, count=1)
    return f"'{cell}" if inner.startswith(FORMULA_STARTS) else cell


def write_vcards(contacts: Iterable[Exported]) -> Iterator[str]:
    """Version 3.0, the newest that phones, Google, Apple and Outlook all read."""
    for one in contacts:
        yield write_vcard(one)


def write_vcard(one: Exported) -> str:
    card = one.card
    written: Any = vobject.vCard()
    written.add("fn").value = card.name
    written.add("n").value = split_name(card)
    if card.company:
        written.add("org").value = [card.company]
    for number in card.numbers:
        add_number(written, number)
    for email in card.emails:
        line = written.add("email")
        line.value, line.type_paramlist = email, ["INTERNET"]
    if card.note:
        written.add("note").value = card.note
    groups = [*[STARRED] * card.is_favourite, *[SHARED_LABEL] * one.is_shared]
    if groups:
        written.add("categories").value = groups
    text: str = written.serialize()
    return text


def split_name(card: ContactCard) -> Name:
    """Address books sort by the family's name, which the last word is taken for; a company has none."""
    given, _, family = card.name.rpartition(" ")
    if card.name == card.company or not given:
        return Name(given=card.name)
    return Name(family=family, given=given)


def add_number(written: Any, number: CardNumber) -> None:
    line = written.add("tel")
    line.value, line.type_paramlist = number.typed, TYPES[number.kind]
