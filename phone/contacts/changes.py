"""The signal that somebody's contacts have changed, for whoever shows calls by their names."""

from collections.abc import Iterable

from django.dispatch import Signal

from accounts.people import User
from phone.contacts.contacts import Book

# Sent in the transaction that changes them, with `people`, the keys of all who see them.
contacts_changed = Signal()


def tell_contacts_changed(*books: Book) -> None:
    people: set[int] = set()
    for book in books:
        people.update(list_readers(book))
    if people:
        contacts_changed.send(sender=None, people=frozenset(people))


def list_readers(book: Book) -> Iterable[int]:
    owner, account = book.get("owner"), book.get("account")
    if isinstance(owner, User):
        return [owner.pk]
    members = User.objects.filter(is_active=True, membership__account__in=[account])
    return members.values_list("pk", flat=True)
