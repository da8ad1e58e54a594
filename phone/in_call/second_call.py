"""A second call that rings while one is going on: hold the first and answer it.

A page's Device has one call at a time, so the second is joined here: its caller is sent into the room of
the first, where the person already is. With that its phones stop ringing.
"""

import time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from accounts.twilio.rest import TwilioLogin
from phone.calling_limits.time_left import find_time_left
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.records import get_locked_call
from phone.causes.facts import note_facts
from phone.in_call.holding import hold_legs, refresh
from phone.in_call.moving import MOVE_SECONDS, enter, move_into_conference, wait_until_joined
from phone.in_call.participants import redirect_leg
from phone.in_call.parts import Part, get_part
from phone.in_call.refusals import DeedRefused, NotPossible, TwilioAway, TwilioRefused
from phone.in_call.rooms import is_live, is_talking, tell_room

TAKEN = _("Somebody else has answered it.")
GONE = _("The caller has hung up.")
NOT_RINGING = _("It does not ring for you.")
ASKED = _("You are asked into a call that goes on: answer or decline.")
# Those who are called for others that talk meanwhile.
BROUGHT = (CallLeg.Role.CONSULTED, CallLeg.Role.ADDED)


def answer(part: Part) -> None:
    """Holds what the person is in, and joins them with the caller of `part`."""
    current = find_current(part)
    # Alone, so that what it comes to be while Twilio is asked is read when it is needed.
    first = get_part(part.person, current.call.call_sid) if current else None
    if first is None:
        raise NotPossible(_("You are in no other call."), _("Answer it as usual."))
    login = part.get_login()
    room = move_into_conference(first.call, login)
    held = [
        leg
        for one in (first, *first.neighbours)
        for leg in refresh(one.talking)
        if not leg.is_held and leg.conference_id == room.pk
    ]
    try:
        hold_legs(login, room, held, is_held=True)
        bring_in(part, room, login)
    except TwilioAway:
        # What was asked may yet come to pass.
        raise
    except DeedRefused:
        waiting_in_vain = [leg for leg in refresh(held) if leg.is_held and is_live(leg)]
        hold_legs(login, room, waiting_in_vain, is_held=False)
        raise


def bring_in(part: Part, room: Conference, login: TwilioLogin) -> None:
    """Sends the caller of `part` into `room`. Raises DeedRefused where they are not in it then."""
    waiting = find_waiting(part)
    if waiting is None:
        raise NotPossible(GONE)
    claim(part, room, waiting)
    try:
        url = part.call.account.build_address("join_room")
        redirect_leg(login, waiting.call_sid, url, find_time_left(waiting))
        there = wait_until_joined(room, login, time.monotonic() + MOVE_SECONDS)
    except TwilioRefused as refused:
        undo(part, waiting)
        if refused.is_gone:
            raise NotPossible(GONE) from refused
        raise
    if all(leg.pk != waiting.pk for leg in there):
        raise NotPossible(GONE)


def find_current(part: Part) -> Part | None:
    """Another call that the person is in."""
    others = (one for one in part.elsewhere if one.call.ended_at is None)
    return next((one for one in others if one.is_in_it and one.talking), None)


def find_waiting(part: Part) -> CallLeg | None:
    """Whose Dial rings for the person: the caller, or whoever is left in a call that comes back to them.

    As it was when `part` was read: `claim()` looks again.
    """
    wanted = (part.mine.parent_call_sid if part.mine else "") or part.call.call_sid
    return next((leg for leg in part.legs if leg.call_sid == wanted and is_live(leg)), None)


@transaction.atomic
def claim(part: Part, room: Conference, waiting: CallLeg) -> None:
    """Committed before Twilio is asked: two who answer at once are not both told that they have it."""
    row = get_locked_call(part.call.account, part.call.call_sid)
    waiting.refresh_from_db()
    if row is None or row.ended_at is not None or not is_live(waiting):
        raise NotPossible(GONE)
    is_answered = row.answered_at is not None and part.call.answered_at is None
    # One of an earlier Dial may talk in a room meanwhile.
    rung = row.legs.select_related("call").filter(parent_call_sid=waiting.call_sid, conference=None)
    if is_answered or waiting.conference_id is not None or any(is_talking(leg) for leg in rung):
        raise NotPossible(TAKEN)
    row.conference, row.status = room, "in-progress"
    row.answered_at = row.answered_at or timezone.now()
    if row.direction == Call.Direction.INCOMING:
        row.user = part.person
    row.save(update_fields=["conference", "answered_at", "status", "user"])
    enter(waiting, room)
    if part.mine is not None:
        # Their phone stops ringing for this one: they talk on the leg that they have.
        note_facts(row, taken=[*row.cause_facts.get("taken", []), str(part.mine.pk)])
    tell_changed(row)
    tell_room(room, but=row)


@transaction.atomic
def undo(part: Part, waiting: CallLeg) -> None:
    row = get_locked_call(part.call.account, part.call.call_sid)
    if row is None or row.ended_at is not None:
        return
    before = part.call
    row.conference, row.answered_at, row.status = None, before.answered_at, before.status
    row.user = before.user
    row.save(update_fields=["conference", "answered_at", "status", "user"])
    CallLeg.objects.filter(pk=waiting.pk).update(conference=None)
    mine = str(part.mine.pk) if part.mine else ""
    note_facts(row, taken=[one for one in row.cause_facts.get("taken", []) if one != mine])
    tell_changed(row)


def rings_for(part: Part) -> bool:
    """Whether a Dial rings for them: of the call when it began, or of whoever is left in it later."""
    if part.mine is None or part.mine.role != CallLeg.Role.CALLED or is_talking(part.mine):
        return False
    return part.is_ringing or part.is_returning


def why_not_send_away(part: Part) -> Words:
    """To voicemail: whoever waits for the person to answer, and talks to nobody meanwhile."""
    if part.is_ringing and part.call.direction == Call.Direction.INCOMING:
        return ""
    if part.mine is None or not is_live(part.mine) or is_talking(part.mine):
        return NOT_RINGING
    if part.mine.role in BROUGHT:
        return ASKED
    return "" if find_left_waiting(part) is not None else NOT_RINGING


def find_left_waiting(part: Part) -> CallLeg | None:
    """Who hears it ring for the person, and nothing else."""
    if (
        part.mine is not None
        and part.mine.role == CallLeg.Role.TRANSFERRED_TO
        and not part.mine.parent_call_sid
    ):
        return None
    waiting = find_waiting(part)
    return waiting if waiting is not None and waiting.conference_id is None else None


def why_not_answer(part: Part) -> Words:
    if not rings_for(part):
        return NOT_RINGING
    current = find_current(part)
    if current is None:
        return _("You are in no other call.")
    return _("You are on hold in the other call: answering ends that one.") if current.is_held else ""
