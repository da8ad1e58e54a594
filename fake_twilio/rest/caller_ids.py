"""`/OutgoingCallerIds`: numbers that an account may show because it has verified them."""

import re
import secrets
from typing import Any

from fake_twilio.refusals import bad_parameter
from fake_twilio.rest.answers import rfc2822
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_v2010, sorted_by_age
from fake_twilio.rest.parameters import FRIENDLY_NAME, METHOD, PAGING, TEXT, URL, Parameter, whole_number
from fake_twilio.store import OutgoingCallerId, make_sid

PATH = f"{V2010}/Accounts/{{AC}}/OutgoingCallerIds"
E164 = re.compile(r"\+[1-9]\d{6,14}")
NO_NUMBER, BAD_NUMBER, ALREADY_VERIFIED = 21201, 21401, 21450


def build_body(account_sid: str, caller_id: OutgoingCallerId) -> dict[str, Any]:
    return {
        "account_sid": account_sid,
        "date_created": rfc2822(caller_id.created_at),
        "date_updated": rfc2822(caller_id.created_at),
        "friendly_name": caller_id.friendly_name,
        "phone_number": caller_id.phone_number,
        "sid": caller_id.sid,
        "uri": f"{V2010}/Accounts/{account_sid}/OutgoingCallerIds/{caller_id.sid}.json",
    }


def find_caller_id(exchange: Exchange) -> OutgoingCallerId | None:
    return exchange.account.outgoing_caller_ids.get(exchange.sids["PN"])


async def list_caller_ids(exchange: Exchange) -> Answer:
    wanted = exchange.values
    rows = [
        build_body(exchange.account.sid, caller_id)
        for caller_id in sorted_by_age(exchange.account.outgoing_caller_ids.values())
        if wanted.get("PhoneNumber") in (None, caller_id.phone_number)
        and wanted.get("FriendlyName") in (None, caller_id.friendly_name)
    ]
    return list_v2010(exchange, "outgoing_caller_ids", "OutgoingCallerId", rows)


async def fetch_caller_id(exchange: Exchange) -> Answer:
    return Answer(build_body(exchange.account.sid, exchange.resource), "OutgoingCallerId")


async def update_caller_id(exchange: Exchange) -> Answer:
    exchange.resource.friendly_name = exchange.values.get("FriendlyName", exchange.resource.friendly_name)
    return await fetch_caller_id(exchange)


async def delete_caller_id(exchange: Exchange) -> Answer:
    del exchange.account.outgoing_caller_ids[exchange.resource.sid]
    return Answer(None, status=204)


async def verify_caller_id(exchange: Exchange) -> Answer:
    """Verifies a number. Twilio calls it and waits for the code; here the code is keyed in at once."""
    phone_number = exchange.values["PhoneNumber"]
    verified = exchange.account.outgoing_caller_ids
    if phone_number in {one.phone_number for one in verified.values()}:
        raise bad_parameter(ALREADY_VERIFIED, f"Phone number already validated: {phone_number}")
    caller_id = OutgoingCallerId(
        make_sid("PN"), phone_number, exchange.values.get("FriendlyName", phone_number)
    )
    verified[caller_id.sid] = caller_id
    body = {
        "account_sid": exchange.account.sid,
        "call_sid": make_sid("CA"),
        "friendly_name": caller_id.friendly_name,
        "phone_number": phone_number,
        "validation_code": f"{secrets.randbelow(10**6):06}",
    }
    return Answer(body, "ValidationRequest")


def read_e164(name: str, value: str) -> str:
    if not E164.fullmatch(value):
        raise bad_parameter(BAD_NUMBER, f"{name} is not a valid phone number: {value}")
    return value


VERIFY = {
    "PhoneNumber": Parameter(read_e164, missing_code=NO_NUMBER),
    "FriendlyName": FRIENDLY_NAME,
    "CallDelay": Parameter(whole_number(0, 60)),
    "Extension": TEXT,
    "StatusCallback": URL,
    "StatusCallbackMethod": METHOD,
}
FILTERS = {"PhoneNumber": TEXT, "FriendlyName": TEXT, **PAGING}
READ, WRITE = "/twilio/numbers/read", "/twilio/numbers/update"
ENDPOINTS = (
    Endpoint("GET", PATH, list_caller_ids, FILTERS, permission=READ),
    Endpoint("POST", PATH, verify_caller_id, VERIFY, permission=WRITE),
    Endpoint("GET", f"{PATH}/{{PN}}", fetch_caller_id, find=find_caller_id, permission=READ),
    Endpoint(
        "POST",
        f"{PATH}/{{PN}}",
        update_caller_id,
        {"FriendlyName": FRIENDLY_NAME},
        find_caller_id,
        permission=WRITE,
    ),
    Endpoint("DELETE", f"{PATH}/{{PN}}", delete_caller_id, find=find_caller_id, permission=WRITE),
)
