"""A ring that ended because the page it rang in is gone: whoever waits goes on waiting for a moment.

Closing the tab that is the phone ends its Device, and Twilio may take that for nobody being there. Where
another page of the person's is about to be the phone, or the same one is loaded anew, its Device is rung as
soon as it is registered (`following/ready.py`); until then the end is not taken for one.
"""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import models, transaction
from django.http import QueryDict
from django.utils import timezone

from accounts.people import User
from accounts.tasks.background import background, enqueue
from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.calls.records import (
    ENDED,
    UNANSWERED,
    Leg,
    get_locked_call,
    note_leg,
    read_identity,
    record_progress,
)
from phone.calls.statuses import read_status
from phone.causes.facts import LOST, is_follower, note_facts
from phone.device.events import REGISTERED, DeviceEvent
from phone.device.presence import BACK_WITHIN, SILENT_AFTER, DevicePresence, get_left, get_ringable
from phone.in_call.consulting import bring_back
from phone.in_call.following.rings import MAY_RING_WITHIN, find_planned_end, is_in_vain, is_ringing, may_ring
from phone.in_call.rooms import is_live
from phone.in_call.statuses import take_status

# How a ring ends that nobody has ended.
UNREACHED = ("no-answer", "failed")
# A tab that is the phone now has its Device by then.
READY_WITHIN = timedelta(seconds=8)
LOOK_AGAIN_AFTER = timedelta(seconds=2)
# A ring that ends so shortly before its time has had it.
MARGIN = timedelta(seconds=3)


def withhold(call: Call, leg_sid: str, status: str) -> bool:
    """Whether it is not to be taken that a leg of `call`, which is locked, has ended with that CallStatus: it
    has lost its page alone.
    """
    if status not in UNREACHED or not leg_sid:
        return False
    legs = call.legs.select_related("user", "call").filter(call_sid=leg_sid, ended_at=None)
    leg = legs.first()
    return leg is not None and is_ringing(leg) and note_lost(call, leg)


def withhold_told(call: Call, told: Leg) -> bool:
    """As `withhold`, of what a status callback tells of a leg: it may be the first that is told of that."""
    is_of_a_device = told.status in UNREACHED and told.identity and told.parent_call_sid
    if is_of_a_device and not CallLeg.objects.filter(call_sid=told.call_sid).exists():
        note_leg(call, replace(told, status="ringing", error_code=None, sip_response_code=None))
    return withhold(call, told.call_sid, told.status)


@transaction.atomic
def is_awaited(account: TwilioAccount, params: QueryDict) -> bool:
    """Whether whoever dialled is to wait although the Dial is over, as `params` tell: somebody is rung in
    another page, or about to be.
    """
    result, call_sid = read_status(params, "DialCallStatus"), params["CallSid"]
    if result not in UNANSWERED or params.get("CallStatus") in ENDED:
        return False
    call = get_locked_call(account, str(call_sid))
    if call is None or call.ended_at is not None:
        return False
    legs = list(call.legs.select_related("user", "call"))
    waiting = next((leg for leg in legs if leg.call_sid == call_sid), None)
    if waiting is None or not is_live(waiting) or waiting.conference_id is not None:
        return False
    dialled = params.get("DialCallSid", "")
    if dialled and result in UNREACHED and all(leg.call_sid != dialled for leg in legs):
        # Twilio has not told yet whom it has rung. Asked again, it does not name the leg any more.
        return any(is_coming_or_back(person, call.started_at) for person in call.rung.all())
    rung = [leg for leg in legs if leg.parent_call_sid == call_sid and is_ringing(leg)]
    # How the Dial has ended says nothing of those who were called beside it.
    followers = [leg for leg in rung if is_follower(call, leg)]
    lost = [leg for leg in rung if leg not in followers and result in UNREACHED and note_lost(call, leg)]
    return bool(lost) or any(may_ring(leg) for leg in followers)


def note_lost(call: Call, leg: CallLeg) -> bool:
    """Keeps that a ring was lost with its page, for as long as another may come; whether it was."""
    lost = call.cause_facts.get(LOST, {})
    if leg.label in lost:
        # Whatever was to give it up may be late.
        return timezone.now() < datetime.fromisoformat(lost[leg.label]) + READY_WITHIN + BACK_WITHIN
    is_early = timezone.now() < find_planned_end(leg) - MARGIN
    is_by_news = leg.role == CallLeg.Role.CALLED and not is_follower(call, leg)
    # Twilio rings before it tells of it, and such a row is from then.
    since = leg.asked_at - MAY_RING_WITHIN if is_by_news else leg.asked_at
    if not is_early or leg.user is None or is_in_vain(call, leg) or not is_coming_or_back(leg.user, since):
        return False
    note_facts(call, **{LOST: {**lost, leg.label: timezone.now().isoformat()}})
    enqueue(give_up, leg.pk, after=BACK_WITHIN)
    return True


def is_coming_or_back(person: User, since: datetime) -> bool:
    """Whether a page of theirs is the phone since `since`, or may be in a moment; or one has been left, also
    before that, and may be back.
    """
    now = timezone.now()
    return is_coming(person, since) or get_left(now).filter(user=person).exists() or is_leaving(person, since)


def is_leaving(person: User, since: datetime) -> bool:
    """Whether Twilio knows of no Device although a page of theirs stands as ready, since a ring that began at
    `since` is over at once: then the page's word that it is left is on its way.
    """
    now = timezone.now()
    if now > since + 2 * MAY_RING_WITHIN:
        return False
    return get_ringable(now).filter(user=person, state=DeviceEvent.State.READY, disconnected_at=None).exists()


def is_coming(person: User, since: datetime) -> bool:
    """Whether a page of theirs is the phone since `since`, or is there and may be it in a moment."""
    there = models.Q(is_spare=True) | models.Q(state=DeviceEvent.State.CONNECTING)
    pages = DevicePresence.objects.filter(there, user=person, disconnected_at=None)
    if pages.filter(last_alive_at__gt=timezone.now() - SILENT_AFTER).exists():
        return True
    return DeviceEvent.objects.filter(user=person, sdk_event=REGISTERED, received_at__gt=since).exists()


@background(tries=4, priority=40, lease=timedelta(seconds=30))
def give_up(leg_id: str) -> None:
    """Takes the end of a ring for what it was, where no page has come that it could follow."""
    legs = CallLeg.objects.select_related("call__account", "user")
    leg = legs.filter(pk=uuid.UUID(str(leg_id)), ended_at=None).first()
    if leg is None or leg.user is None:
        return
    with transaction.atomic():
        call = get_locked_call(leg.call.account, leg.call.call_sid)
        leg.refresh_from_db(fields=["status", "ended_at", "answered_at", "let_go_at"])
        if call is None or leg.ended_at is not None or leg.answered_at is not None:
            return
        now = timezone.now()
        since = datetime.fromisoformat(call.cause_facts[LOST][leg.label])
        if now < since + READY_WITHIN and is_coming(leg.user, now):
            enqueue(give_up, leg.pk, after=LOOK_AGAIN_AFTER)
            return
        told = Leg(
            status="no-answer",
            identity=read_identity(leg.address),
            at=now,
            error_code=None,
            call_sid=leg.call_sid,
            address=leg.address,
        )
        if not take_status(call, told):
            record_progress(call, told)
        if leg.role == CallLeg.Role.CONSULTED:
            enqueue(bring_back, call.pk)
