"""Contacts of one book that seem to be one: the same number, e-mail address, or name in other writing.

Two of whom somebody has said that they are none (`apart.py`) may still be in one group, each with a third.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from phone.contacts.apart import get_apart
from phone.contacts.common import EMAIL, GROUP_AT_MOST, NAME, NUMBER, build_name_key, write
from phone.contacts.contacts import Book, Contact, ContactNumber
from phone.contacts.listing import get_in_order

# A number that more people have than this is a switchboard's, and an address that of a whole office.
SHARED_BY_AT_MOST = 3
# In this order.
REASONS = (NUMBER, EMAIL, NAME)
WORDS: Mapping[tuple[str, ...], Words] = {
    ("number",): _("They have the same number."),
    ("email",): _("They have the same e-mail address."),
    ("name",): _("They have the same name."),
    ("number", "email"): _("They have the same number and the same e-mail address."),
    ("number", "name"): _("They have the same number and the same name."),
    ("email", "name"): _("They have the same e-mail address and the same name."),
    REASONS: _("They have the same number and the same e-mail address and the same name."),
}


@dataclass(frozen=True)
class Group:
    """`reasons` name what they have in common."""

    contacts: tuple[Contact, ...]
    reasons: tuple[str, ...]

    @property
    def words(self) -> str:
        return str(WORDS[self.reasons])


def find_duplicates(book: Book, *, at_most: int) -> tuple[list[Group], int]:
    """The first groups of `book` by their names, and how many there are. Five queries, however many."""
    named = {
        key: (name, sort_name, emails)
        for key, name, sort_name, emails in Contact.objects.in_book(book)
        .order_by()
        .values_list("pk", "name", "sort_name", "emails")
        .iterator()
    }
    links = list(link(book, named))
    sets = join(key for keys, _ in links for key in [keys])
    reasons: dict[uuid.UUID, set[str]] = defaultdict(set)
    for keys, reason in links:
        reasons[sets[keys[0]]].add(reason)
    groups: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for key, first in sets.items():
        groups[first].append(key)
    order = sorted(groups, key=lambda first: min((named[key][1], key) for key in groups[first]))
    shown = [
        sorted(groups[first], key=lambda key: (named[key][1], key))[:GROUP_AT_MOST]
        for first in order[:at_most]
    ]
    contacts = {one.pk: one for one in get_in_order([key for keys in shown for key in keys])}
    return [
        Group(
            contacts=tuple(contacts[key] for key in keys if key in contacts),
            reasons=tuple(reason for reason in REASONS if reason in reasons[sets[keys[0]]]),
        )
        for keys in shown
    ], len(order)


Named = dict[uuid.UUID, tuple[str, str, list[str]]]


def link(book: Book, named: Named) -> Iterator[tuple[list[uuid.UUID], str]]:
    """Keys that have something in common, and what; without those that are not one, as somebody has said."""
    found: dict[str, dict[str, list[uuid.UUID]]] = {
        reason: defaultdict(list) for reason in (NAME, EMAIL, NUMBER)
    }
    for key, (name, __, addresses) in named.items():
        found[NAME][build_name_key(name)].append(key)
        for email in {address.casefold() for address in addresses}:
            found[EMAIL][email].append(key)
    rows = ContactNumber.objects.filter(**book, contact__deleted_at=None).order_by()
    for number, key in rows.values_list("number", "contact_id").distinct().iterator():
        if key in named:
            found[NUMBER][number].append(key)
    apart = get_apart(book)
    for reason, values in found.items():
        for value, keys in values.items():
            if len(keys) > 1 and (reason == NAME or len(keys) <= SHARED_BY_AT_MOST):
                for one in split(keys, apart.get(write(reason, value), {})):
                    yield one, reason


def split(keys: Iterable[uuid.UUID], apart: Mapping[uuid.UUID, Set[uuid.UUID]]) -> Iterator[list[uuid.UUID]]:
    """Those of `keys` that may still be one with another: joined by any two that nobody has kept apart."""
    left = set(keys)
    while left:
        part = [left.pop()]
        for key in part:
            near = left - apart.get(key, frozenset())
            left -= near
            part += near
        if len(part) > 1:
            yield part


def join(sets: Iterable[Sequence[uuid.UUID]]) -> dict[uuid.UUID, uuid.UUID]:
    """Each key, and the one that stands for all that are linked with it."""
    parents: dict[uuid.UUID, uuid.UUID] = {}

    def find(key: uuid.UUID) -> uuid.UUID:
        while parents.setdefault(key, key) != key:
            parents[key] = parents[parents[key]]
            key = parents[key]
        return key

    for first, *others in sets:
        for other in others:
            parents[find(other)] = find(first)
    return {key: find(key) for key in list(parents)}
