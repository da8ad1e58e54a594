"""Keeps the names of numbers in recent calls true while their person's contacts change.

They are kept in the rows, so that a search finds them; so each change is followed, outside of its request, by
a task that goes through all numbers of a person's calls. It looks at what is, and not at what has changed:
done late, twice, or once for many changes, it comes to the same.
"""

from collections.abc import Collection
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.push import push_to_user
from accounts.tasks.background import background, enqueue
from phone.contacts.changes import contacts_changed
from phone.contacts.names import find_names_of
from phone.in_call.telling import build_frame
from phone.recents.recent_call import RecentCall
from phone.recents.searching import build_searched

BATCH = 500


@receiver(contacts_changed, dispatch_uid="rename recents")
def hear_contacts_changed(sender: object, people: Collection[int], **kwargs: object) -> None:
    # Whoever has no calls has nothing that a name stands in.
    has_calls = models.Exists(RecentCall.objects.filter(user=models.OuterRef("pk")))
    for key in User.objects.filter(has_calls, pk__in=people).values_list("pk", flat=True):
        enqueue(renew_names, key)


@receiver([post_save, post_delete], sender=Membership, dispatch_uid="rename recents of account")
def hear_membership_changed(instance: Membership, **kwargs: Any) -> None:
    """Whose company is another sees its contacts, and those of the former no more."""
    fields = kwargs.get("update_fields")
    if fields is None or "account" in fields:
        hear_contacts_changed(None, [instance.user_id])


@background(priority=20)
def renew_names(user_id: int) -> None:
    person = User.objects.filter(pk=user_id).first()
    if person is None:
        return
    stale = find_stale(person)
    addresses = list(stale)
    for begin in range(0, len(addresses), BATCH):
        keys = RecentCall.objects.filter(user=person, address__in=addresses[begin : begin + BATCH])
        rename_rows(list(keys.values_list("pk", flat=True)), stale)
    frame = build_frame(person)
    if frame["calls"]:
        push_to_user(person.pk, frame)
    if stale:
        push_to_user(person.pk, {"type": "recents"})


def find_stale(person: User) -> dict[str, str]:
    """Numbers that are called otherwise than the person's calls have it, and what they are called."""
    rows = RecentCall.objects.filter(user=person, address__startswith="+").order_by()
    pairs = list(rows.values_list("address", "name").distinct())
    stale = {}
    for begin in range(0, len(pairs), BATCH):
        some = pairs[begin : begin + BATCH]
        names = find_names_of([person.pk], [address for address, _ in some])
        for address, name in some:
            wanted = names.get((person.pk, address), "")
            if name != wanted:
                stale[address] = wanted
    return stale


def rename_rows(keys: list[int], names: dict[str, str]) -> None:
    for begin in range(0, len(keys), BATCH):
        with transaction.atomic():
            some = RecentCall.objects.select_for_update().filter(pk__in=keys[begin : begin + BATCH])
            rows = list(some.order_by("pk"))
            for row in rows:
                row.name = names[row.address]
                row.searched = build_searched(
                    name=row.name, email="", address=row.address, our_number=row.our_number, note=row.note
                )
            RecentCall.objects.bulk_update(rows, ["name", "searched"])
