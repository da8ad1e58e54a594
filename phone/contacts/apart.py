"""The table of contacts that seem to be one and are not, as somebody has said who sees them.

It is kept for two contacts each, with all that they had in common: the same two are not offered as duplicates
again for any of that. Whatever they come to have in common later, another number, address or name, makes them
two that nobody has said anything of. Somebody's own contacts are theirs to decide about, and shared ones
everybody's of the account; it is forgotten with either of the two.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.contacts.common import GROUP_AT_MOST, list_common
from phone.contacts.contacts import Book, Contact
from phone.contacts.merging import CannotMerge

# By what is common, and a contact: the contacts with which that makes no duplicate of it.
Apart = dict[str, dict[uuid.UUID, set[uuid.UUID]]]

# Of a book: all of them are read whenever duplicates are looked for.
PAIRS_AT_MOST = 10_000


class ContactsApart(models.Model):
    """Two contacts of one book that are not one. The key of `first` is the smaller one."""

    first = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    common = models.JSONField(default=list)
    said_at = models.DateTimeField(default=timezone.now)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    said_as = models.UUIDField(help_text="The same for all that was said by one click.", db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second", "said_as"], name="contacts_apart_once")
        ]
        verbose_name = _("contacts that are no duplicates")
        verbose_name_plural = _("contacts that are no duplicates")

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"


def list_common_of(contact: Contact) -> set[str]:
    numbers = (one.number for one in contact.numbers.all())
    return list_common(contact.name, contact.emails, numbers)


@transaction.atomic
def keep_apart(user: User, account: TwilioAccount, keys: Iterable[uuid.UUID]) -> uuid.UUID:
    """Keeps that no two of those contacts are one; by what it is taken back. Raises CannotMerge.

    Of two that have nothing in common, or nothing of which it was not said before, nothing is kept.
    """
    wanted = set(keys)
    if len(wanted) < 2:
        raise CannotMerge(_("Choose two contacts at least that are to stay apart."))
    if len(wanted) > GROUP_AT_MOST:
        raise CannotMerge(_("Choose {count} contacts at most.").format(count=GROUP_AT_MOST))
    rows = Contact.objects.visible_to(user, account).filter(pk__in=wanted).prefetch_related("numbers")
    contacts = sorted(rows, key=lambda one: one.pk)
    if len(contacts) < len(wanted):
        raise CannotMerge(_("One of them was deleted meanwhile. Look at what is left."))
    if len({one.is_shared for one in contacts}) > 1:
        raise CannotMerge(_("One of them is yours and another is shared: those stay apart."))
    book = contacts[0].book
    apart = get_apart(book)
    said_as = uuid.uuid4()
    pairs = [
        ContactsApart(first=first, second=second, common=sorted(common), said_by=user, said_as=said_as)
        for first, second in combinations(contacts, 2)
        if (common := list_new_common(first, second, apart))
    ]
    if not pairs:
        raise CannotMerge(_("They are not offered as duplicates: nothing makes them seem to be one."))
    if count_apart(book) + len(pairs) > PAIRS_AT_MOST:
        raise CannotMerge(_("No more can be kept apart: so many are already."))
    ContactsApart.objects.bulk_create(pairs)
    return said_as


def list_new_common(first: Contact, second: Contact, apart: Apart) -> set[str]:
    """What two have in common, without that of which it was said before that it makes them no duplicates."""
    common = list_common_of(first) & list_common_of(second)
    return {one for one in common if second.pk not in apart.get(one, {}).get(first.pk, ())}


def forget_apart(user: User, account: TwilioAccount, said_as: uuid.UUID) -> bool:
    """Takes back what was said by one click; whether there was anything that the person may take back."""
    visible = Contact.objects.visible_to(user, account).values("pk")
    said = ContactsApart.objects.filter(said_as=said_as, first__in=visible, second__in=visible)
    return said.delete()[0] > 0


def get_apart(book: Book) -> Apart:
    """What was said of the contacts in `book`: one query."""
    found: Apart = defaultdict(lambda: defaultdict(set))
    rows = in_book(book).values_list("first_id", "second_id", "common")
    for first, second, common in rows.iterator():
        for one in common:
            found[one][first].add(second)
            found[one][second].add(first)
    return found


def count_apart(book: Book) -> int:
    return in_book(book).count()


def in_book(book: Book) -> models.QuerySet[ContactsApart]:
    # Where one of them is shared since, the other is not among those that are looked at.
    return ContactsApart.objects.filter(**{f"first__{name}": value for name, value in book.items()})
