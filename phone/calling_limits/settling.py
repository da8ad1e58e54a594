"""Keeps of each placed call how long it was talked: heard of every change of a call, in its transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.dispatch import receiver
from django.utils import timezone

from accounts.statements import Given, Question, update
from phone.calling_limits.placed_calls import FORWARDED, PlacedCall
from phone.calling_limits.rules import LONGEST_SECONDS
from phone.calls.call import Call
from phone.calls.changes import call_changed, found_alive
from phone.calls.legs import CallLeg

# Twilio's seconds and ours are not the same to the last.
NEAR_SECONDS = 2
# Every call that goes on is asked about within two minutes, where Twilio answers.
ASKED_AGAIN = timedelta(minutes=3)


@dataclass(frozen=True)
class Talk:
    """How many seconds; whether by what Twilio has told, and not at most."""

    seconds: int
    is_known: bool = True


@receiver(call_changed, dispatch_uid="settle placed calls")
def settle(sender: object, call: Call, **kwargs: Any) -> None:
    """Settles those of the call's parts that are over; of an ended call, all."""
    legs = [leg for leg in call.legs.all() if is_placed(leg)]
    if call.ended_at is None and all(leg.ended_at is None for leg in legs):
        return
    if not legs and call.to_address.startswith("client:"):
        return
    for row in PLACED.ask(call_sid=call.call_sid):
        leg = find_leg(row, legs)
        ended = leg.ended_at if leg is not None and leg.ended_at is not None else call.ended_at
        if ended is not None:
            end(call, row, measure(call, row, leg, ended), ended)


def build_placed_of() -> "models.QuerySet[PlacedCall]":
    return PlacedCall.objects.allowed().filter(call_sid=Given("call_sid", models.CharField()))


PLACED = Question(build_placed_of)


@receiver(found_alive, dispatch_uid="count on what goes on")
def count_on(sender: object, call_sids: list[str], **kwargs: Any) -> None:
    """What goes on is counted as such, however short it was to be, until Twilio is asked the next time."""
    if not call_sids:
        return
    until = timezone.now() + ASKED_AGAIN
    going_on = PlacedCall.objects.allowed().filter(call_sid__in=call_sids, ended_at=None)
    going_on.filter(expires_at__lt=until).update(expires_at=until)


def is_placed(leg: CallLeg) -> bool:
    return leg.route == CallLeg.Route.NUMBER and leg.role != CallLeg.Role.CALLER


def find_leg(row: PlacedCall, legs: list[CallLeg]) -> CallLeg | None:
    """The leg that the row is of: by its key, else the last that was dialled to its number."""
    if row.leg_id is not None:
        return next((leg for leg in legs if leg.pk == row.leg_id), None)
    dialled = [leg for leg in legs if leg.role == CallLeg.Role.CALLED and leg.address == row.number]
    return dialled[-1] if dialled else None


def measure(call: Call, row: PlacedCall, leg: CallLeg | None, ended: datetime) -> Talk:
    """How long the row's leg, of which nothing may have been told, was talked until `ended`."""
    if leg is None and row.leg_id is not None:
        # It was undone before Twilio was told of it.
        return Talk(0)
    if call.cause_facts.get("untold") and (leg is None or leg.ended_at is None):
        # Its end in our row is made up, and its answer may have been lost, too.
        return Talk(row.granted_seconds, is_known=False)
    is_outgoing = row.leg_id is None and call.direction == Call.Direction.OUTGOING
    began = leg.answered_at or leg.joined_at if leg is not None else None
    if began is None and is_outgoing and (leg is None or leg.status == "completed"):
        # Where only the end was told, that is all that is known of the answer.
        is_told = call.answered_at is not None and call.answered_at < ended
        began = call.answered_at if is_told else None
    if began is not None:
        return Talk(count_seconds(began, ended))
    was_answered = call.answered_at is not None if leg is None else leg.status == "completed"
    if not was_answered:
        return Talk(0)
    # Nobody has told since when: no longer than since it was asked for.
    return Talk(min(row.granted_seconds, count_seconds(row.begun_at, ended)), is_known=False)


def count_seconds(began: datetime, ended: datetime) -> int:
    return max(0, round((ended - began).total_seconds()))


def end(call: Call, row: PlacedCall, talk: Talk, ended: datetime) -> None:
    """A later word, which knows of more, corrects what an earlier one has left."""
    if row.ended_at is not None and talk.seconds <= (row.seconds or 0):
        return
    row.seconds = talk.seconds
    row.ended_at = min(ended, timezone.now())
    update(row, "seconds", "ended_at")
    is_near = abs(row.seconds - row.granted_seconds) <= NEAR_SECONDS
    is_at_limit = is_near and row.granted_seconds < LONGEST_SECONDS
    is_forwarded = FORWARDED in row.key
    if is_at_limit and talk.is_known and row.leg_id is None and not is_forwarded:
        # Twilio tells of it as of any other end.
        call.cause_facts = {**call.cause_facts, "at_limit": True}
        update(call, "cause_facts")
