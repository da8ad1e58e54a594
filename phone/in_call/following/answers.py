"""A page answers a ring that followed its person there: both are brought together in a room."""

import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.tasks.background import background, enqueue
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.rest import TwilioLogin
from phone.calling_limits.time_left import find_time_left
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.records import ENDED, Leg, get_locked_call, note_leg
from phone.in_call.asking import get_own_login
from phone.in_call.following.rings import is_over, is_ringing
from phone.in_call.moving import enter, learn_participants
from phone.in_call.participants import end_leg, fetch_call, list_children, redirect_leg
from phone.in_call.refusals import DeedRefused, TwilioAway, TwilioRefused
from phone.in_call.rooms import is_live, mark_over
from phone.in_call.tidying import note_over, tidy_room
from phone.in_call.twiml import build_join
from phone.recordings.announcing import choose_language
from phone.recordings.automatic import is_planned, plan_again
from phone.recordings.state import get_recording_state

Role = CallLeg.Role

# Whoever was sent into a room, and has got there, is told of by then.
LOOK_AFTER = timedelta(seconds=2)


def take_status(call: Call, leg: CallLeg, told: Leg) -> None:
    """News of a leg that follows and is in no room: `call` is locked. Whether it has answered in time is for
    `answer` to say, and one that came too late was never answered.
    """
    if told.status in ("in-progress", "completed"):
        if told.status == "in-progress":
            return
        told = replace(told, status="canceled")
    note_leg(call, told)
    tell_changed(call)


def answer(account: TwilioAccount, call_sid: str, label: str) -> str | None:
    """TwiML for a page that has answered a ring that followed its person there; None where it is too late."""
    taken = take(account, call_sid, label)
    if taken is None:
        return None
    leg, waiting, room = taken
    if waiting is not None and not bring(leg, waiting):
        return None
    recorded_in = choose_language(leg.call, leg.user) if is_to_be_told(leg) else ""
    return build_join(account=account, name=room.name, label=leg.label, recorded_in=recorded_in)


def is_to_be_told(leg: CallLeg) -> bool:
    """Whether whoever has answered does not know yet that the call is, or may be, recorded.

    The caller of one that comes in has heard it, and our own people who take it see it. Whoever comes into a
    call that goes on is told once they are there (`phone/in_call/announcing.py`).
    """
    call = leg.call
    if leg.role != Role.CALLED or call.direction != Call.Direction.OUTGOING:
        return False
    return is_planned(call) or get_recording_state(call) != "off"


def bring(leg: CallLeg, waiting: CallLeg) -> bool:
    """Has Twilio send whoever waits into the room; False where it does not, and they wait on."""
    try:
        login = get_own_login(leg.call.account, leg.user)
        if has_other(waiting, login):
            undo(leg, waiting)
            return False
        url = leg.call.account.build_address("join_room")
        redirect_leg(login, waiting.call_sid, url, find_time_left(waiting))
    except TwilioAway:
        # It may still come to pass: `see_to` looks.
        enqueue(see_to, leg.pk, after=LOOK_AFTER)
    except DeedRefused:
        undo(leg, waiting)
        return False
    return True


def has_other(waiting: CallLeg, login: TwilioLogin) -> bool:
    """Whether somebody else has answered whoever waits, and Twilio has not told of it yet.

    Where it does not say, nobody has as far as we know. Raises DeedRefused where it refuses to.
    """
    with suppress(TwilioAway):
        return any(one.get("status") == "in-progress" for one in list_children(login, waiting.call_sid))
    return False


