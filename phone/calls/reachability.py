"""Whom a call can ring.

Somebody can be reached while one page of theirs can be rung (`phone/device/presence.py`), and also
while nothing at all is known of them: a network may let a browser through to Twilio and not to our
socket. Everybody else is known to be away or silent, and a call is not sent there; nor is it to somebody
who does not want to be disturbed.
"""

from django.db import models
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls.do_not_disturb import DoNotDisturb
from phone.contacts.blocked_callers import leave_out_blockers
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence, get_ringable, get_there
from phone.device.silences import note_silences


def is_reachable(person: User) -> bool:
    return bool(find_reachable(User.objects.filter(pk=person.pk)))


def get_members_to_ring(account: TwilioAccount, *, caller: str, at_most: int) -> list[User]:
    """The people of an account whom a call of `caller` may ring, those at their phone first."""
    members = User.objects.filter(is_active=True, membership__account=account)
    return find_reachable(leave_out_blockers(members, account, caller), at_most=at_most)


def is_ready_for(person: User, account: TwilioAccount, caller: str) -> bool:
    """Whether they can be reached and have not blocked `caller`, an address as a call has it."""
    return bool(find_reachable(leave_out_blockers(User.objects.filter(pk=person.pk), account, caller)))


def find_registered(people: "models.QuerySet[User]", *, at_most: int = 1) -> list[User]:
    """Those of `people` whom a call may ring and whose Device has said that it is registered.

    A page that has only just come up counts as there for whoever asks whether somebody can be reached; where
    it was waited for, it is worth waiting until its Device rings.
    """
    ready = get_ringable(timezone.now()).filter(state=DeviceEvent.State.READY, user=models.OuterRef("pk"))
    return find_reachable(people.filter(models.Exists(ready)), at_most=at_most)


def find_reachable(people: "models.QuerySet[User]", *, at_most: int = 1) -> list[User]:
    """Those of `people` whom a call may ring, those at their phone first."""
    undisturbed = models.Exists(DoNotDisturb.objects.filter(user=models.OuterRef("pk")))
    return list(find_present(people).exclude(undisturbed)[:at_most])


def find_present(people: "models.QuerySet[User]") -> "models.QuerySet[User]":
    """Those of `people` whom a call could ring; pages of theirs that have gone silent are marked."""
    note_silences(people)
    pages = DevicePresence.objects.filter(user=models.OuterRef("pk"))
    ringable = get_there(timezone.now()).filter(user=models.OuterRef("pk"))
    known = people.annotate(is_there=models.Exists(ringable), is_known=models.Exists(pages))
    reachable = known.filter(models.Q(is_there=True) | models.Q(is_known=False))
    return reachable.order_by("-is_there", "pk")
