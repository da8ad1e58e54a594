"""`/Conferences`: rooms under way and ended ones, and what may be done to a whole room.

https://www.twilio.com/docs/voice/api/conference-resource. What a change to an ended room is answered is
not documented; here it is 404, as for its participants.
"""

from typing import Any

from fake_twilio.refusals import not_found
from fake_twilio.rest.answers import rfc2822
from fake_twilio.rest.call_parameters import read_date
from fake_twilio.rest.calls import is_within
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_v2010, sorted_by_age
from fake_twilio.rest.parameters import METHOD, PAGING, TEXT, URL, Parameter, one_of
from fake_twilio.rooms.announcing import announce
from fake_twilio.rooms.registry import ROOMS, rooms_of
from fake_twilio.rooms.room import Room
from fake_twilio.webhooks import Hook

PATH = f"{V2010}/Accounts/{{AC}}/Conferences"


def build_body(room: Room) -> dict[str, Any]:
    path = f"{V2010}/Accounts/{room.account.sid}/Conferences/{room.sid}"
    return {
        "account_sid": room.account.sid,
        "api_version": "2010-04-01",
        "call_sid_ending_conference": room.ended_by.sid if room.ended_by else None,
        "date_created": rfc2822(room.created_at),
        "date_updated": rfc2822(room.updated_at),
        "friendly_name": room.name,
        "reason_conference_ended": room.reason_ended,
        "region": room.region,
        "sid": room.sid,
        "status": room.status,
        "subresource_uris": {
            "participants": f"{path}/Participants.json",
            "recordings": f"{path}/Recordings.json",
        },
        "uri": f"{path}.json",
    }


def find_conference(exchange: Exchange) -> Room | None:
    room = exchange.request.app[ROOMS].get(exchange.sids["CF"])
    return room if room is not None and room.account is exchange.account else None


async def list_conferences(exchange: Exchange) -> Answer:
    wanted = exchange.values
    rows = [
        build_body(room)
        for room in sorted_by_age(rooms_of(exchange.request.app, exchange.account))
        if wanted.get("FriendlyName") in (None, room.name)
        and wanted.get("Status") in (None, room.status)
        and is_within(room.created_at, "DateCreated", wanted)
        and is_within(room.updated_at, "DateUpdated", wanted)
    ]
    return list_v2010(exchange, "conferences", "Conference", rows)


async def fetch_conference(exchange: Exchange) -> Answer:
    return Answer(build_body(exchange.resource), "Conference")


async def update_conference(exchange: Exchange) -> Answer:
    room: Room = exchange.resource
    if room.status == "completed":
        raise not_found(exchange.path)
    if exchange.values.get("AnnounceUrl"):
        hook = Hook(exchange.values["AnnounceUrl"], exchange.values.get("AnnounceMethod", "POST"))
        room.switchboard.spawn(announce(room, hook, None))
    if exchange.values.get("Status"):
        room.end("conference-ended-via-api")
    return await fetch_conference(exchange)


DATE = Parameter(read_date)
FILTERS = {
    "FriendlyName": TEXT,
    "Status": Parameter(one_of("init", "in-progress", "completed")),
    **{name + sign: DATE for name in ("DateCreated", "DateUpdated") for sign in ("", "<", ">")},
    **PAGING,
}
UPDATE = {"Status": Parameter(one_of("completed")), "AnnounceUrl": URL, "AnnounceMethod": METHOD}
READ, WRITE = "/twilio/voice/conferences/read", "/twilio/voice/conferences/update"
ENDPOINTS = (
    Endpoint("GET", PATH, list_conferences, FILTERS, permission=READ),
    Endpoint("GET", f"{PATH}/{{CF}}", fetch_conference, find=find_conference, permission=READ),
    Endpoint("POST", f"{PATH}/{{CF}}", update_conference, UPDATE, find_conference, permission=WRITE),
)
