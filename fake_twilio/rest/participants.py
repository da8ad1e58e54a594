"""`/Conferences/{CF}/Participants`: who is in a room, who is called for it, and what is done to them.

https://www.twilio.com/docs/voice/api/conference-participant-resource. A participant is named by its
CallSid or its label. Adding one to a name instead of a SID opens that room.
"""

import asyncio
import contextlib
from typing import Any

from fake_twilio.conference import build_participant, ring_and_join, set_up_over_rest
from fake_twilio.outgoing import place_call
from fake_twilio.refusals import bad_parameter, not_found
from fake_twilio.rest.answers import rfc2822
from fake_twilio.rest.call_parameters import check_callee
from fake_twilio.rest.conferences import PATH as CONFERENCES
from fake_twilio.rest.conferences import READ, WRITE, find_conference
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_v2010, sorted_by_age
from fake_twilio.rest.parameters import UNKNOWN_PARAMETER
from fake_twilio.rest.participant_changes import change
from fake_twilio.rest.participant_parameters import CREATE, FILTERS, UPDATE
from fake_twilio.rooms.participant import Participant
from fake_twilio.rooms.registry import ROOMS, find_room, open_room
from fake_twilio.rooms.room import Room
from fake_twilio.switchboard import SWITCHBOARD

PATH = f"{CONFERENCES}/{{CF}}/Participants"
LABEL_TAKEN, ROOM_FULL = 16025, 16020
# How long a request to remove somebody waits until they are out.
REMOVE_SECONDS = 0.5


def build_body(room: Room, participant: Participant) -> dict[str, Any]:
    path = f"{V2010}/Accounts/{room.account.sid}/Conferences/{room.sid}/Participants/{participant.sid}"
    return {
        "account_sid": room.account.sid,
        "call_sid": participant.sid,
        "call_sid_to_coach": participant.coached or None,
        "coaching": bool(participant.coached),
        "conference_sid": room.sid,
        "date_created": rfc2822(participant.created_at),
        "date_updated": rfc2822(participant.updated_at),
        "end_conference_on_exit": participant.ends_room,
        "hold": participant.is_held,
        "label": participant.label or None,
        "muted": participant.is_muted,
        "queue_time": None,
        "start_conference_on_enter": participant.starts_room,
        "status": participant.status,
        "uri": f"{path}.json",
    }


def find_room_under_way(exchange: Exchange) -> Room | None:
    """One that is under way: an ended one has no participants."""
    room = find_conference(exchange)
    return room if room is not None and room.status != "completed" else None


def find_participant(exchange: Exchange) -> tuple[Room, Participant] | None:
    room = find_room_under_way(exchange)
    participant = room.find(exchange.sids["participant"]) if room else None
    return (room, participant) if room and participant else None


async def list_participants(exchange: Exchange) -> Answer:
    room: Room = exchange.resource
    rows = [build_body(room, one) for one in sorted_by_age(room.participants.values())]
    for name in ("Muted", "Hold", "Coaching"):
        rows = [row for row in rows if exchange.values.get(name) in (None, row[name.lower()])]
    return list_v2010(exchange, "participants", "Participant", rows)


async def fetch_participant(exchange: Exchange) -> Answer:
    return Answer(build_body(*exchange.resource), "Participant")


async def create_participant(exchange: Exchange) -> Answer:
    app, account, wanted = exchange.request.app, exchange.account, exchange.values
    check_callee(account, wanted)
    room = find_named_room(exchange)
    check_place(room, wanted)
    room = room or open_room(app[SWITCHBOARD], account, exchange.sids["room"])
    if not room.participants:
        set_up_over_rest(room, wanted)
    call = place_call(app, account, wanted)
    participant = build_participant(call, wanted)
    room.expect(participant)
    call.switchboard.spawn(ring_and_join(room, participant, wanted))
    return Answer(build_body(room, participant), "Participant", 201)


def find_named_room(exchange: Exchange) -> Room | None:
    """By SID or by name; None for a name of which there is none yet."""
    app, account, name = exchange.request.app, exchange.account, exchange.sids["room"]
    if name in app[ROOMS]:
        room = app[ROOMS][name]
        if room.account is not account or room.status == "completed":
            raise not_found(exchange.path)
        return room
    if name.startswith("CF") and len(name) == len("CF") + 32:
        raise not_found(exchange.path)
    return find_room(app, account, name)


def check_place(room: Room | None, wanted: dict[str, Any]) -> None:
    """The codes are those of the same mistakes in TwiML; that REST answers 400 with them is assumed."""
    label, coached = wanted.get("Label"), wanted.get("CallSidToCoach")
    if room is not None and label and room.find(label) is not None:
        raise bad_parameter(LABEL_TAKEN, f"Conference participant label {label} already exists")
    if room is not None and room.is_full:
        raise bad_parameter(ROOM_FULL, "Conference is full")
    if wanted.get("Coaching") and not coached:
        raise bad_parameter(UNKNOWN_PARAMETER, "CallSidToCoach must be defined if Coaching is true")


async def update_participant(exchange: Exchange) -> Answer:
    room, participant = exchange.resource
    change(room, participant, exchange.values)
    return await fetch_participant(exchange)


async def delete_participant(exchange: Exchange) -> Answer:
    """The call goes on with its next TwiML; one that was made for the room is over."""
    _, participant = exchange.resource
    participant.send_out("participant_updated_via_api", is_kicked=True)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(participant.gone.wait(), REMOVE_SECONDS)
    return Answer(None, status=204)


ONE = f"{PATH}/{{participant}}"
ENDPOINTS = (
    Endpoint("GET", PATH, list_participants, FILTERS, find_room_under_way, permission=READ),
    Endpoint("POST", f"{CONFERENCES}/{{room}}/Participants", create_participant, CREATE, permission=WRITE),
    Endpoint("GET", ONE, fetch_participant, find=find_participant, permission=READ),
    Endpoint("POST", ONE, update_participant, UPDATE, find_participant, permission=WRITE),
    Endpoint("DELETE", ONE, delete_participant, find=find_participant, permission=WRITE),
)
