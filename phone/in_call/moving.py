"""Takes a call out of its Dial into a room, where one side alone can be held and others can be joined.

One request does it: the leg that the Dial made is sent to the TwiML at `join_room`. With that the Dial is
over for the leg that dialled, which asks at its `action` what comes next, and is told the same room.
https://www.twilio.com/docs/voice/tutorials/how-to-modify-calls-in-progress

What is committed before the request decides between two who ask at once, and tells `action` that the Dial
has not ended by somebody hanging up.
"""

import time
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.outside import leave_database
from accounts.twilio.rest import TwilioLogin
from phone.calling_limits.time_left import find_time_left
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.records import Leg, get_locked_call, note_leg, read_identity
from phone.in_call.participants import find_conference, list_children, list_participants, redirect_leg
from phone.in_call.refusals import NotPossible, TwilioAway, TwilioRefused
from phone.in_call.rooms import get_live_legs, is_present, is_talking

# How long a move may take from the request to both being in the room; who asks again meanwhile waits.
MOVE_SECONDS = 6.0
# So long nobody else asks for the same move: whoever asked may have died.
MOVE_LASTS = timedelta(seconds=12)
# So long after it was asked for a move may still come to pass, where Twilio gave no answer.
MOVE_MAY_COME = timedelta(seconds=60)
LOOK_SECONDS = 0.03
# Once callbacks have taken so long, Twilio is asked, and then again so much later.
ASK_AFTER_SECONDS = 1.5
OVER = _("This call is over.")
NOT_ANSWERED = _("This call has not been answered yet.")


def move_into_conference(call: Call, login: TwilioLogin) -> Conference:
    """The room that `call` goes on in, with both of its sides in it: moved there now, or before.

    Raises DeedRefused; the call goes on as it was then.
    """
    deadline = time.monotonic() + MOVE_SECONDS
    room, child = claim(call)
    if room is None:
        # Its child's callback was lost, or is late.
        learn_children(call, login)
        room, child = claim(call)
    if room is None:
        raise NotPossible(_("Twilio has not told yet who is in this call."), _("Try again in a moment."))
    if child is not None:
        send(call, room, child, login)
    wait_until_joined(room, login, deadline)
    call.refresh_from_db()
    return room


@transaction.atomic
def claim(call: Call) -> tuple[Conference | None, CallLeg | None]:
    """The call's room, and the leg to send there: None where somebody has sent it already.

    Without a room, too, where it is not known who talks in this call. Raises NotPossible.
    """
    row = get_locked_call(call.account, call.call_sid)
    if row is None or row.ended_at is not None:
        raise NotPossible(OVER)
    if row.answered_at is None:
        raise NotPossible(NOT_ANSWERED)
    room = row.conference
    if room is not None and room.ended_at is None and (has_begun(room) or is_being_asked(room)):
        return room, None
    talking = [leg for leg in row.legs.select_related("call") if is_talking(leg)]
    parent, child = find_pair(row, talking)
    if parent is None or child is None:
        return None, None
    if room is None or room.ended_at is not None:
        room = Conference.objects.create(account=row.account)
    room.asked_at = timezone.now()
    room.save(update_fields=["asked_at"])
    row.conference = room
    row.save(update_fields=["conference"])
    for leg in (parent, child):
        enter(leg, room)
    tell_changed(row)
    return room, child


def enter(leg: CallLeg, room: Conference) -> None:
    """From now on the leg is expected in `room`."""
    leg.conference = room
    leg.joined_at = leg.left_at = leg.conference_sequence = None
    leg.is_held = False
    leg.save()


def has_begun(room: Conference) -> bool:
    """Whether anybody has come into the room."""
    return CallLeg.objects.filter(conference=room).exclude(joined_at=None).exists()


def is_being_asked(room: Conference) -> bool:
    """Whether somebody has asked Twilio for the move and is waiting for it."""
    return room.asked_at is not None and room.asked_at > timezone.now() - MOVE_LASTS


def is_expected(room: Conference) -> bool:
    """Whether a leg whose Dial has ended may have been sent here, and not left by whoever hung up."""
    if room.ended_at is not None:
        return False
    is_recent = room.asked_at is not None and room.asked_at > timezone.now() - MOVE_MAY_COME
    return is_recent or has_begun(room)


def find_pair(call: Call, talking: Sequence[CallLeg]) -> tuple[CallLeg | None, CallLeg | None]:
    """The leg that dialled and the one that it made, of those who talk."""
    # One that Twilio has not named yet is nobody's parent.
    by_sid = {leg.call_sid: leg for leg in talking if leg.call_sid}
    for leg in talking:
        parent = by_sid.get(leg.parent_call_sid)
        if parent is not None and leg.call_sid != parent.call_sid:
            return parent, leg
    return by_sid.get(call.call_sid), None


