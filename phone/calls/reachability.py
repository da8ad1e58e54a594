"""Whom a call can ring.

Somebody can be reached while one page of theirs can be rung (`phone/device/presence.py`), and also
while nothing at all is known of them: a network may let a browser through to Twilio and not to our
socket. Everybody else is known to be away or silent, and a call is not sent there; nor is it to somebody
who does not want to be disturbed.

Whoever has left their last page a moment ago may be loading it anew. Where others are rung, they are rung
with them, for the ring follows them to the page that comes (`phone/in_call/lost.py`); where nobody else is,
whoever calls waits for that page. Decision 54.
"""

from typing import Any

from django.db import models
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls.do_not_disturb import DoNotDisturb
from phone.contacts.blocked_callers import leave_out_blockers
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence, get_left, get_ringable, get_there
from phone.device.silences import note_silences


def is_reachable(person: User) -> bool:
    return bool(find_reachable(User.objects.filter(pk=person.pk)))


def get_members_to_ring(account: TwilioAccount, *, caller: str, at_most: int) -> list[User]:
    """The people of an account whom a call of `caller` may ring, those at their phone first; those who may be
    back in a moment are among them.
    """
    members = User.objects.filter(is_active=True, membership__account=account)
    return list(get_ready_or_back(leave_out_blockers(members, account, caller))[:at_most])


def is_ready_for(person: User, account: TwilioAccount, caller: str) -> bool:
    """Whether they can be reached, or may be back, and have not blocked `caller`, an address as a call has
    it.
    """
    return get_ready_or_back(leave_out_blockers(User.objects.filter(pk=person.pk), account, caller)).exists()


def find_registered(people: "models.QuerySet[User]", *, at_most: int = 1) -> list[User]:
    """Those of `people` whom a call may ring and whose Device has said that it is registered.

    A page that has only just come up counts as there for whoever asks whether somebody can be reached; where
    it was waited for, it is worth waiting until its Device rings.
    """
    ready = get_ringable(timezone.now()).filter(state=DeviceEvent.State.READY, user=models.OuterRef("pk"))
    return find_reachable(people.filter(models.Exists(ready)), at_most=at_most)


def find_reachable(people: "models.QuerySet[User]", *, at_most: int = 1) -> list[User]:
    """Those of `people` whom a call may ring, those at their phone first."""
    return list(leave_out_undisturbed(find_present(people))[:at_most])


def find_ready_or_back(people: "models.QuerySet[User]", *, at_most: int) -> tuple[list[int], list[int]]:
    """The keys of those of `people` whom a call may ring, those at their phone first, and of those who may be
    back in a moment: one question for both.
    """
    found: models.QuerySet[Any] = get_ready_or_back(people)
    known = list(found.values_list("pk", "is_there", "is_known")[:at_most])
    ready = [pk for pk, is_there, is_known in known if is_there or not is_known]
    return ready, [pk for pk, *_ in known if pk not in ready]


def may_be_back(person: User) -> bool:
    """Whether somebody who cannot be reached may be in a moment."""
    people = User.objects.filter(pk=person.pk)
    return leave_out_undisturbed(people.filter(has_just_left())).exists()


def get_ready_or_back(people: "models.QuerySet[User]") -> "models.QuerySet[User]":
    return leave_out_undisturbed(find_present(people, or_back=True))


def leave_out_undisturbed(people: "models.QuerySet[User]") -> "models.QuerySet[User]":
    return people.exclude(models.Exists(DoNotDisturb.objects.filter(user=models.OuterRef("pk"))))


def has_just_left() -> models.Exists:
    return models.Exists(get_left(timezone.now()).filter(user=models.OuterRef("pk")))


def find_present(people: "models.QuerySet[User]", *, or_back: bool = False) -> "models.QuerySet[User]":
    """Those of `people` whom a call could ring; pages of theirs that have gone silent are marked.

    With `or_back` also, and last, those who may be back in a moment.
    """
    note_silences(people)
    pages = DevicePresence.objects.filter(user=models.OuterRef("pk"))
    ringable = get_there(timezone.now()).filter(user=models.OuterRef("pk"))
    known = people.annotate(is_there=models.Exists(ringable), is_known=models.Exists(pages))
    reachable = models.Q(is_there=True) | models.Q(is_known=False)
    if or_back:
        reachable |= models.Q(has_just_left())
    return known.filter(reachable).order_by("-is_there", "is_known", "pk")
