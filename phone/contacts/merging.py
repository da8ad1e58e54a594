"""Several contacts made one: what the one has, and how it is taken apart again.

The one is new, and those that it is made of are deleted ones that name it: so nothing is lost, and an address
of theirs still leads somewhere.
"""

import uuid
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.card import EMAILS_AT_MOST, NUMBERS_AT_MOST, Kind
from phone.contacts.changes import tell_contacts_changed
from phone.contacts.contacts import Contact, FavouriteContact
from phone.contacts.forms import build_seen
from phone.contacts.keeping import LABELS, Draft, add_lines, insert
from phone.contacts.numbers import KeptNumber
from phone.contacts.plain import make_plain


class CannotMerge(Exception):
    """The message says to people why not."""


def build_merged(contacts: Sequence[Contact]) -> Draft:
    """What one contact of all of them has. Nothing is left out: what there is no place for is in its note."""
    first, *others = sorted(
        contacts, key=lambda one: (is_plainly_named(one), count_filled(one)), reverse=True
    )
    notes: list[str] = []
    names = {make_plain(first.name)}
    for other in others:
        if make_plain(other.name) not in names:
            names.add(make_plain(other.name))
            notes.append(_("Also: {name}").format(name=other.name))
    companies = list(dict.fromkeys(one.company for one in (first, *others) if one.company))
    notes += [_("Company: {company}").format(company=company) for company in companies[1:]]
    numbers: dict[str, KeptNumber] = {}
    for contact in (first, *others):
        for one in contact.numbers.all():
            kept = KeptNumber(one.number, one.after, one.typed, Kind(one.kind))
            numbers.setdefault(kept.dialled, kept)
    emails: dict[str, str] = {}
    for contact in (first, *others):
        for email in contact.emails:
            emails.setdefault(email.casefold(), email)
    written = list(emails.values())
    notes += [f"{LABELS[one.kind]}: {one.dialled}" for one in list(numbers.values())[NUMBERS_AT_MOST:]]
    notes += [_("E-mail: {email}").format(email=email) for email in written[EMAILS_AT_MOST:]]
    texts = dict.fromkeys(one.note for one in (first, *others) if one.note)
    return Draft(
        name=first.name,
        company=companies[0] if companies else "",
        numbers=tuple(numbers.values())[:NUMBERS_AT_MOST],
        emails=tuple(written[:EMAILS_AT_MOST]),
        note=add_lines("\n".join(texts), notes),
    )


def is_plainly_named(contact: Contact) -> bool:
    """Not in the order of a register."""
    return "," not in contact.name


def count_filled(contact: Contact) -> tuple[int, int]:
    return (
        bool(contact.company) + bool(contact.note) + len(contact.emails) + len(contact.numbers.all()),
        len(contact.name),
    )


@transaction.atomic
def merge_contacts(user: User, account: TwilioAccount, seen: Mapping[uuid.UUID, str]) -> Contact:
    """Makes one of those whose keys `seen` has, each with the version that was shown. Raises CannotMerge."""
    if len(seen) < 2:
        raise CannotMerge(_("Choose two contacts at least that are to be one."))
    rows = Contact.objects.select_for_update(of=("self",)).visible_to(user, account)
    contacts = list(rows.filter(pk__in=seen).prefetch_related("numbers").order_by("sort_name", "pk"))
    if len(contacts) < len(seen):
        raise CannotMerge(_("One of them was deleted meanwhile. Look at what is left."))
    if any(build_seen(one) != seen[one.pk] for one in contacts):
        raise CannotMerge(_("One of them was changed meanwhile. Look at them again."))
    if len({one.is_shared for one in contacts}) > 1:
        raise CannotMerge(_("One of them is yours and another is shared: those stay apart."))
    [merged] = insert(user, contacts[0].book, [build_merged(contacts)])
    marks = FavouriteContact.objects.filter(contact__in=contacts).values_list("user_id", flat=True)
    FavouriteContact.objects.bulk_create(FavouriteContact(user_id=key, contact=merged) for key in set(marks))
    keys = [one.pk for one in contacts]
    Contact.objects.filter(pk__in=keys).update(
        deleted_at=timezone.now(), changed_by=user, merged_into=merged.pk
    )
    tell_contacts_changed(merged.book)
    return merged


@transaction.atomic
def take_apart(user: User, account: TwilioAccount, key: uuid.UUID) -> list[Contact]:
    """Puts back those that a merged contact was made of, and deletes it; none where that is not possible."""
    rows = Contact.objects.select_for_update(of=("self",))
    merged = rows.visible_to(user, account).filter(pk=key).first()
    # Of the same book: who has shared it since has not shared those.
    parts = list(rows.filter(merged_into=key, owner=merged.owner, account=merged.account)) if merged else []
    if merged is None or not parts:
        return []
    Contact.objects.filter(pk__in=[one.pk for one in parts]).update(
        deleted_at=None, merged_into=None, changed_by=user
    )
    merged.deleted_at, merged.changed_by = timezone.now(), user
    merged.save(update_fields=["deleted_at", "changed_by"])
    tell_contacts_changed(merged.book)
    return parts
