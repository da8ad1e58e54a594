"""Keeps contacts, one or twenty thousand, and gives them out again: for a form, and for files."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.people import User
from accounts.translated import Words
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.card import (
    EMAILS_AT_MOST,
    NAME_LENGTH,
    NOTE_LENGTH,
    NUMBERS_AT_MOST,
    CardNumber,
    ContactCard,
    Kind,
)
from phone.contacts.changes import tell_contacts_changed
from phone.contacts.contacts import (
    SORT_LENGTH,
    TYPED_LENGTH,
    Book,
    Contact,
    ContactNumber,
    FavouriteContact,
    choose_book,
)
from phone.contacts.numbers import KeptNumber, NumberReader
from phone.contacts.plain import make_plain, make_sort_name
from phone.contacts.searching import build_searched

BATCH = 500
# More than anybody knows.
CONTACTS_AT_MOST = 50_000
# RFC 5321, section 4.5.3.1.3.
EMAIL_LENGTH = 254
NAMELESS = gettext_lazy("No name")
LABELS: Mapping[Kind, Words] = {
    Kind.MOBILE: pgettext_lazy("number", "Mobile"),
    Kind.WORK: pgettext_lazy("number", "Work"),
    Kind.HOME: pgettext_lazy("number", "Home"),
    Kind.MAIN: pgettext_lazy("number", "Main"),
    Kind.FAX: pgettext_lazy("number", "Fax"),
    Kind.OTHER: pgettext_lazy("number", "Other"),
}

# What two contacts have in common that are the same: name, company, numbers, e-mail addresses.
Print = tuple[str, str, frozenset[str], frozenset[str]]


class BookFull(Exception):
    """There is no room for more; `kept` is what was kept until then."""

    def __init__(self, kept: "Kept") -> None:
        super().__init__(f"More than {CONTACTS_AT_MOST:,} contacts are not kept")
        self.kept = kept


@dataclass
class Kept:
    """What became of cards: `added`; `known`, the same was there already; `noted`, values that were no
    number or no e-mail address, or too many, and stand in the note now."""

    added: int = 0
    known: int = 0
    noted: int = 0


@dataclass(frozen=True)
class Draft:
    """A card as it is kept."""

    name: str
    company: str
    numbers: tuple[KeptNumber, ...]
    emails: tuple[str, ...]
    note: str
    is_favourite: bool = False
    noted: int = 0

    @property
    def sort_name(self) -> str:
        return make_sort_name(self.name, length=SORT_LENGTH)

    @property
    def print(self) -> Print:
        return build_print(self.name, self.company, (one.dialled for one in self.numbers), self.emails)


def keep_cards(user: User, account: TwilioAccount, cards: Iterable[ContactCard], *, is_shared: bool) -> Kept:
    """Adds `cards` to the person's own contacts, or to those that their company shares.

    One that is there already, the same in everything but its note, is not added again. A value that is no
    number is kept in the note. A batch is a transaction. Raises BookFull.
    """
    book, reader, kept = choose_book(user, account, is_shared=is_shared), NumberReader(user, account), Kept()
    room = CONTACTS_AT_MOST - Contact.objects.in_book(book).count()
    drafts = (build_draft(card, reader) for card in cards)
    try:
        while batch := list(islice(drafts, BATCH)):
            fresh = keep_batch(user, book, batch, kept, room - kept.added)
            if fresh:
                raise BookFull(kept)
    finally:
        if kept.added:
            tell_contacts_changed(book)
    return kept


@transaction.atomic
def keep_batch(user: User, book: Book, batch: Sequence[Draft], kept: Kept, room: int) -> list[Draft]:
    """Counts in `kept` what becomes of each; those for which there is no room."""
    known = list_prints(book, {draft.sort_name for draft in batch})
    fresh = []
    for draft in batch:
        if draft.print in known:
            kept.known += 1
        else:
            known.add(draft.print)
            fresh.append(draft)
    insert(user, book, fresh[:room])
    kept.added += len(fresh[:room])
    kept.noted += sum(draft.noted for draft in fresh[:room])
    return fresh[room:]


def insert(user: User, book: Book, drafts: Sequence[Draft]) -> list[Contact]:
    now = timezone.now()
    contacts = [Contact(**book) for _ in drafts]
    for contact, draft in zip(contacts, drafts, strict=True):
        fill(contact, draft, user, now)
    Contact.objects.bulk_create(contacts)
    ContactNumber.objects.bulk_create(
        row for contact, draft in zip(contacts, drafts, strict=True) for row in build_numbers(contact, draft)
    )
    FavouriteContact.objects.bulk_create(
        FavouriteContact(user=user, contact=contact)
        for contact, draft in zip(contacts, drafts, strict=True)
        if draft.is_favourite
    )
    return contacts


def fill(contact: Contact, draft: Draft, user: User, now: datetime) -> None:
    contact.name, contact.company = draft.name, draft.company
    contact.emails, contact.note = list(draft.emails), draft.note
    contact.sort_name = draft.sort_name
    contact.searched = build_searched(
        name=draft.name,
        company=draft.company,
        emails=draft.emails,
        numbers=[one.number for one in draft.numbers],
        note=draft.note,
    )
    contact.changed_at, contact.changed_by = now, user


def build_numbers(contact: Contact, draft: Draft) -> Iterator[ContactNumber]:
    for position, one in enumerate(draft.numbers):
        yield ContactNumber(
            contact=contact,
            owner_id=contact.owner_id,
            account_id=contact.account_id,
            number=one.number,
            after=one.after,
            typed=one.typed,
            kind=one.kind,
            position=position,
        )


def list_prints(book: Book, sort_names: Iterable[str]) -> set[Print]:
    """Of those contacts that have one of these names."""
    contacts = Contact.objects.in_book(book).filter(sort_name__in=list(sort_names))
    return {
        build_print(
            one.name, one.company, (number.number + number.after for number in one.numbers.all()), one.emails
        )
        for one in contacts.prefetch_related("numbers")
    }


def build_print(name: str, company: str, numbers: Iterable[str], emails: Iterable[str]) -> Print:
    return (
        make_plain(name),
        make_plain(company),
        frozenset(numbers),
        frozenset(email.casefold() for email in emails),
    )


def build_draft(card: ContactCard, reader: NumberReader) -> Draft:
    """What of `card` is no number, no e-mail address, or one too many goes to the end of the note."""
    numbers: dict[str, KeptNumber] = {}
    notes = []
    for one in card.numbers:
        typed = clean_line(one.typed, NOTE_LENGTH)
        number = reader.read_kept(typed, one.kind) if len(typed) <= TYPED_LENGTH else None
        if number is None or (len(numbers) == NUMBERS_AT_MOST and number.dialled not in numbers):
            if typed:
                notes.append(f"{LABELS[one.kind]}: {typed}")
        else:
            numbers.setdefault(number.dialled, number)
    emails: dict[str, str] = {}
    for email in card.emails:
        written = clean_line(email, NOTE_LENGTH)
        if is_email(written) and (len(emails) < EMAILS_AT_MOST or written.casefold() in emails):
            emails.setdefault(written.casefold(), written)
        elif written:
            notes.append(_("E-mail: {email}").format(email=written))
    company = clean_line(card.company, NAME_LENGTH)
    names = (clean_line(card.name, NAME_LENGTH), company, *emails.values(), *numbers, str(NAMELESS))
    return Draft(
        name=next(name for name in names if name)[:NAME_LENGTH],
        company=company,
        numbers=tuple(numbers.values()),
        emails=tuple(emails.values()),
        note=add_lines(clean_text(card.note), notes),
        is_favourite=card.is_favourite,
        noted=len(notes),
    )


def add_lines(note: str, lines: Sequence[str]) -> str:
    """They are not lost where the note is long already: the note is cut before them."""
    added = "\n".join(lines)[:NOTE_LENGTH]
    room = NOTE_LENGTH - len(added) - 1
    return f"{note[:room]}\n{added}" if added and note and room > 0 else added or note[:NOTE_LENGTH]


def is_email(text: str) -> bool:
    name, at, domain = text.partition("@")
    return (
        bool(name and at and domain) and len(text) <= EMAIL_LENGTH and " " not in text and "@" not in domain
    )


def clean_line(text: str, length: int) -> str:
    """One line of what can be seen, stored and shown."""
    return " ".join(clean_text(text).split())[:length].rstrip()


def clean_text(text: str) -> str:
    """Without what no database keeps, lone surrogates and other controls than the ends of lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text.strip()
    kept = (letter if letter == "\n" or is_kept(letter) else " " for letter in text)
    return "".join(kept).strip()


def is_kept(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cs", "Cn")


def read_cards(user: User, account: TwilioAccount) -> Iterator[ContactCard]:
    """All that the person sees, their own and shared ones, in the list's order."""
    visible = Contact.objects.visible_to(user, account)
    keys = list(visible.order_by("sort_name", "pk").values_list("pk", flat=True))
    marked = set(FavouriteContact.objects.filter(user=user).values_list("contact_id", flat=True))
    for begin in range(0, len(keys), BATCH):
        some = keys[begin : begin + BATCH]
        found = visible.filter(pk__in=some).prefetch_related("numbers").in_bulk()
        for key in some:
            # One that was deleted meanwhile is not there any more.
            if key in found:
                yield build_card(found[key], is_favourite=key in marked)


def build_card(contact: Contact, *, is_favourite: bool) -> ContactCard:
    """Numbers as they are called from anywhere, not as they were typed at somebody's home."""
    return ContactCard(
        name=contact.name,
        company=contact.company,
        numbers=tuple(CardNumber(one.number + one.after, Kind(one.kind)) for one in contact.numbers.all()),
        emails=tuple(contact.emails),
        note=contact.note,
        is_favourite=is_favourite,
    )
