"""A vCard file as entries: vobject reads each card, made one of version 3.0 by `vcard_lines.py`. Pure."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import vobject
from vobject.base import VObjectError

from phone.contacts.exchange.decoding import choose_page
from phone.contacts.exchange.drafts import Draft, tidy
from phone.contacts.exchange.entries import Entry
from phone.contacts.exchange.kinds import find_kind
from phone.contacts.exchange.vcard_lines import Card, read_cards

# What becomes a line of the note, and what it is called there.
NOTED = {
    "title": "Title",
    "role": "Role",
    "url": "Website",
    "bday": "Birthday",
    "impp": "Chat",
    "adr": "Address",
}
READ = frozenset(
    {"N", "FN", "ORG", "TEL", "EMAIL", "NOTE", "NICKNAME", "CATEGORIES", "KIND", "X-ABLABEL"}
    | {"X-ADDRESSBOOKSERVER-KIND"}
    | {name.upper() for name in NOTED}
)
STARRED = "starred"
# RFC 3966: a number and what belongs to it, as 4.0 writes both.
TEL_URI = re.compile(r"tel:", re.IGNORECASE)
GROUPED = "This is a list of other contacts, which the phone has no use for."
NAMELESS = "There is no name, number or e-mail address in it, one of which a contact needs."
UNREADABLE = "It cannot be read as a card: its lines should each be a name, a colon and a value."


def read_vcards(content: bytes, country: str) -> Iterator[Entry]:
    page = choose_page(content, country)
    for card in read_cards(content, page):
        yield read_entry(card)


def read_entry(card: Card) -> Entry:
    if card.problem and not card.lines:
        return Entry(card.line, None, problem=card.problem)
    text = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *filter(is_read, card.lines), "END:VCARD", ""])
    try:
        found = vobject.readOne(text)
    except VObjectError:
        return Entry(card.line, None, problem=UNREADABLE)
    draft = make_draft(found.contents)
    if get_first(found.contents, "kind", "x-addressbookserver-kind").casefold() == "group":
        return Entry(card.line, None, draft.name, GROUPED)
    built = draft.build()
    if built is None:
        return Entry(card.line, None, problem=NAMELESS)
    return Entry(card.line, built, built.name, card.problem)


def is_read(line: str) -> bool:
    head = line.partition(":")[0].partition(";")[0]
    return head.rpartition(".")[2] in READ


def make_draft(contents: dict[str, list[Any]]) -> Draft:
    draft = Draft(formatted=get_first(contents, "fn"), nickname=get_first(contents, "nickname"))
    if "n" in contents:
        take_name(draft, contents["n"][0].value)
    if "org" in contents:
        parts = [join(part) for part in contents["org"][0].value]
        draft.company = parts[0]
        draft.add_note(", ".join(filter(None, parts[1:])), "Department")
    labels = {one.group: one.value for one in contents.get("x-ablabel", ()) if one.group}
    for line in sorted(contents.get("tel", ()), key=get_preference):
        add_number(draft, line, labels.get(line.group, ""))
    for line in sorted(contents.get("email", ()), key=get_preference):
        draft.add_email(re.sub(r"\s", "", re.sub(r"^mailto:", "", line.value, flags=re.IGNORECASE)))
    for line in contents.get("note", ()):
        draft.add_note(line.value)
    for name, label in NOTED.items():
        for line in contents.get(name, ()):
            draft.add_note(describe_address(line.value) if name == "adr" else line.value, label)
    groups = (name for one in contents.get("categories", ()) for name in list_values(one.value))
    draft.is_favourite = STARRED in map(tidy, groups)
    return draft


def get_first(contents: dict[str, list[Any]], *names: str) -> str:
    return next((one.value for name in names for one in contents.get(name, ()) if one.value.strip()), "")


def take_name(draft: Draft, name: Any) -> None:
    draft.prefix, draft.given, draft.middle, draft.family, draft.suffix = (
        join(part) for part in (name.prefix, name.given, name.additional, name.family, name.suffix)
    )


def join(part: str | list[str]) -> str:
    return part if isinstance(part, str) else ", ".join(part)


def list_values(value: str | list[str]) -> list[str]:
    return value.split(",") if isinstance(value, str) else value


def get_preference(line: Any) -> int:
    """4.0 counts from 1, the most wanted, to 100; the others only say which one is preferred."""
    stated = line.params.get("PREF", [""])[0]
    if stated.isascii() and stated.isdigit() and len(stated) < 4:
        return int(stated)
    return 1 if "PREF" in map(str.upper, line.params.get("TYPE", ())) else 101


def add_number(draft: Draft, line: Any, label: str) -> None:
    value = line.value.strip()
    if TEL_URI.match(value):
        value = read_uri(value)
    types = line.params.get("TYPE", [])
    draft.add_number(value, find_kind([label, *types]))


def read_uri(uri: str) -> str:
    """`tel:+49-30-1;ext=12` as people write it."""
    number, *parameters = unquote(TEL_URI.sub("", uri, count=1)).split(";")
    given = dict(one.partition("=")[::2] for one in parameters)
    context, extension = given.get("phone-context", ""), given.get("ext", "")
    number = f"{context}{number}" if context.startswith("+") else number
    return f"{number} ext. {extension}" if extension else number


def describe_address(address: Any) -> str:
    place = (address.code, address.city, address.region, address.country)
    parts = (address.box, address.extended, address.street, *place)
    return ", ".join(filter(None, (tidy(join(part)) for part in parts)))
