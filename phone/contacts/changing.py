"""What a person does to one contact of theirs, or of their company's."""

import uuid

from django.db import transaction
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.changes import tell_contacts_changed
from phone.contacts.contacts import Book, Contact, ContactNumber, FavouriteContact, choose_book
from phone.contacts.forms import build_seen
from phone.contacts.keeping import CONTACTS_AT_MOST, BookFull, Draft, Kept, build_numbers, fill, insert


class ChangedMeanwhile(Exception):
    """Somebody else has changed the contact since the form was shown; `contact` is theirs."""

    def __init__(self, contact: Contact) -> None:
        super().__init__("The contact was changed meanwhile")
        self.contact = contact


class GoneMeanwhile(Exception):
    """Somebody has deleted the contact since it was shown."""


@transaction.atomic
def add_contact(user: User, account: TwilioAccount, draft: Draft, *, is_shared: bool) -> Contact:
    """Raises BookFull."""
    book = choose_book(user, account, is_shared=is_shared)
    check_room(book)
    [contact] = insert(user, book, [draft])
    tell_contacts_changed(book)
    return contact


def check_room(book: Book) -> None:
    """For one contact more. Raises BookFull."""
    if Contact.objects.in_book(book).count() >= CONTACTS_AT_MOST:
        raise BookFull(Kept())


@transaction.atomic
def change_contact(
    user: User, account: TwilioAccount, key: uuid.UUID, draft: Draft, *, seen: str, is_shared: bool
) -> Contact:
    """Stores what was typed of it; `is_shared` shares what was private, and never the other way.

    `seen` is the version that the form was of. Raises ChangedMeanwhile, GoneMeanwhile, BookFull.
    """
    contact = lock(user, account, key)
    if build_seen(contact) != seen:
        raise ChangedMeanwhile(contact)
    books = [contact.book]
    if is_shared and not contact.is_shared:
        contact.owner, contact.account = None, account
        check_room(contact.book)
        books.append(contact.book)
    fill(contact, draft, user, timezone.now())
    contact.save()
    contact.numbers.all().delete()
    ContactNumber.objects.bulk_create(build_numbers(contact, draft))
    tell_contacts_changed(*books)
    return contact


def lock(user: User, account: TwilioAccount, key: uuid.UUID) -> Contact:
    """A living one that the person sees. Raises GoneMeanwhile."""
    rows = Contact.objects.select_for_update(of=("self",)).visible_to(user, account)
    contact = rows.filter(pk=key).first()
    if contact is None:
        raise GoneMeanwhile
    return contact


@transaction.atomic
def delete_contact(user: User, account: TwilioAccount, key: uuid.UUID) -> Contact:
    """It can be taken back for as long as its row is kept. Raises GoneMeanwhile."""
    contact = lock(user, account, key)
    contact.deleted_at, contact.changed_by = timezone.now(), user
    contact.save(update_fields=["deleted_at", "changed_by"])
    tell_contacts_changed(contact.book)
    return contact


@transaction.atomic
def take_back(user: User, account: TwilioAccount, key: uuid.UUID) -> Contact | None:
    """Puts a deleted contact back; None where it is gone for good, or has become another's part.

    Raises BookFull.
    """
    rows = Contact.objects.select_for_update(of=("self",)).ever_visible_to(user, account)
    contact = rows.filter(pk=key, merged_into=None).first()
    if contact is None:
        return None
    if contact.deleted_at is not None:
        check_room(contact.book)
        contact.deleted_at, contact.changed_by = None, user
        contact.save(update_fields=["deleted_at", "changed_by"])
        tell_contacts_changed(contact.book)
    return contact


def mark_favourite(user: User, contact: Contact, *, is_on: bool) -> None:
    if is_on:
        FavouriteContact.objects.bulk_create(
            [FavouriteContact(user=user, contact=contact)], ignore_conflicts=True
        )
    else:
        FavouriteContact.objects.filter(user=user, contact=contact).delete()
