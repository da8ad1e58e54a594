"""`/Recordings`, `/Calls/{CA}/Recordings` and `/Conferences/{CF}/Recordings`: what they are, and
beginning, pausing and ending them while somebody talks. Their sound is in `recording_files.py`.

https://www.twilio.com/docs/voice/api/recording
"""

from typing import Any

from fake_twilio.refusals import bad_parameter
from fake_twilio.rest.answers import rfc2822
from fake_twilio.rest.call_parameters import CREATE as CALL
from fake_twilio.rest.call_parameters import read_date
from fake_twilio.rest.calls import PATH as CALLS
from fake_twilio.rest.calls import find_call, is_within
from fake_twilio.rest.conferences import PATH as CONFERENCES
from fake_twilio.rest.conferences import find_conference
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_v2010, sorted_by_age
from fake_twilio.rest.parameters import BOOL, PAGING, Parameter, one_of, sid
from fake_twilio.store import CallRecord, now
from fake_twilio.switchboard import SWITCHBOARD
from fake_twilio.takes import HOST, RECORDINGS, Recording, RecordingWish
from fake_twilio.tape import record_call, stop

PATH = f"{V2010}/Accounts/{{AC}}/Recordings"
NOT_ELIGIBLE = 21220
CURRENT = "Twilio.CURRENT"


def build_body(recording: Recording) -> dict[str, Any]:
    path = f"{V2010}/Accounts/{recording.account.sid}/Recordings/{recording.sid}"
    is_over = recording.done.is_set()
    return {
        "account_sid": recording.account.sid,
        "api_version": "2010-04-01",
        "call_sid": recording.call_sid,
        "channels": len(recording.pcm),
        "conference_sid": recording.conference_sid,
        "date_created": rfc2822(recording.started_at),
        "date_updated": rfc2822(recording.updated_at),
        "duration": str(recording.seconds) if is_over else "-1",
        "encryption_details": None,
        "error_code": recording.error_code,
        "media_url": f"{HOST}{path}",
        "price": None,
        "price_unit": "USD",
        "sid": recording.sid,
        "source": recording.wish.source,
        "start_time": rfc2822(recording.started_at),
        "status": recording.status,
        "subresource_uris": {
            "add_on_results": f"{path}/AddOnResults.json",
            "transcriptions": f"{path}/Transcriptions.json",
        },
        "uri": f"{path}.json",
    }


def build_nested_body(recording: Recording, exchange: Exchange) -> dict[str, Any]:
    """The same beneath its call, with its track, or its conference: without the address of its sound."""
    body = build_body(recording)
    del body["media_url"], body["subresource_uris"]
    owner = f"Conferences/{recording.conference_sid}"
    if "CA" in exchange.sids:
        owner = f"Calls/{recording.call_sid}"
        body["track"] = recording.wish.track
    path = f"{V2010}/Accounts/{recording.account.sid}/{owner}"
    return {**body, "uri": f"{path}/Recordings/{recording.sid}.json"}


def of_account(exchange: Exchange) -> list[Recording]:
    """Deleted ones too."""
    return [one for one in exchange.request.app[RECORDINGS].values() if one.account is exchange.account]


def find_recording(exchange: Exchange) -> Recording | None:
    shows_deleted = exchange.request.query.get("IncludeSoftDeleted", "").lower() == "true"
    found = (one for one in of_account(exchange) if one.sid == exchange.sids["RE"])
    return next((one for one in found if shows_deleted or one.status != "deleted"), None)


def find_of_call(exchange: Exchange) -> Recording | None:
    """By its SID, or the latest under way as `Twilio.CURRENT`."""
    name = exchange.sids["recording"]
    found = [one for one in of_account(exchange) if one.call_sid == exchange.sids["CA"]]
    if name == CURRENT:
        return next((one for one in reversed(found) if one.is_live), None)
    return next((one for one in found if one.sid == name and one.status != "deleted"), None)


def list_rows(exchange: Exchange, rows: list[Recording]) -> Answer:
    wanted = exchange.values
    is_nested = {"CA", "CF"} & exchange.sids.keys()
    fitting = [
        build_nested_body(one, exchange) if is_nested else build_body(one)
        for one in sorted_by_age(rows)
        if wanted.get("CallSid") in (None, one.call_sid)
        and wanted.get("ConferenceSid") in (None, one.conference_sid)
        and is_within(one.started_at, "DateCreated", wanted)
        and (wanted.get("IncludeSoftDeleted") or one.status != "deleted")
    ]
    return list_v2010(exchange, "recordings", "Recording", fitting)


