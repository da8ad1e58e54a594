"""A vCard file as entries. Pure.

`vcard_lines.py` makes every line one of version 3.0; vobject's own functions read it and its value. Not its
components: it makes an object with a behaviour of each line, which takes seven times as long, and half of an
import's time.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from vobject.base import VObjectError, parseLine
from vobject.icalendar import stringToTextValues
from vobject.vcard import ADDRESS_ORDER, NAME_ORDER, splitFields

from phone.contacts.exchange.csv_reading import SHARED_LABEL
from phone.contacts.exchange.decoding import choose_page
from phone.contacts.exchange.drafts import Draft, tidy
from phone.contacts.exchange.entries import Entry
from phone.contacts.exchange.kinds import find_kind
from phone.contacts.exchange.problems import build_problem
from phone.contacts.exchange.vcard_lines import LISTS, STRUCTURED, Card, read_cards

# What becomes a line of the note, and what it is called there.
NOTED = {
    "TITLE": gettext_lazy("Title"),
    "ROLE": gettext_lazy("Role"),
    "URL": gettext_lazy("Website"),
    "BDAY": gettext_lazy("Birthday"),
    "IMPP": gettext_lazy("Chat"),
}
READ = frozenset(
    {"N", "FN", "ORG", "TEL", "EMAIL", "NOTE", "NICKNAME", "CATEGORIES", "ADR", "KIND", "X-ABLABEL"}
    | {"X-ADDRESSBOOKSERVER-KIND"}
    | NOTED.keys()
)
STARRED = "starred"
# Groups that say no more than the card does, as Google and our own export write them.
OF_NO_USE = frozenset({STARRED, "myContacts", SHARED_LABEL})
# RFC 3966: a number and what belongs to it, as 4.0 writes both.
TEL_URI = re.compile(r"tel:", re.IGNORECASE)
MAIL_URI = re.compile(r"mailto:", re.IGNORECASE)
GROUPED = build_problem("grouped")
NAMELESS = build_problem("nameless")
UNREADABLE = build_problem("unreadable")


@dataclass(frozen=True)
class Property:
    """A line of a card: its value, or the parts of it; its types in capitals."""

    parts: Sequence[str]
    group: str = ""
    types: frozenset[str] = frozenset()
    preference: str = ""

    @property
    def value(self) -> str:
        return self.parts[0]


Contents = dict[str, list[Property]]


def read_vcards(content: bytes, country: str) -> Iterator[Entry]:
    page = choose_page(content, country)
    for card in read_cards(content, page):
        yield read_entry(card)


def read_entry(card: Card) -> Entry:
    if card.problem and not card.lines:
        return Entry(card.line, None, problem=card.problem)
    try:
        contents = read_lines(card.lines)
    except VObjectError:
        return Entry(card.line, None, problem=UNREADABLE)
    draft = make_draft(contents)
    if get_first(contents, "KIND", "X-ADDRESSBOOKSERVER-KIND").casefold() == "group":
        return Entry(card.line, None, draft.name, GROUPED)
    built = draft.build()
    if built is None:
        return Entry(card.line, None, problem=NAMELESS)
    return Entry(card.line, built, built.name, card.problem)


def read_lines(lines: Sequence[str]) -> Contents:
    contents: Contents = {}
    for line in lines:
        head = line.partition(":")[0].partition(";")[0]
        name = head.rpartition(".")[2]
        if name in READ:
            contents.setdefault(name, []).append(read_property(name, line))
    return contents


def read_property(name: str, line: str) -> Property:
    """Raises VObjectError."""
    _, params, value, group = parseLine(line)
    types = frozenset(one.upper() for key, *values in params if key == "TYPE" for one in values)
    preference = next((values[0] for key, *values in params if key == "PREF" and values), "")
    if name in STRUCTURED:
        parts = [part if isinstance(part, str) else ", ".join(part) for part in splitFields(value)]
    else:
        # Letter by letter, which most values need not.
        parts = stringToTextValues(value) if "\\" in value or "," in value else [value]
    return Property(parts if name in STRUCTURED | LISTS else parts[:1], group or "", types, preference)


def make_draft(contents: Contents) -> Draft:
    draft = Draft(formatted=get_first(contents, "FN"), nickname=get_first(contents, "NICKNAME"))
    for line in contents.get("N", ())[:1]:
        take_name(draft, line.parts)
    for line in contents.get("ORG", ())[:1]:
        draft.company = line.value
        draft.add_note(", ".join(filter(None, line.parts[1:])), _("Department"))
    labels = {line.group: line.value for line in contents.get("X-ABLABEL", ()) if line.group}
    for line in sorted(contents.get("TEL", ()), key=get_preference):
        add_number(draft, line, labels.get(line.group, ""))
    for line in sorted(contents.get("EMAIL", ()), key=get_preference):
        draft.add_email(re.sub(r"\s", "", MAIL_URI.sub("", line.value, count=1)))
    for line in contents.get("NOTE", ()):
        draft.add_note(line.value)
    for name, label in NOTED.items():
        for line in contents.get(name, ()):
            draft.add_note(line.value, str(label))
    for line in contents.get("ADR", ()):
        draft.add_note(describe_address(line.parts), _("Address"))
    groups = [tidy(name) for line in contents.get("CATEGORIES", ()) for name in line.parts]
    draft.is_favourite = STARRED in groups
    for name in groups:
        if name not in OF_NO_USE:
            draft.add_note(name, _("Label"))
    return draft


def get_first(contents: Contents, *names: str) -> str:
    return next((one.value for name in names for one in contents.get(name, ()) if one.value.strip()), "")


def take_name(draft: Draft, parts: Sequence[str]) -> None:
    name = dict(zip(NAME_ORDER, parts, strict=False))
    draft.family, draft.given = name.get("family", ""), name.get("given", "")
    draft.middle = name.get("additional", "")
    draft.prefix, draft.suffix = name.get("prefix", ""), name.get("suffix", "")


def get_preference(line: Property) -> int:
    """4.0 counts from 1, the most wanted, to 100; the others only say which one is preferred."""
    if line.preference.isascii() and line.preference.isdigit() and len(line.preference) < 4:
        return int(line.preference)
    return 1 if "PREF" in line.types else 101


def add_number(draft: Draft, line: Property, label: str) -> None:
    value = line.value.strip()
    if TEL_URI.match(value):
        value = read_uri(value)
    draft.add_number(value, find_kind([label, *line.types]))


def read_uri(uri: str) -> str:
    """`tel:+49-30-1;ext=12` as people write it."""
    number, *parameters = unquote(TEL_URI.sub("", uri, count=1)).split(";")
    given = dict(one.partition("=")[::2] for one in parameters)
    context, extension = given.get("phone-context", ""), given.get("ext", "")
    number = f"{context}{number}" if context.startswith("+") else number
    return f"{number} ext. {extension}" if extension else number


def describe_address(parts: Sequence[str]) -> str:
    address = dict(zip(ADDRESS_ORDER, map(tidy, parts), strict=False))
    order = ("box", "extended", "street", "code", "city", "region", "country")
    return ", ".join(filter(None, (address.get(name, "") for name in order)))
