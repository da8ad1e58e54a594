"""Decides what becomes of a room after somebody has left it. A task, because Twilio is asked.

Nobody is left in it alone, or held with nobody there who could resume: who was left by a page that died is
rung back, who was left otherwise is hung up on, and an empty room is closed. Before anything is done to
anybody Twilio is asked who is there.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.people import User
from accounts.tasks.background import background, enqueue
from accounts.twilio.rest import TwilioLogin
from phone.calls.changes import tell_changed
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.records import Leg, get_locked_call, note_leg, read_identity
from phone.in_call.asking import get_own_login
from phone.in_call.moving import learn_participants
from phone.in_call.participants import end_leg, fetch_call
from phone.in_call.parts import get_inviter
from phone.in_call.rescue import rescue_leg
from phone.in_call.rooms import (
    get_live_calls,
    get_live_legs,
    is_live,
    is_present,
    is_talking,
    mark_over,
    settle_call,
)

# By then the others' legs have ended too, where the whole room was ended, and a page that hung up has
# said so.
BREATH = timedelta(seconds=1)
# A transfer is asked for and done within it, or has come to nothing.
SENT_ON_WITHIN = timedelta(seconds=15)


@dataclass(frozen=True)
class Plan:
    """Who is hung up on, and who is sent out to be rung back."""

    ended: Sequence[CallLeg] = ()
    rescued: Sequence[CallLeg] = ()

    @property
    def is_to_do(self) -> bool:
        return bool(self.ended or self.rescued)


@background(tries=6, priority=40, lease=timedelta(seconds=60))
def tidy_room(room_id: str) -> None:
    room = Conference.objects.select_related("account").filter(pk=uuid.UUID(str(room_id))).first()
    if room is None:
        return
    if make_plan(room).is_to_do:
        login = get_own_login(room.account, find_person(room))
        # Its events may be on their way, and nobody is brought back who was hung up on.
        learn_participants(room, login)
        carry_out(make_true(make_plan(room), room, login), login)
    if any(is_sent_on(leg) for leg in get_live_legs(room)):
        enqueue(tidy_room, room.pk, after=SENT_ON_WITHIN)
    close_ended(room)


def make_plan(room: Conference) -> Plan:
    legs = [leg for leg in get_live_legs(room) if not is_sent_on(leg)]
    return Plan() if is_moving(legs) else choose(legs, was_lost(room))


def is_sent_on(leg: CallLeg) -> bool:
    """Whether somebody is about to be put through to somebody else, and only by our rows still in the room.

    Twilio tells of those who leave, and asks us where to put them through, in any order. Whoever puts them
    through may stay, for another call of theirs in the same room.
    """
    since = timezone.now() - SENT_ON_WITHIN
    targets = CallLeg.objects.filter(
        call=leg.call_id,
        role=CallLeg.Role.TRANSFERRED_TO,
        answered_at=None,
        ended_at=None,
        asked_at__gt=since,
    )
    by = {get_inviter(leg.call, target) for target in targets.exclude(pk=leg.pk)}
    return bool(by) and leg.let_go_at is None and (leg.user_id is None or leg.user_id not in by)


def is_moving(legs: Sequence[CallLeg]) -> bool:
    """Whether somebody who talks is still on their way into the room."""
    return any(is_talking(leg) and leg.joined_at is None for leg in legs) and len(legs) > 1


def choose(legs: Sequence[CallLeg], was_lost: bool) -> Plan:
    """What becomes of those in a room who are not over, after somebody has left it or was lost."""
    # Whose phone rings may be in the room already, for the others to hear it ring.
    present = [leg for leg in legs if is_present(leg) and is_talking(leg)]
    expected = [leg for leg in legs if not is_talking(leg)]
    if len(present) > 1 and any(leg.user_id and not leg.is_held and not is_asked(leg) for leg in present):
        return Plan()
    if not present or (expected and not was_lost):
        return Plan()
    if len(present) == 1 and not was_lost:
        return Plan(ended=present)
    # Whom the lost page had called for the others would find nobody to talk to; and whom it has asked
    # before a transfer knows nothing of who waits.
    asked = [leg for leg in present if is_asked(leg)] if was_lost and len(present) > 1 else []
    left = [leg for leg in present if leg not in asked]
    return Plan([*expected, *asked], [leg for leg in left if leg.is_held or len(left) == 1])


def make_true(plan: Plan, room: Conference, login: TwilioLogin) -> Plan:
    """`plan`, or another one where somebody has answered whom it would hang up on: the news may be lost."""
    answered = [leg for leg in plan.ended if has_answered(leg, login)]
    if not answered:
        return plan
    for leg in answered:
        note_answered(leg)
    learn_participants(room, login)
    return make_plan(room)


def carry_out(plan: Plan, login: TwilioLogin) -> None:
    hang_up_on(login, plan.ended)
    for leg in plan.rescued:
        rescue_leg(leg, login)


def has_answered(leg: CallLeg, login: TwilioLogin) -> bool:
    """Whether somebody who was called for those in the room talks to them, and Twilio has not told us yet."""
    if is_talking(leg) or is_asked(leg) or not leg.call_sid:
        return False
    return (fetch_call(login, leg.call_sid) or {}).get("status") == "in-progress"


def is_asked(leg: CallLeg) -> bool:
    return leg.role == CallLeg.Role.CONSULTED


def was_lost(room: Conference) -> bool:
    """Whether the last to leave was one of ours whose page died."""
    last = find_last_to_leave(room)
    return last is not None and last.user_id is not None and last.let_go_at is None


def find_last_to_leave(room: Conference) -> CallLeg | None:
    """A leg may be told to be over before it is told to have joined or left: it counts as well.

    Who has left only to be put through to somebody else was not lost.
    """
    gone = CallLeg.objects.filter(conference=room).exclude(left_at=None, ended_at=None)
    # Whoever declined was never more than expected.
    never = models.Q(answered_at=None) & ~models.Q(role=CallLeg.Role.CALLER)
    at = Coalesce("left_at", "ended_at")
    last = gone.exclude(never).order_by(at.desc(), "-conference_sequence").select_related("call")
    return next((leg for leg in last if leg.ended_at is not None or not is_sent_on(leg)), None)


def find_person(room: Conference) -> User | None:
    """In whose name Twilio is asked: one of ours who is or was in the room."""
    mine = CallLeg.objects.filter(conference=room).exclude(user=None).select_related("user").last()
    return mine.user if mine else None


def hang_up_on(login: TwilioLogin, legs: Sequence[CallLeg]) -> None:
    now = timezone.now()
    for leg in legs:
        CallLeg.objects.filter(pk=leg.pk, let_go_at=None).update(let_go_at=now)
        if leg.call_sid:
            end_leg(login, leg.call_sid)
        note_over(leg, now)


@transaction.atomic
def note_over(leg: CallLeg, at: datetime) -> None:
    call = get_locked_call(leg.call.account, leg.call.call_sid)
    leg.refresh_from_db()
    if call is None:
        return
    mark_over([leg], at)
    settle_call(call)
    tell_changed(call)


@transaction.atomic
def note_answered(leg: CallLeg) -> None:
    """Twilio says that the party talks; when they answered it does not say before they have hung up."""
    call = get_locked_call(leg.call.account, leg.call.call_sid)
    leg.refresh_from_db()
    if call is None or not is_live(leg) or is_talking(leg):
        return
    told = Leg(
        status="in-progress",
        identity=read_identity(leg.address),
        at=timezone.now(),
        error_code=None,
        call_sid=leg.call_sid,
        address=leg.address,
    )
    note_leg(call, told)
    tell_changed(call)


@transaction.atomic
def close_ended(room: Conference) -> None:
    """Ends the calls of which nobody is left, and the room with the last of them."""
    for call in get_live_calls(room):
        row = get_locked_call(room.account, call.call_sid)
        if row is not None and row.ended_at is None and settle_call(row):
            tell_changed(row)
    if not get_live_legs(room) and not get_live_calls(room).exists():
        Conference.objects.filter(pk=room.pk, ended_at=None).update(ended_at=timezone.now())
