"""What stands in a column, by its title; whatever nobody knows becomes a line of the note. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.utils.translation import gettext as _

from phone.contacts.card import Kind
from phone.contacts.exchange.kinds import find_kind, fold
from phone.contacts.exchange.roles import Role
from phone.contacts.exchange.titles import ADDRESS_WORDS, NUMBERS, PLACES, ROLES

Told = TypeVar("Told", Role, Kind)

GOOGLES = re.compile(
    r"(phone|e-mail|address|organization|website|event|relation|custom field|im) (\d{1,3}) - (.+)"
)
# Of these Google's label says what the value is: "Spouse", "Anniversary", "Customer number".
NAMED_BY_LABEL = frozenset({"relation", "event", "custom field"})
# "Telefon Zentrale Nord": a number by its title, if none that is known.
NUMBERED = re.compile(r"\b(tel|tele(ph|f)o\w*|phone|cell\w*|mobil\w*|movil|handy\w*|fax|telefax)\b")


@dataclass(frozen=True)
class Column:
    """`group` is what belongs together: a number with its label, the parts of an address."""

    role: Role
    title: str = ""
    kind: Kind = Kind.OTHER
    group: str = ""


def list_titles(table: Mapping[Told, str]) -> dict[str, Told]:
    return {
        title.strip(): told
        for told, lines in table.items()
        for line in lines.split("\n")
        for title in line.split("|")
        if title.strip()
    }


ROLE_OF_TITLE = list_titles(ROLES)
KIND_OF_TITLE = list_titles(NUMBERS)


def read_column(title: str) -> Column:
    written = " ".join(title.split())
    name = " ".join(fold(written).replace("_", " ").split()).strip(" :*")
    if found := GOOGLES.fullmatch(name):
        return read_googles(found, written)
    if role := ROLE_OF_TITLE.get(name):
        return Column(role, written)
    if name in ("organization title", "organization department"):
        return Column(Role.NOTED, name_part(name.partition(" ")[2]))
    if kind := KIND_OF_TITLE.get(name):
        return Column(Role.NUMBER, written, kind, group=name)
    words = set(re.split(r"[\s:,()]+", name))
    if words & ADDRESS_WORDS and len(words) < 7:
        return Column(Role.ADDRESS, written, group=find_place(words))
    if NUMBERED.search(name) and not words & {"type", "typ", "label", "name"}:
        return Column(Role.NUMBER, written, find_kind([name]), group=name)
    return Column(Role.NOTED, written)


def read_googles(found: re.Match[str], written: str) -> Column:
    """`Phone 1 - Value`, with its label in a column before it: https://support.google.com/contacts/answer/1069522."""
    what, number, part = found.groups()
    is_label = part in ("label", "type")
    match what:
        case "phone":
            return Column(Role.NUMBER_LABEL if is_label else Role.NUMBER, written, group=f"{what} {number}")
        case "e-mail":
            return Column(Role.LEFT_OUT if is_label else Role.EMAIL, written)
        case "organization" if part == "name":
            return Column(Role.COMPANY, written)
        case "organization" if part in ("title", "department"):
            return Column(Role.NOTED, name_part(part))
        case "address" if part == "formatted":
            return Column(Role.NOTED, _("Address"))
        # The parts of what stands beside them whole.
        case "address" | "organization":
            return Column(Role.LEFT_OUT, written)
    if is_label and what not in NAMED_BY_LABEL:
        return Column(Role.LEFT_OUT, written)
    group = f"{what} {number}" if what in NAMED_BY_LABEL else ""
    return (
        Column(Role.NUMBER_LABEL, group=group)
        if is_label
        else Column(Role.NOTED, name_other(what), group=group)
    )


def name_other(what: str) -> str:
    """What else Google writes, as the note has it where no label says more."""
    names = {
        "website": _("Website"),
        "im": _("Chat"),
        "relation": _("Relation"),
        "event": _("Event"),
        "custom field": _("Custom field"),
    }
    return names[what]


def name_part(part: str) -> str:
    """What Google writes of somebody's place in an organization, as the note has it."""
    return _("Title") if part == "title" else _("Department")


def find_place(words: set[str]) -> str:
    """Whose address it is: "Address (work)"."""
    for kind, names in PLACES:
        if words & names:
            return _("Address (work)") if kind is Kind.WORK else _("Address (home)")
    return _("Address")
