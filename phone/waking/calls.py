"""Wakes people's closed browsers for a call, and takes it back once the call is over.

Only those of whom no page is there: a page that is open rings by itself. Whom a call has woken is kept with
it (`Call.cause_facts["woken"]`, keys of people), so that whatever becomes of the call is told to them, too.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.languages import speaking_to
from accounts.people import User
from phone.calls.call import Call
from phone.calls.changes import call_changed
from phone.calls.do_not_disturb import DoNotDisturb
from phone.calls.legs import CallLeg
from phone.calls.parties import Names, get_names, name_person
from phone.calls.unread import build_counts_of
from phone.causes.describing import show_number
from phone.causes.facts import note_facts
from phone.contacts.names import NamesOfCallers, find_names_of
from phone.device.presence import get_there
from phone.waking.sending import Message, push_to_browsers
from phone.waking.subscriptions import get_awake
from phone.waking.vapid import is_offered

# A browser that was not reached while it rang is told for so long that it did.
TOLD_LATER = timedelta(hours=12)


def find_asleep(people: "models.QuerySet[User]", *, at_most: int) -> list[int]:
    """Those of `people` whose closed browsers a call may wake."""
    if not is_offered():
        return []
    person = models.OuterRef("pk")
    there = models.Exists(get_there(timezone.now()).filter(user=person))
    undisturbed = models.Exists(DoNotDisturb.objects.filter(user=person))
    asleep = people.filter(models.Exists(get_awake().filter(user=person))).exclude(there).exclude(undisturbed)
    return list(asleep.order_by("pk").values_list("pk", flat=True)[:at_most])


def wake(call: Call, people: Collection[int], *, seconds: int) -> None:
    """Tells those browsers, after the commit, that `call` rings for so long. `call` is locked, or new."""
    woken = call.cause_facts.get("woken", [])
    fresh = [pk for pk in people if pk not in woken]
    note_facts(call, woken=[*woken, *fresh])
    # Whom it rings by a notice it rings all the same.
    call.rung.add(*people)
    transaction.on_commit(partial(tell_ringing, call, list(people), seconds), robust=True)


def tell_ringing(call: Call, people: Collection[int], seconds: int) -> None:
    messages = {}
    names = read_names(call, people)
    for person in User.objects.filter(pk__in=people):
        with speaking_to(person):
            data = {
                "kind": "ring",
                "call": call.call_sid,
                "title": _("{caller} is calling").format(caller=name_caller(call, person, names)),
                "body": _("Open the phone to answer."),
                "seconds": seconds,
                "url": reverse("phone"),
            }
        messages[person.pk] = Message(data, topic=call.pk.hex, seconds=seconds, is_urgent=True)
    push_to_browsers(messages)


def hear_changed(sender: Any, call: Call, **kwargs: Any) -> None:
    """Heard inside the transaction that changes the call."""
    facts = call.cause_facts
    if not facts.get("woken") or facts.get("is_woken_told"):
        return
    if call.answered_at is None and call.ended_at is None:
        return
    note_facts(call, is_woken_told=True)
    transaction.on_commit(partial(tell_over, call, facts["woken"]), robust=True)


def tell_over(call: Call, people: Iterable[int]) -> None:
    """Whoever answered, or that nobody did; and how much the person has not seen, for the icon."""
    people = list(people)
    names, by = read_names(call, people), find_answerer(call)
    messages, unseen = {}, build_counts_of(people)
    for person in User.objects.filter(pk__in=people, is_active=True):
        with speaking_to(person):
            title, body = word_end(call, name_caller(call, person, names), by, person)
        data = {
            "kind": "over",
            "call": call.call_sid,
            "title": title,
            "body": body,
            "is_missed": call.answered_at is None,
            "unseen": sum(unseen[person.pk].values()),
            "url": reverse("recents" if call.answered_at is None else "phone"),
        }
        seconds = round(TOLD_LATER.total_seconds()) if call.answered_at is None else 60
        messages[person.pk] = Message(data, topic=call.pk.hex, seconds=seconds)
    push_to_browsers(messages)


def word_end(call: Call, caller: str, by: User | None, person: User) -> tuple[str, str]:
    """The title and the text of what `person` is told; `by` is who has answered."""
    if call.answered_at is None:
        return _("Missed call from {caller}").format(caller=caller), _("Open the phone to call back.")
    title = _("{caller} was answered").format(caller=caller)
    if by == person:
        return title, _("By you.")
    return title, _("By {name}.").format(name=by.display_name) if by else _("By somebody else.")


def find_answerer(call: Call) -> User | None:
    """Who has answered; None where nobody has, or nobody of ours."""
    if call.answered_at is None or call.direction == Call.Direction.INCOMING:
        return call.user if call.answered_at else None
    answered = call.legs.filter(answered_at__isnull=False).exclude(role=CallLeg.Role.CALLER)
    leg = answered.select_related("user").order_by("answered_at").first()
    return leg.user if leg else None


@dataclass(frozen=True)
class CallerNames:
    """Who calls: as a colleague, and by the contacts of each of those whom it rings."""

    names: Names
    contacts: NamesOfCallers


def read_names(call: Call, people: Collection[int]) -> CallerNames:
    address = call.from_address
    return CallerNames(get_names([address]), find_names_of(people, [address]))


def name_caller(call: Call, person: User, names: CallerNames) -> str:
    """As `person` sees who calls, who may have a name for the number; in the language that is spoken."""
    address = call.from_address
    name = name_person(address, names.names)
    known = names.contacts.get((person.pk, address))
    return known or (show_number(name) if name == address else name)


call_changed.connect(hear_changed, dispatch_uid="browsers that were woken")
