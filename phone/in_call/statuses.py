"""What status callbacks and the ends of Dials mean for calls that are, or were, in a room.

For a plain Dial the end of a leg is the end of the call. Once a call is in a room it is over when nobody is
left in it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.http import QueryDict

from accounts.statements import Given, Question
from accounts.tasks.background import enqueue
from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.legs import CallLeg
from phone.calls.records import ANSWERED, ENDED, Leg, note_leg
from phone.calls.twiml import build_hangup, build_wait
from phone.in_call.moving import is_expected
from phone.in_call.rescue import STEP, answer_unrescued
from phone.in_call.rooms import is_live, mark_over, settle_call, tell_room
from phone.in_call.tidying import BREATH, tidy_room
from phone.in_call.transferring import TRANSFER, answer_transfer
from phone.in_call.twiml import build_join

# How soon it is looked again what has become of somebody who was sent elsewhere.
LOOK_SECONDS = 1


def take_status(call: Call, told: Leg) -> bool:
    """Takes the news of a leg of `call`, which is locked, where a room decides what it means.

    False: it is a plain Dial's, and not taken.
    """
    if not is_ours(call, told.call_sid):
        return False
    note_leg(call, told)
    leg = CallLeg.objects.select_related("call").filter(call=call, call_sid=told.call_sid).first()
    if leg is None:
        return True
    if told.status in ENDED:
        mark_over([leg], told.at)
        settle_call(call)
    elif told.status in ANSWERED and call.conference_id is None and call.answered_at is None:
        call.answered_at, call.status = told.at, "in-progress"
        call.save(update_fields=["answered_at", "status"])
    if leg.conference is not None:
        enqueue(tidy_room, leg.conference.pk, after=BREATH)
        tell_room(leg.conference, but=call)
    tell_changed(call)
    return True


def is_ours(call: Call, leg_sid: str) -> bool:
    """Whether the call is in a room or was sent on; or the leg was in one, and it went on without it."""
    if call.conference_id is not None:
        return True
    return bool(MOVED.ask_values(call=call.pk, leg_sid=leg_sid))


def build_moved() -> "models.QuerySet[CallLeg, Any]":
    """Legs of a call by which it is a room's: the one that was in one, or whoever it was passed on to."""
    was_in_room = models.Q(call_sid=Given("leg_sid", models.CharField()), conference__isnull=False)
    legs = CallLeg.objects.filter(
        was_in_room | models.Q(role=CallLeg.Role.TRANSFERRED_TO), call=Given("call", models.UUIDField())
    )
    return legs.order_by().values_list("pk")[:1]


MOVED = Question(build_moved)


def is_transferred(call: Call) -> bool:
    return call.legs.filter(role=CallLeg.Role.TRANSFERRED_TO).exists()


def answer_dial(account: TwilioAccount, params: QueryDict, query: Mapping[str, str]) -> str | None:
    """TwiML for a leg whose Dial has ended although its call has not; None where the call ends with it."""
    leg = get_leg(account, str(params["CallSid"]))
    if leg is not None and leg.let_go_at is not None and is_transferred(leg.call):
        # Who has transferred the call is out of it; the others are not.
        return build_hangup()
    if leg is None or not is_live(leg):
        return None
    room, dialled = leg.conference, params.get("DialCallSid", "")
    if room is not None and is_expected(room) and (is_met(leg, dialled) or not is_over(account, dialled)):
        return build_join(account=account, name=room.name, label=leg.label)
    if query.get(TRANSFER):
        return answer_transfer(account, params, query[TRANSFER])
    if query.get(STEP):
        return answer_unrescued(account, params, query[STEP])
    if is_being_transferred(leg.call) and params.get("CallStatus") not in ENDED:
        # By the Dial that this breaks off: the other one tells what comes of it.
        return build_wait(f"{account.build_address('dial_action')}?{urlencode(query)}", LOOK_SECONDS)
    return None


def answer_join(account: TwilioAccount, call_sid: str) -> str | None:
    """TwiML for a leg that was sent to its room; None where it has none."""
    leg = get_leg(account, call_sid)
    if leg is None or leg.conference is None or leg.conference.ended_at is not None:
        return None
    return build_join(account=account, name=leg.conference.name, label=leg.label)


def get_leg(account: TwilioAccount, call_sid: str) -> CallLeg | None:
    legs = CallLeg.objects.select_related("conference", "call")
    return legs.filter(call__account=account, call_sid=call_sid).first()


def is_being_transferred(call: Call) -> bool:
    return call.legs.filter(role=CallLeg.Role.TRANSFERRED_TO, ended_at=None).exists()


def is_met(leg: CallLeg, dialled: str) -> bool:
    """Whether somebody else than the leg that the Dial made, by its SID, is in the room of `leg`, or to be.

    Twilio ends what rings once it sends on whoever waits, and asks for the action of the Dial all the same
    (measured in August 2026: https://github.com/qisoft/i-hate-making-calls/issues/31).
    """
    others = CallLeg.objects.filter(conference=leg.conference, ended_at=None, let_go_at=None)
    others = others.exclude(pk=leg.pk)
    return (others.exclude(call_sid=dialled) if dialled else others).exists()


def is_over(account: TwilioAccount, call_sid: str) -> bool:
    """Whether the leg that a Dial made is known to have ended: then nobody was sent anywhere.

    Asked again, Twilio names none; and a leg without a SID is one that it has never named.
    """
    legs = CallLeg.objects.filter(call__account=account, call_sid=call_sid).exclude(call_sid="")
    return legs.exclude(ended_at=None).exists()
