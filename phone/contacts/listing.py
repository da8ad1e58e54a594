"""The list of a person's contacts: their favourites first, then all by their names, a page at a time.

Both books are read side by side, each from an index of its own: joined, neither index would serve.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Literal

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.contacts import Contact, ContactQuerySet, FavouriteContact, choose_book
from phone.contacts.plain import find_letter
from phone.contacts.searching import search
from phone.dialling.writing import format_number

PAGE = 30
# Whoever marks more has no favourites.
FAVOURITES_SHOWN = 100

Whose = Literal["", "own", "shared"]
# Where a contact stands in the list.
Place = tuple[str, uuid.UUID]


@dataclass(frozen=True)
class Line:
    """A contact as the list shows it. `to_call` is its first number, as the phone dials it."""

    contact: Contact
    is_favourite: bool

    @property
    def to_call(self) -> str:
        first = next(iter(self.contact.numbers.all()), None)
        return first.number + first.after if first else ""

    @property
    def number(self) -> str:
        return format_number(self.to_call)


@dataclass
class Section:
    """`title` is empty where the page before has begun it."""

    title: str
    lines: list[Line] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Of its heading: a letter of any script."""
        return "-".join(f"{ord(letter):x}" for letter in self.title)


@dataclass(frozen=True)
class Found:
    """One page. `after` is the contact that the next one begins after; None where this is the last."""

    favourites: list[Line]
    letters: list[Section]
    after: Contact | None


def list_contacts(
    user: User,
    account: TwilioAccount,
    *,
    query: str = "",
    whose: Whose = "",
    after: Contact | None = None,
    begun: str = "",
) -> Found:
    """A page of those that `query`, tidied, finds. `begun` is the letter that has its heading already."""
    marked = list_marked(user, account)
    # Each stands in the list once: a search has no favourites of its own.
    shown = [] if query else list_favourites(marked, whose)
    above = {contact.pk for contact in shown}
    keys = find_keys(
        user,
        account,
        whose=whose,
        narrow=lambda contacts: search(contacts, query) if query else contacts.exclude(pk__in=above),
        after=(after.sort_name, after.pk) if after else None,
        at_most=PAGE + 1,
    )
    contacts = get_in_order(keys[:PAGE])
    marks = {contact.pk for contact in marked}
    lines = [Line(contact, contact.pk in marks) for contact in contacts]
    return Found(
        favourites=[] if after else [Line(contact, True) for contact in shown],
        letters=put_under_letters(lines, begun),
        after=contacts[-1] if len(keys) > PAGE and contacts else None,
    )


def find_keys(
    user: User,
    account: TwilioAccount,
    *,
    whose: Whose,
    narrow: Callable[[ContactQuerySet], ContactQuerySet],
    after: Place | None,
    at_most: int,
) -> list[uuid.UUID]:
    """The first `at_most` after a place, of one book or of both. A query for each."""
    books: list[Iterable[Place]] = []
    for is_shared in (False, True):
        if whose == ("own" if is_shared else "shared"):
            continue
        book = Contact.objects.in_book(choose_book(user, account, is_shared=is_shared))
        rows = narrow(go_on(book, after)).order_by("sort_name", "pk")
        books.append(rows.values_list("sort_name", "pk")[:at_most])
    return [key for _, key in merge(*books)][:at_most]


def go_on(contacts: ContactQuerySet, after: Place | None) -> ContactQuerySet:
    if after is None:
        return contacts
    name, key = after
    # The first condition alone is the range that the index is read by.
    return contacts.filter(sort_name__gte=name).exclude(sort_name=name, pk__lte=key)


def get_in_order(keys: Sequence[uuid.UUID]) -> list[Contact]:
    """With their numbers: two queries."""
    found = Contact.objects.filter(pk__in=keys).prefetch_related("numbers").in_bulk()
    return [found[key] for key in keys if key in found]


def list_marked(user: User, account: TwilioAccount) -> list[Contact]:
    """The person's favourites, by their names."""
    # By the marks, which are few; the contacts are many.
    keys = FavouriteContact.objects.filter(user=user).values_list("contact", flat=True)
    marked = Contact.objects.visible_to(user, account).filter(pk__in=list(keys))
    return list(marked.order_by("sort_name", "pk").prefetch_related("numbers")[:FAVOURITES_SHOWN])


def list_favourites(marked: Iterable[Contact], whose: Whose) -> list[Contact]:
    return [contact for contact in marked if not whose or contact.is_shared == (whose == "shared")]


def put_under_letters(lines: Iterable[Line], begun: str) -> list[Section]:
    sections: list[Section] = []
    last = begun
    for line in lines:
        letter = find_letter(line.contact.sort_name)
        if not sections or letter != last:
            sections.append(Section("" if letter == begun and not sections else letter))
        sections[-1].lines.append(line)
        last = letter
    return sections
