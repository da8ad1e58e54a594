"""Which legs ring for whom, until when, and whether that is for anything. Asks the database alone."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.people import User
from accounts.statements import GivenMany, GivenMoment, Question
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.calls.twiml import CLIENT_RINGS_SECONDS
from phone.causes.facts import RING_SECONDS_OF_STEP, find_first, is_follower
from phone.in_call import inviting
from phone.in_call.rescue import AGENT_SECONDS
from phone.in_call.rooms import is_live, is_talking
from phone.in_call.twiml import TRANSFER_SECONDS

Role = CallLeg.Role

# A Device that registered so shortly after the ring began may be rung by Twilio all the same; its page has
# said so once that is over.
MAY_RING_WITHIN = timedelta(seconds=2)
# Nothing rings longer: https://www.twilio.com/docs/voice/twiml/dial#timeout.
RINGS_AT_MOST = timedelta(seconds=600)
LEAST_SECONDS = 10
# The end of a ring is told so soon after it.
TOLD_WITHIN = timedelta(seconds=10)


def find_ringing(person: User | None) -> list[CallLeg]:
    """Their legs that ring, one of each call: the newest."""
    if person is None:
        return []
    legs = CallLeg.objects.filter(user=person, ended_at=None, asked_at__gt=timezone.now() - RINGS_AT_MOST)
    legs = legs.select_related("call__account", "call__user", "user").order_by("asked_at", "pk")
    newest = {leg.call_id: leg for leg in legs}
    return [leg for leg in newest.values() if is_ringing(leg)]


def find_called(people: Collection[int]) -> set[int]:
    """Those of these people, by their keys, who may be called just now: few at a time, and seldom any."""
    if not people:
        return set()
    return {person for (person,) in CALLED.ask_values(people=people, now=timezone.now())}


def build_called() -> "models.QuerySet[Any]":
    people, now = GivenMany("people", models.BigIntegerField()), GivenMoment("now")
    legs = CallLeg.objects.filter(user__among=people, ended_at=None, asked_at__gt=now - RINGS_AT_MOST)
    rung = Call.rung.through.objects.filter(
        user__among=people,
        call__started_at__gt=now - MAY_RING_WITHIN,
        call__answered_at=None,
        call__ended_at=None,
    )
    return legs.order_by().values_list("user").union(rung.values_list("user"))


CALLED: "Question[Any]" = Question(build_called)


def is_ringing(leg: CallLeg) -> bool:
    """Whether the phone of one of ours rings, or rang until its page was gone."""
    is_rung = leg.role != Role.CALLER and leg.user_id is not None and leg.let_go_at is None
    return is_rung and is_live(leg) and not is_talking(leg) and leg.call.ended_at is None


def is_ringing_still(leg: CallLeg) -> bool:
    return leg.let_go_at is None and is_live(leg) and not is_talking(leg)


def count_seconds(leg: CallLeg) -> int:
    """How long `leg` was to ring."""
    if leg.role in (Role.CONSULTED, Role.ADDED):
        return inviting.RING_SECONDS
    if leg.role == Role.TRANSFERRED_TO:
        return TRANSFER_SECONDS
    if leg.call.answered_at is not None:
        return AGENT_SECONDS
    seconds: int = leg.call.cause_facts.get(RING_SECONDS_OF_STEP, CLIENT_RINGS_SECONDS)
    return seconds


def find_planned_end(leg: CallLeg) -> datetime:
    """Until when the first was to ring of those that followed one another until `leg`."""
    first = leg
    if is_follower(leg.call, leg):
        label = find_first(leg.call, leg)
        first = next((one for one in leg.call.legs.all() if one.label == label), leg)
    return first.asked_at + timedelta(seconds=count_seconds(first))


def find_end(leg: CallLeg) -> datetime:
    """Until when `leg` is to ring: from page to page no longer than the first, but for the least, once."""
    end = find_planned_end(leg)
    if not is_follower(leg.call, leg):
        return end
    least = timedelta(seconds=LEAST_SECONDS)
    return min(max(end, leg.asked_at + least), end + least)


def may_ring(leg: CallLeg) -> bool:
    """Whether `leg`, whose end Twilio has not told, may ring still."""
    return timezone.now() < find_end(leg) + TOLD_WITHIN


def is_over(call: Call, waiting: CallLeg) -> bool:
    """Whether whoever waited waits no more: gone, answered by somebody else, or in a room."""
    if call.ended_at is not None or not is_live(waiting) or waiting.conference_id is not None:
        return True
    # Twilio may not have told yet that who has sent them on is out of it.
    rung = call.legs.select_related("call").filter(parent_call_sid=waiting.call_sid, conference=None)
    rung = rung.filter(let_go_at=None)
    return any(is_talking(one) for one in rung)


def is_in_vain(call: Call, leg: CallLeg) -> bool:
    """Whether a leg of a Dial rings for nobody any more, though Twilio has not told of its end yet."""
    if not leg.parent_call_sid or leg.conference_id is not None:
        return False
    waiting = call.legs.select_related("call").filter(call_sid=leg.parent_call_sid).first()
    return waiting is not None and is_over(call, waiting)