@background(tries=4, priority=50, lease=timedelta(seconds=60))
def see_to(leg_id: str) -> None:
    """Brings together those whom Twilio was asked to and did not answer, where it has not done it."""
    legs = CallLeg.objects.select_related("call__account", "call__user", "conference", "user")
    leg = legs.filter(pk=uuid.UUID(str(leg_id)), ended_at=None).first()
    if leg is None or leg.conference is None:
        return
    login = get_own_login(leg.call.account, leg.user)
    learn_participants(leg.conference, login)
    others = leg.call.legs.select_related("call__account").filter(call_sid=leg.parent_call_sid)
    waiting = others.filter(conference=leg.conference, joined_at=None, ended_at=None).first()
    if waiting is None:
        return
    if not is_going_on(waiting, login):
        note_over(waiting, timezone.now())
        enqueue(tidy_room, leg.conference.pk)
    elif has_other(waiting, login) or not is_going_on(leg, login):
        undo(leg, waiting)
        end_leg(login, leg.call_sid)
    else:
        try:
            url = leg.call.account.build_address("join_room")
            redirect_leg(login, waiting.call_sid, url, find_time_left(waiting))
        except TwilioRefused:
            undo(leg, waiting)
            end_leg(login, leg.call_sid)


def is_going_on(leg: CallLeg, login: TwilioLogin) -> bool:
    found = fetch_call(login, leg.call_sid)
    return found is not None and found.get("status") not in ENDED


@transaction.atomic
def take(
    account: TwilioAccount, call_sid: str, label: str
) -> tuple[CallLeg, CallLeg | None, Conference] | None:
    """The leg that has answered, whom it has answered where they are to be sent into the room, and the room.

    Committed before Twilio is asked: of two who answer at once, one is told that they have it.
    """
    try:
        wanted = uuid.UUID(hex=label)
    except ValueError:
        return None
    leg = CallLeg.objects.filter(call__account=account, pk=wanted).select_related("call").first()
    call = get_locked_call(account, leg.call.call_sid) if leg else None
    if leg is None or call is None:
        return None
    leg.refresh_from_db()
    leg.call = call
    leg.call_sid = leg.call_sid or call_sid
    room = leg.conference
    if room is not None:
        # Called for a room, or asked twice.
        leg.save(update_fields=["call_sid"])
        return None if room.ended_at is not None or not is_live(leg) or leg.let_go_at else (leg, None, room)
    waiting = call.legs.select_related("call").filter(call_sid=leg.parent_call_sid).first()
    if waiting is None or not is_ringing(leg) or leg.call_sid != call_sid or is_over(call, waiting):
        mark_over([leg], timezone.now())
        leg.save(update_fields=["call_sid"])
        tell_changed(call)
        return None
    now = timezone.now()
    room = Conference.objects.create(account=account, asked_at=now)
    call.conference, call.status, call.answered_at = room, "in-progress", call.answered_at or now
    if call.direction == Call.Direction.INCOMING and call.user is None:
        call.user = leg.user
    call.save(update_fields=["conference", "status", "answered_at", "user"])
    enter(waiting, room)
    leg.status, leg.answered_at = "in-progress", now
    enter(leg, room)
    tell_changed(call)
    return leg, waiting, room


@transaction.atomic
def undo(leg: CallLeg, waiting: CallLeg) -> None:
    """Twilio did not bring them together: whoever waits hears it ring on, or is gone."""
    call = get_locked_call(leg.call.account, leg.call.call_sid)
    if call is None or call.ended_at is not None:
        return
    others = call.legs.exclude(pk__in=[leg.pk, waiting.pk])
    call.conference = None
    if waiting.role == Role.CALLER and not others.exclude(answered_at=None).exists():
        call.answered_at, call.status = None, "ringing"
        if call.direction == Call.Direction.INCOMING:
            call.user = None
        plan_again(call)
    call.save(update_fields=["conference", "answered_at", "status", "user"])
    CallLeg.objects.filter(pk=waiting.pk).update(conference=None)
    leg.refresh_from_db()
    leg.status, leg.answered_at, leg.conference = "canceled", None, None
    leg.save(update_fields=["status", "answered_at", "conference"])
    mark_over([leg], timezone.now())
    tell_changed(call)
