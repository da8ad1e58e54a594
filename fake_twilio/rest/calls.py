"""`/Calls`: what was called, by whom, and how it ended."""

import re
from datetime import UTC, date, datetime
from typing import Any

from fake_twilio import originate
from fake_twilio.refusals import bad_parameter
from fake_twilio.rest.answers import rfc2822
from fake_twilio.rest.call_parameters import CREATE, UPDATE, check_call, read_date
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_v2010, sorted_by_age
from fake_twilio.rest.parameters import PAGING, TEXT, Parameter, one_of
from fake_twilio.store import CallRecord, make_sid

PATH = f"{V2010}/Accounts/{{AC}}/Calls"
NOT_IN_PROGRESS = 21220
LIVE = ("queued", "ringing", "in-progress")
STATUSES = (*LIVE, "completed", "busy", "failed", "no-answer", "canceled")
SUBRESOURCES = (
    "events",
    "notifications",
    "payments",
    "recordings",
    "siprec",
    "streams",
    "transcriptions",
    "user_defined_messages",
    "user_defined_message_subscriptions",
)


def build_body(call: CallRecord) -> dict[str, Any]:
    """The Call resource: durations and prices are strings."""
    path = f"{V2010}/Accounts/{call.account_sid}/Calls/{call.sid}"
    return {
        "account_sid": call.account_sid,
        "answered_by": call.answered_by,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.ended_at or call.answered_at or call.created_at),
        "direction": call.direction,
        "duration": get_duration(call),
        "end_time": rfc2822(call.ended_at),
        "forwarded_from": None,
        "from": call.from_,
        "from_formatted": write_national(call.from_),
        "group_sid": None,
        "parent_call_sid": call.parent_call_sid,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": rfc2822(call.started_at),
        "status": call.status,
        "stir_verstat": call.stir_verstat,
        "subresource_uris": {name: f"{path}/{write_segment(name)}.json" for name in SUBRESOURCES},
        "to": call.to,
        "to_formatted": write_national(call.to),
        "trunk_sid": None,
        "uri": f"{path}.json",
    }


def get_duration(call: CallRecord) -> str | None:
    """Whole seconds from answer to end, of calls that are over and were answered."""
    if call.ended_at is None or call.answered_at is None:
        return None
    return str(round((call.ended_at - call.answered_at).total_seconds()))


def write_national(address: str) -> str:
    match = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", address)
    return f"({match[1]}) {match[2]}-{match[3]}" if match else address


def write_segment(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def find_call(exchange: Exchange) -> CallRecord | None:
    return exchange.account.calls.get(exchange.sids["CA"])


async def list_calls(exchange: Exchange) -> Answer:
    calls = sorted_by_age(exchange.account.calls.values())
    rows = [build_body(call) for call in calls if fits(call, exchange.values)]
    return list_v2010(exchange, "calls", "Call", rows)


def fits(call: CallRecord, wanted: dict[str, Any]) -> bool:
    return all(
        (
            wanted.get("To") in (None, call.to),
            wanted.get("From") in (None, call.from_),
            wanted.get("ParentCallSid") in (None, call.parent_call_sid),
            wanted.get("Status") in (None, call.status),
            is_within(call.started_at, "StartTime", wanted),
            is_within(call.ended_at, "EndTime", wanted),
        )
    )


def is_within(at: datetime | None, name: str, wanted: dict[str, Any]) -> bool:
    """`StartTime=` means on that day, `StartTime<=` on it or before, `StartTime>=` on it or after."""
    bounds: dict[str, date] = {sign: wanted[name + sign] for sign in ("", "<", ">") if name + sign in wanted}
    if not bounds:
        return True
    if at is None:
        return False
    day = at.astimezone(UTC).date()
    return bounds.get("", day) == day and day <= bounds.get("<", day) and day >= bounds.get(">", day)


async def create_call(exchange: Exchange) -> Answer:
    """Rings. With test credentials nothing is called and nothing is kept."""
    account, wanted = exchange.account, exchange.values
    check_call(account, wanted)
    if account.is_test:
        call = CallRecord(make_sid("CA"), account.sid, wanted["From"], wanted["To"], "outbound-api")
    else:
        call = await originate.start_outgoing_call(exchange.request.app, account, wanted)
    return Answer(build_body(call), "Call", 201)


async def fetch_call(exchange: Exchange) -> Answer:
    return Answer(build_body(exchange.resource), "Call")


async def update_call(exchange: Exchange) -> Answer:
    call: CallRecord = exchange.resource
    redirects = exchange.values.get("Url") or exchange.values.get("Twiml")
    has_no_twiml = call.direction.startswith("outbound") and call.status != "in-progress"
    if call.status not in LIVE or (redirects and has_no_twiml):
        raise bad_parameter(NOT_IN_PROGRESS, "Call is not in-progress. Cannot redirect.")
    await originate.update_call(exchange.request.app, exchange.account, call, exchange.values)
    return await fetch_call(exchange)


DATE = Parameter(read_date)
FILTERS = {
    "To": TEXT,
    "From": TEXT,
    "ParentCallSid": TEXT,
    "Status": Parameter(one_of(*STATUSES)),
    **{name + sign: DATE for name in ("StartTime", "EndTime") for sign in ("", "<", ">")},
    **PAGING,
}
READ, WRITE = "/twilio/voice/calls/read", "/twilio/voice/calls/create"
ENDPOINTS = (
    Endpoint("GET", PATH, list_calls, FILTERS, permission=READ),
    Endpoint("POST", PATH, create_call, CREATE, permission=WRITE, works_with_test_credentials=True),
    Endpoint("GET", f"{PATH}/{{CA}}", fetch_call, find=find_call, permission=READ),
    Endpoint("POST", f"{PATH}/{{CA}}", update_call, UPDATE, find_call, permission=WRITE),
)