def learn_children(call: Call, login: TwilioLogin) -> None:
    """Asks Twilio which legs the call has dialled, where no callback has told of the one who answered."""
    found = list_children(login, call.call_sid)
    with transaction.atomic():
        row = get_locked_call(call.account, call.call_sid)
        if row is None:
            return
        for one in found:
            to, status = str(one.get("to") or ""), str(one.get("status") or "")
            told = Leg(
                status=status,
                identity=read_identity(to),
                at=timezone.now(),
                error_code=None,
                call_sid=str(one.get("sid") or ""),
                address=to,
                parent_call_sid=call.call_sid,
            )
            note_leg(row, told)
            # A row that began with other news knows as little of its parent.
            CallLeg.objects.filter(call=row, call_sid=told.call_sid, parent_call_sid="").update(
                parent_call_sid=call.call_sid
            )
        tell_changed(row)


def send(call: Call, room: Conference, child: CallLeg, login: TwilioLogin) -> None:
    """The one request. A refusal takes the move back; without an answer it may still come to pass."""
    try:
        url = call.account.build_address("join_room")
        redirect_leg(login, child.call_sid, url, find_time_left(child))
    except TwilioRefused as refused:
        if refused.is_gone:
            # The other side has just hung up: who is left in the room is seen to like any other.
            raise NotPossible(_("The other side has just hung up.")) from refused
        undo(call, room)
        raise
    except TwilioAway:
        # Whoever tries again asks again.
        given_up_at = timezone.now() - MOVE_LASTS
        Conference.objects.filter(pk=room.pk).update(asked_at=given_up_at)
        raise


@transaction.atomic
def undo(call: Call, room: Conference) -> None:
    row = get_locked_call(call.account, call.call_sid)
    if row is None or row.conference_id != room.pk:
        return
    row.conference = None
    row.save(update_fields=["conference"])
    CallLeg.objects.filter(conference=room).update(conference=None)
    Conference.objects.filter(pk=room.pk).update(ended_at=timezone.now())
    tell_changed(row)


def wait_until_joined(room: Conference, login: TwilioLogin, deadline: float) -> list[CallLeg]:
    """Until everybody who is expected in `room` is there: who that is.

    Raises NotPossible where somebody has hung up meanwhile, TwilioAway where it takes too long.
    """
    ask_at = time.monotonic() + ASK_AFTER_SECONDS
    while True:
        legs = [leg for leg in get_live_legs(room) if is_talking(leg)]
        if len(legs) < 2:
            raise NotPossible(_("The other side has just hung up."))
        if all(is_present(leg) for leg in legs):
            room.refresh_from_db()
            if room.conference_sid:
                return legs
        if time.monotonic() > deadline:
            raise TwilioAway
        if time.monotonic() > ask_at:
            room.refresh_from_db()
            learn_participants(room, login)
            ask_at = time.monotonic() + ASK_AFTER_SECONDS
            continue
        leave_database()
        time.sleep(LOOK_SECONDS)


def learn_participants(room: Conference, login: TwilioLogin) -> None:
    """Asks Twilio who is in a room, where its events are late or lost.

    Its list may be older than an event that arrives meanwhile: of whom there is news by then it says nothing.
    """
    before = {leg.pk: get_presence(leg) for leg in get_live_legs(room)}
    found = find_conference(login, room.name)
    if found is None:
        return
    sid, is_over = str(found.get("sid") or ""), found.get("status") == "completed"
    present = {} if is_over else {str(one.get("call_sid")): one for one in list_participants(login, sid)}
    now = timezone.now()
    Conference.objects.filter(pk=room.pk).update(
        conference_sid=sid, ended_at=(room.ended_at or now) if is_over else room.ended_at
    )
    for leg in get_live_legs(room):
        told = present.get(leg.call_sid)
        with transaction.atomic():
            row = get_locked_call(leg.call.account, leg.call.call_sid)
            leg.refresh_from_db()
            if row is None or get_presence(leg) != before.get(leg.pk) or not take_presence(leg, told):
                continue
            tell_changed(row)


def get_presence(leg: CallLeg) -> tuple[object, ...]:
    """Where a leg is, and by which news."""
    return leg.conference_id, leg.joined_at, leg.left_at, leg.is_held, leg.conference_sequence


def take_presence(leg: CallLeg, told: dict[str, object] | None) -> bool:
    """What Twilio's list says of a leg, None if it is not in it: whether that was news."""
    before = (leg.joined_at, leg.left_at, leg.is_held)
    if told is None or told.get("status") in ("queued", "connecting", "ringing"):
        leg.left_at = leg.left_at or (timezone.now() if leg.joined_at else None)
    else:
        leg.joined_at, leg.left_at = leg.joined_at or timezone.now(), None
        leg.is_held = bool(told.get("hold"))
    if before == (leg.joined_at, leg.left_at, leg.is_held):
        return False
    leg.save()
    return True