async def list_recordings(exchange: Exchange) -> Answer:
    return list_rows(exchange, of_account(exchange))


async def list_of_call(exchange: Exchange) -> Answer:
    call: CallRecord = exchange.resource
    return list_rows(exchange, [one for one in of_account(exchange) if one.call_sid == call.sid])


async def list_of_conference(exchange: Exchange) -> Answer:
    room_sid = exchange.resource.sid
    return list_rows(exchange, [one for one in of_account(exchange) if one.conference_sid == room_sid])


async def fetch_recording(exchange: Exchange) -> Answer:
    return Answer(build_body(exchange.resource), "Recording")


async def fetch_nested(exchange: Exchange) -> Answer:
    return Answer(build_nested_body(exchange.resource, exchange), "Recording")


async def delete_recording(exchange: Exchange) -> Answer:
    """Its sound is gone; the row stays for whoever asks for deleted ones."""
    recording: Recording = exchange.resource
    if recording.is_live:
        await stop(recording)
    recording.status, recording.updated_at = "deleted", now()
    recording.pcm = [bytearray() for _ in recording.pcm]
    return Answer(None, status=204)


async def start_recording(exchange: Exchange) -> Answer:
    call = exchange.request.app[SWITCHBOARD].calls.get(exchange.resource.sid)
    if call is None or call.record.status != "in-progress":
        raise bad_parameter(NOT_ELIGIBLE, "Requested resource is not eligible for recording")
    wish = RecordingWish.of_params(exchange.values, "Recording", "StartCallRecordingAPI")
    return Answer(build_nested_body(record_call(call, wish), exchange), "Recording", 201)


async def update_recording(exchange: Exchange) -> Answer:
    """Pauses, goes on or ends. What one that is over is answered is not documented: here 21220."""
    recording: Recording = exchange.resource
    if not recording.is_live:
        raise bad_parameter(NOT_ELIGIBLE, "Recording is not in-progress. Cannot update.")
    if exchange.values["Status"] == "stopped":
        await stop(recording)
    else:
        recording.status = exchange.values["Status"]
        recording.keeps_time = exchange.values.get("PauseBehavior") != "skip"
        recording.updated_at = now()
    return await fetch_nested(exchange)


DATE = Parameter(read_date)
DATES = {f"DateCreated{sign}": DATE for sign in ("", "<", ">")}
FILTERS = {
    **DATES,
    "CallSid": Parameter(sid("CA")),
    "ConferenceSid": Parameter(sid("CF")),
    "IncludeSoftDeleted": BOOL,
    **PAGING,
}
START = {
    name: CALL[name]
    for name in (
        *("RecordingStatusCallback", "RecordingStatusCallbackMethod", "RecordingStatusCallbackEvent"),
        *("RecordingChannels", "RecordingTrack", "RecordingConfigurationId", "Trim"),
    )
}
UPDATE = {
    "Status": Parameter(one_of("paused", "in-progress", "stopped"), missing_code=20001),
    "PauseBehavior": Parameter(one_of("skip", "silence")),
}
READ, WRITE = "/twilio/voice/recordings/read", "/twilio/voice/recordings/update"
DELETED = {"IncludeSoftDeleted": BOOL}
OF_CALL = f"{CALLS}/{{CA}}/Recordings"
ENDPOINTS = (
    Endpoint("GET", PATH, list_recordings, FILTERS, permission=READ),
    Endpoint("GET", f"{PATH}/{{RE}}", fetch_recording, DELETED, find_recording, permission=READ),
    Endpoint("DELETE", f"{PATH}/{{RE}}", delete_recording, find=find_recording, permission=WRITE),
    Endpoint("GET", OF_CALL, list_of_call, {**DATES, **PAGING}, find_call, permission=READ),
    Endpoint("POST", OF_CALL, start_recording, START, find_call, permission=WRITE),
    Endpoint("GET", f"{OF_CALL}/{{recording}}", fetch_nested, find=find_of_call, permission=READ),
    Endpoint("POST", f"{OF_CALL}/{{recording}}", update_recording, UPDATE, find_of_call, permission=WRITE),
    Endpoint("DELETE", f"{OF_CALL}/{{recording}}", delete_recording, find=find_of_call, permission=WRITE),
    Endpoint(
        "GET",
        f"{CONFERENCES}/{{CF}}/Recordings",
        list_of_conference,
        {**DATES, **PAGING},
        find_conference,
        permission=READ,
    ),
)
