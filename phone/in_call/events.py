"""What Twilio tells of a room, in whatever order: the webhook's words, taken into our rows.

https://www.twilio.com/docs/voice/twiml/conference#attributes-statusCallback
"""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.http import QueryDict

from accounts.tasks.background import enqueue
from accounts.twilio.credentials import TwilioAccount
from phone.calls.changes import tell_changed
from phone.calls.conferences import Conference, find_conference
from phone.calls.legs import CallLeg
from phone.calls.records import ENDED, get_locked_call, read_number, read_timestamp
from phone.calls.statuses import read_status
from phone.calls.webhooks import CONFERENCE_SID
from phone.in_call.announcing import is_newcomer, tell_of_recording
from phone.in_call.consulting import bring_back
from phone.in_call.lost import withhold
from phone.in_call.rooms import is_live, mark_over, settle_call, tell_room
from phone.in_call.tidying import BREATH, tidy_room

LABEL = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class RoomEvent:
    kind: str
    name: str
    conference_sid: str
    call_sid: str
    label: str
    sequence_number: int
    is_held: bool
    # The participant's call when they left: over, or on its way to other TwiML.
    call_status: str
    at: datetime


def read_event(params: QueryDict) -> RoomEvent:
    sid = params.get("ConferenceSid", "")
    return RoomEvent(
        kind=params.get("StatusCallbackEvent", ""),
        name=params.get("FriendlyName", ""),
        conference_sid=sid if CONFERENCE_SID.fullmatch(sid) else "",
        call_sid=params.get("CallSid", ""),
        label=params.get("ParticipantLabel", ""),
        sequence_number=read_number(params.get("SequenceNumber", "")) or 0,
        is_held=params.get("Hold", "").lower() == "true",
        call_status=read_status(params, "ParticipantCallStatus"),
        at=read_timestamp(params.get("Timestamp", "")),
    )


@transaction.atomic
def take_event(account: TwilioAccount, event: RoomEvent) -> None:
    """One event. What is not ours, or not known, changes nothing; a repeated one changes nothing more."""
    room = find_conference(account, event.name)
    if room is None:
        return
    match event.kind:
        case "conference-start":
            note_sid(room, event)
            Conference.objects.filter(pk=room.pk, started_at=None).update(started_at=event.at)
        case "conference-end":
            note_sid(room, event)
            Conference.objects.filter(pk=room.pk, ended_at=None).update(ended_at=event.at)
            enqueue(tidy_room, room.pk, after=BREATH)
        case "participant-join" | "participant-leave" | "participant-hold" | "participant-unhold":
            take_participant(account, room, event)
        case _:
            note_sid(room, event)


def note_sid(room: Conference, event: RoomEvent) -> None:
    if event.conference_sid:
        unnamed = Conference.objects.filter(pk=room.pk, conference_sid="")
        unnamed.update(conference_sid=event.conference_sid)


def take_participant(account: TwilioAccount, room: Conference, event: RoomEvent) -> None:
    leg = find_leg(account, event)
    # The call before its room and its legs, as everybody locks them, so that no two wait for each other.
    call = get_locked_call(account, leg.call.call_sid) if leg else None
    note_sid(room, event)
    if leg is None or call is None:
        return
    leg.refresh_from_db()
    if leg.call_sid not in ("", event.call_sid):
        return
    if not leg.call_sid:
        leg.call_sid = event.call_sid
        leg.save(update_fields=["call_sid"])
    if leg.conference_id != room.pk:
        # It has gone on elsewhere, and this is old.
        return
    is_news = event.sequence_number > (leg.conference_sequence or 0)
    if event.kind == "participant-leave" and withhold(call, leg.call_sid, event.call_status):
        return
    match event.kind:
        case "participant-join":
            # Who is heard while it still rings is told once they have answered (`party_statuses.py`).
            if leg.joined_at is None and leg.answered_at is not None and is_newcomer(leg):
                enqueue(tell_of_recording, leg.pk)
            leg.joined_at = leg.joined_at or event.at
            leg.left_at = None if is_news else leg.left_at
        case "participant-leave":
            if is_news:
                leg.left_at, leg.is_held = event.at, False
            if is_news and event.call_status in ENDED and is_live(leg):
                # Of somebody who did not answer, Twilio says here how that ended.
                leg.status = event.call_status
                mark_over([leg], event.at)
            if leg.role == CallLeg.Role.CONSULTED:
                enqueue(bring_back, call.pk)
        case _:
            leg.is_held = event.is_held if is_news and leg.left_at is None else leg.is_held
    leg.conference_sequence = max(event.sequence_number, leg.conference_sequence or 0)
    leg.save()
    if event.kind in ("participant-join", "participant-leave"):
        settle_call(call)
        # Who joins may find that everybody else has gone meanwhile.
        enqueue(tidy_room, room.pk, after=BREATH)
    tell_changed(call)
    tell_room(room, but=call)


def find_leg(account: TwilioAccount, event: RoomEvent) -> CallLeg | None:
    """By its Call SID; by its label, where Twilio tells of somebody before we have read how it named them.

    In one query: between two, it may be named.
    """
    is_it = models.Q(call_sid=event.call_sid) if event.call_sid else models.Q(pk=None)
    if LABEL.fullmatch(event.label):
        is_it |= models.Q(pk=uuid.UUID(event.label))
    legs = list(CallLeg.objects.filter(is_it, call__account=account).select_related("call"))
    return next((leg for leg in legs if leg.call_sid == event.call_sid), legs[0] if legs else None)
