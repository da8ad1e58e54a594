"""`/IncomingPhoneNumbers`: the numbers an account owns, and what answers them."""

import re
from collections.abc import Callable
from typing import Any

from fake_twilio.refusals import bad_parameter
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
)
from fake_twilio.rest.xml_format import camel
from fake_twilio.store import IncomingPhoneNumber

PATH = f"{V2010}/Accounts/{{AC}}/IncomingPhoneNumbers"
APP_NOT_ACCESSIBLE = 21420

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


def build_body(account_sid: str, number: IncomingPhoneNumber) -> dict[str, Any]:
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


def find_number(exchange: Exchange) -> IncomingPhoneNumber | None:
    return exchange.account.incoming_phone_numbers.get(exchange.sids["PN"])


async def list_numbers(exchange: Exchange) -> Answer:
    fits = number_filter(exchange.values.get("PhoneNumber", ""))
    rows = [
        build_body(exchange.account.sid, number)
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
    return Answer(build_body(exchange.account.sid, exchange.resource), "IncomingPhoneNumber")


async def update_number(exchange: Exchange) -> Answer:
    for name in ("VoiceApplicationSid", "SmsApplicationSid"):
        application = exchange.values.get(name)
        if application and application not in exchange.account.applications:
            raise bad_parameter(APP_NOT_ACCESSIBLE, f"{name} {application} is not accessible")
    exchange.resource.fields.update({FIELDS[name]: value for name, value in exchange.values.items()})
    return await fetch_number(exchange)


FILTERS = {"PhoneNumber": TEXT, "FriendlyName": TEXT, "Beta": BOOL, "Origin": TEXT, **PAGING}
READ, WRITE = "/twilio/numbers/read", "/twilio/numbers/update"
ENDPOINTS = (
    Endpoint("GET", PATH, list_numbers, FILTERS, permission=READ),
    Endpoint("GET", f"{PATH}/{{PN}}", fetch_number, find=find_number, permission=READ),
    Endpoint(
        "POST",
        f"{PATH}/{{PN}}",
        update_number,
        {camel(name): parameter for name, parameter in UPDATES.items()},
        find_number,
        permission=WRITE,
    ),
)
