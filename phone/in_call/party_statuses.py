"""News of somebody who was called for a call that goes on: asked, added, or transferred to."""

import uuid

from django.db import transaction

from accounts.tasks.background import enqueue
from accounts.twilio.credentials import TwilioAccount
from phone.calls.legs import CallLeg
from phone.calls.records import ENDED, Leg, get_locked_call
from phone.causes.facts import is_follower
from phone.in_call.announcing import is_newcomer, tell_of_recording
from phone.in_call.consulting import bring_back, end_stray
from phone.in_call.following.answers import take_status as take_status_of_follower
from phone.in_call.lost import withhold
from phone.in_call.rooms import is_live
from phone.in_call.statuses import take_status
from phone.in_call.twiml import build_join


@transaction.atomic
def take_party_status(account: TwilioAccount, told: Leg, label: str) -> None:
    """`label` is the row's id, from the callback's own address: it is known before Twilio's answer is."""
    leg = find_leg(account, label)
    call = get_locked_call(account, leg.call.call_sid) if leg else None
    if leg is None or call is None:
        return
    leg.refresh_from_db()
    if leg.call_sid not in ("", told.call_sid):
        return
    if not leg.call_sid:
        leg.call_sid, leg.parent_call_sid = told.call_sid, told.parent_call_sid or leg.parent_call_sid
        leg.save(update_fields=["call_sid", "parent_call_sid"])
    if leg.let_go_at is not None and told.status not in ENDED:
        # It was given up before Twilio had named it, or is being hung up on.
        enqueue(end_stray, leg.pk)
        return
    if withhold(call, told.call_sid, told.status):
        return
    if is_follower(call, leg) and leg.conference_id is None:
        take_status_of_follower(call, leg, told)
        return
    has_just_answered = told.status == "in-progress" and leg.answered_at is None
    take_status(call, told)
    if has_just_answered and leg.joined_at is not None and is_newcomer(leg):
        enqueue(tell_of_recording, leg.pk)
    if told.status in ENDED and leg.role == CallLeg.Role.CONSULTED:
        enqueue(bring_back, leg.call_id)


@transaction.atomic
def answer_party(account: TwilioAccount, call_sid: str, label: str) -> str | None:
    """TwiML for somebody who was called for a room and has answered; None where they are wanted no more."""
    leg = find_leg(account, label)
    call = get_locked_call(account, leg.call.call_sid) if leg else None
    if leg is None or call is None:
        return None
    leg.refresh_from_db()
    room = leg.conference
    is_wanted = is_live(leg) and leg.let_go_at is None and leg.call_sid in ("", call_sid)
    if not is_wanted or room is None or room.ended_at is not None:
        return None
    if not leg.call_sid:
        leg.call_sid = call_sid
        leg.save(update_fields=["call_sid"])
    return build_join(account=account, name=room.name, label=leg.label)


def find_leg(account: TwilioAccount, label: str) -> CallLeg | None:
    try:
        wanted = uuid.UUID(hex=label)
    except ValueError:
        return None
    return CallLeg.objects.filter(call__account=account, pk=wanted).select_related("call").first()
