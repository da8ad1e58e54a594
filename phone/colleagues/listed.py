"""Tells open pages who their colleagues are, whenever somebody joins, leaves, is renamed or deactivated.

By the frame that greets a socket: everybody of the account, with their names (`is_all`). The page compares,
keeps whom it calls by name, and asks for the lists anew that it shows.
"""

from collections.abc import Iterable
from functools import partial, update_wrapper
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.company.memberships import Membership
from accounts.people import User, person_listed_anew
from accounts.push import push_to_user, send_to_users
from phone.colleagues.telling import Frame, build_presence_frames
from phone.device.beside import Beside, get_server_loop
from phone.device.presence import DevicePresence
from phone.device.threads import in_database_thread

# Whoever is of an account, by its key, or one person, by theirs.
Whom = tuple[str, Any]


@receiver([post_save, post_delete], sender=Membership, dispatch_uid="who is of a company")
def hear_membership(instance: Membership, **kwargs: Any) -> None:
    before, now = instance.loaded_account_id, instance.account_id
    if "created" in kwargs and before == now:
        return
    instance.loaded_account_id = now
    whom = [("account", key) for key in {before, now} - {None}]
    tell_after_commit([*whom, ("person", instance.user_id)])


@receiver(person_listed_anew, dispatch_uid="how colleagues are listed")
def hear_person(person: User, **kwargs: Any) -> None:
    accounts = Membership.objects.filter(user=person.pk, account__isnull=False)
    tell_after_commit(("account", key) for key in accounts.values_list("account", flat=True))


def tell_after_commit(whom: Iterable[Whom]) -> None:
    if wanted := frozenset(whom):
        telling = update_wrapper(partial(tell_lists, wanted), tell_lists)
        transaction.on_commit(telling, robust=True)


def tell_lists(whom: frozenset[Whom]) -> None:
    """Soon where a server runs; before it returns anywhere else."""
    loop = get_server_loop()
    if loop is None:
        for user_id, frame in build_list_frames(whom).items():
            push_to_user(user_id, frame)
    else:
        BESIDE.want(loop, whom)


async def tell(whom: set[Whom]) -> None:
    await send_to_users(await in_database_thread(build_list_frames, whom))


BESIDE: Beside[Whom] = Beside(tell, "Pages were not told who their colleagues are")


def build_list_frames(whom: Iterable[Whom]) -> dict[int, Frame]:
    """Of whom it is about, for those who have a page open; by their keys."""
    wanted = list(whom)
    accounts = [key for kind, key in wanted if kind == "account"]
    people = [key for kind, key in wanted if kind == "person"]
    pages = DevicePresence.objects.filter(user=models.OuterRef("pk"), disconnected_at=None)
    is_meant = models.Q(membership__account__in=accounts) | models.Q(pk__in=people)
    listening = User.objects.filter(models.Exists(pages), is_meant, is_active=True)
    return dict(build_presence_frames(list(listening)))
