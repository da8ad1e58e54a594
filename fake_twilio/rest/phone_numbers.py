"""`/IncomingPhoneNumbers` (owned) and `/OutgoingCallerIds` (verified): what may be a caller ID."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from fake_twilio.rest.answers import rfc2822
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_v2010, sorted_by_age
from fake_twilio.rest.parameters import (
    BOOL,
    FRIENDLY_NAME,
    METHOD,
    PAGING,
    TEXT,
    URL,
    Parameter,
    one_of,
    sid,
    whole_number,
)
from fake_twilio.rest.refusals import bad_parameter
from fake_twilio.rest.xml_format import camel
from fake_twilio.store import IncomingPhoneNumber, OutgoingCallerId, make_sid

NUMBERS = f"{V2010}/Accounts/{{AC}}/IncomingPhoneNumbers"
CALLER_IDS = f"{V2010}/Accounts/{{AC}}/OutgoingCallerIds"
E164 = re.compile(r"\+[1-9]\d{6,14}")
NO_NUMBER, BAD_NUMBER, ALREADY_VERIFIED, APP_NOT_ACCESSIBLE = 21201, 21401, 21450, 21420

# Every field a number has besides what identifies it, and its value where nobody has set it.
DEFAULTS: dict[str, Any] = {
    "address_requirements": "none",
    "address_sid": None,
    "api_version": "2010-04-01",
    "beta": False,
    "bundle_sid": None,
    "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
    "emergency_address_sid": None,
    "emergency_address_status": "unregistered",
    "emergency_status": "Active",
    "friendly_name": None,
    "identity_sid": None,
    "origin": "twilio",
    "sms_application_sid": "",
    "sms_fallback_method": "POST",
    "sms_fallback_url": "",
    "sms_method": "POST",
    "sms_url": "",
    "status": "in-use",
    "status_callback": "",
    "status_callback_method": "POST",
    "trunk_sid": None,
    "type": None,
    "voice_application_sid": "",
    "voice_caller_id_lookup": False,
    "voice_fallback_method": "POST",
    "voice_fallback_url": None,
    "voice_method": "POST",
    "voice_receive_mode": "voice",
    "voice_url": None,
}
APPLICATION = Parameter(sid("AP", APP_NOT_ACCESSIBLE))
UPDATES: dict[str, Parameter] = {
    "address_sid": Parameter(sid("AD")),
    "api_version": Parameter(one_of("2010-04-01", "2008-08-01")),
    "bundle_sid": Parameter(sid("BU")),
    "emergency_address_sid": Parameter(sid("AD")),
    "emergency_status": Parameter(one_of("Active", "Inactive")),
    "friendly_name": FRIENDLY_NAME,
    "identity_sid": Parameter(sid("RI")),
    "sms_application_sid": APPLICATION,
    "sms_fallback_method": METHOD,
    "sms_fallback_url": URL,
    "sms_method": METHOD,
    "sms_url": URL,
    "status_callback": URL,
    "status_callback_method": METHOD,
    "trunk_sid": Parameter(sid("TK")),
    "voice_application_sid": APPLICATION,
    "voice_caller_id_lookup": BOOL,
    "voice_fallback_method": METHOD,
    "voice_fallback_url": URL,
    "voice_method": METHOD,
    "voice_receive_mode": Parameter(one_of("voice", "fax")),
    "voice_url": URL,
}
FIELDS = {camel(name): name for name in UPDATES}


def build_number(account_sid: str, number: IncomingPhoneNumber) -> dict[str, Any]:
    return {
        **DEFAULTS,
        **{"friendly_name": number.phone_number},
        **number.fields,
        "account_sid": account_sid,
        "date_created": rfc2822(number.created_at),
        "date_updated": rfc2822(number.created_at),
        "phone_number": number.phone_number,
        "sid": number.sid,
        "uri": f"{V2010}/Accounts/{account_sid}/IncomingPhoneNumbers/{number.sid}.json",
    }


def build_caller_id(account_sid: str, caller_id: OutgoingCallerId) -> dict[str, Any]:
    return {
        "account_sid": account_sid,
        "date_created": rfc2822(caller_id.created_at),
        "date_updated": rfc2822(caller_id.created_at),
        "friendly_name": caller_id.friendly_name,
        "phone_number": caller_id.phone_number,
        "sid": caller_id.sid,
        "uri": f"{V2010}/Accounts/{account_sid}/OutgoingCallerIds/{caller_id.sid}.json",
    }


def find_number(exchange: Exchange) -> IncomingPhoneNumber | None:
    return exchange.account.incoming_phone_numbers.get(exchange.sids["PN"])


def find_caller_id(exchange: Exchange) -> OutgoingCallerId | None:
    return exchange.account.outgoing_caller_ids.get(exchange.sids["PN"])


async def list_numbers(exchange: Exchange) -> Answer:
    fits = number_filter(exchange.values.get("PhoneNumber", ""))
    rows = [
        build_number(exchange.account.sid, number)
        for number in sorted_by_age(exchange.account.incoming_phone_numbers.values())
        if fits(number.phone_number)
    ]
    name = exchange.values.get("FriendlyName")
    rows = [row for row in rows if name in (None, row["friendly_name"])]
    return list_v2010(exchange, "incoming_phone_numbers", "IncomingPhoneNumber", rows)


def number_filter(wanted: str) -> Callable[[str], bool]:
    """Part of a number will do, and `*` stands for any digit (Twilio, "IncomingPhoneNumber")."""
    pattern = re.compile(re.escape(wanted).replace(r"\*", r"\d"))
    return lambda number: pattern.search(number) is not None


async def fetch_number(exchange: Exchange) -> Answer:
    return Answer(build_number(exchange.account.sid, exchange.resource), "IncomingPhoneNumber")


async def update_number(exchange: Exchange) -> Answer:
    for name in ("VoiceApplicationSid", "SmsApplicationSid"):
        application = exchange.values.get(name)
        if application and application not in exchange.account.applications:
            raise bad_parameter(APP_NOT_ACCESSIBLE, f"{name} {application} is not accessible")
    exchange.resource.fields.update({FIELDS[name]: value for name, value in exchange.values.items()})
    return await fetch_number(exchange)


async def list_caller_ids(exchange: Exchange) -> Answer:
    wanted = exchange.values
    rows = [
        build_caller_id(exchange.account.sid, caller_id)
        for caller_id in sorted_by_age(exchange.account.outgoing_caller_ids.values())
        if wanted.get("PhoneNumber") in (None, caller_id.phone_number)
        and wanted.get("FriendlyName") in (None, caller_id.friendly_name)
    ]
    return list_v2010(exchange, "outgoing_caller_ids", "OutgoingCallerId", rows)


async def fetch_caller_id(exchange: Exchange) -> Answer:
    return Answer(build_caller_id(exchange.account.sid, exchange.resource), "OutgoingCallerId")


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
NUMBER_FILTERS = {"PhoneNumber": TEXT, "FriendlyName": TEXT, "Beta": BOOL, "Origin": TEXT, **PAGING}
CALLER_ID_FILTERS = {"PhoneNumber": TEXT, "FriendlyName": TEXT, **PAGING}
READ, WRITE = "/twilio/numbers/read", "/twilio/numbers/update"
ENDPOINTS = (
    Endpoint("GET", NUMBERS, list_numbers, NUMBER_FILTERS, permission=READ),
    Endpoint("GET", f"{NUMBERS}/{{PN}}", fetch_number, find=find_number, permission=READ),
    Endpoint(
        "POST",
        f"{NUMBERS}/{{PN}}",
        update_number,
        {camel(name): parameter for name, parameter in UPDATES.items()},
        find_number,
        permission=WRITE,
    ),
    Endpoint("GET", CALLER_IDS, list_caller_ids, CALLER_ID_FILTERS, permission=READ),
    Endpoint("POST", CALLER_IDS, verify_caller_id, VERIFY, permission=WRITE),
    Endpoint("GET", f"{CALLER_IDS}/{{PN}}", fetch_caller_id, find=find_caller_id, permission=READ),
    Endpoint(
        "POST",
        f"{CALLER_IDS}/{{PN}}",
        update_caller_id,
        {"FriendlyName": FRIENDLY_NAME},
        find_caller_id,
        permission=WRITE,
    ),
    Endpoint("DELETE", f"{CALLER_IDS}/{{PN}}", delete_caller_id, find=find_caller_id, permission=WRITE),
)
