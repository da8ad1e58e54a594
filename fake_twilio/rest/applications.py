"""`/Applications`: TwiML Apps, each in the region it was made in."""

from typing import Any

from fake_twilio.refusals import bad_parameter
from fake_twilio.rest.answers import rfc2822
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_v2010, sorted_by_age
from fake_twilio.rest.parameters import BOOL, FRIENDLY_NAME, METHOD, PAGING, TEXT, URL, Parameter, one_of
from fake_twilio.rest.xml_format import camel
from fake_twilio.store import Application, make_sid

PATH = f"{V2010}/Accounts/{{AC}}/Applications"
TOO_MANY = 21301
MOST = 1000
# Twilio's fields and what they are where nobody has set them.
DEFAULTS: dict[str, Any] = {
    "api_version": "2010-04-01",
    "friendly_name": None,
    "message_status_callback": None,
    "sms_fallback_method": "POST",
    "sms_fallback_url": None,
    "sms_method": "POST",
    "sms_status_callback": None,
    "sms_url": None,
    "status_callback": None,
    "status_callback_method": "POST",
    "voice_caller_id_lookup": False,
    "voice_fallback_method": "POST",
    "voice_fallback_url": None,
    "voice_method": "POST",
    "voice_url": None,
    "public_application_connect_enabled": False,
}


def choose_parameter(name: str) -> Parameter:
    if name.endswith("_method"):
        return METHOD
    if name.endswith(("_url", "_callback")):
        return URL
    if isinstance(DEFAULTS[name], bool):
        return BOOL
    return Parameter(one_of("2010-04-01", "2008-08-01")) if name == "api_version" else FRIENDLY_NAME


PARAMETERS = {camel(name): choose_parameter(name) for name in DEFAULTS}
FIELDS = {camel(name): name for name in DEFAULTS}


def build_body(account_sid: str, application: Application) -> dict[str, Any]:
    return {
        **DEFAULTS,
        **application.fields,
        "account_sid": account_sid,
        "date_created": rfc2822(application.created_at),
        "date_updated": rfc2822(application.created_at),
        "sid": application.sid,
        "uri": f"{V2010}/Accounts/{account_sid}/Applications/{application.sid}.json",
    }


def find_application(exchange: Exchange) -> Application | None:
    found = exchange.account.applications.get(exchange.sids["AP"])
    return found if found and found.region == exchange.host.region else None


async def list_applications(exchange: Exchange) -> Answer:
    wanted = exchange.values.get("FriendlyName")
    rows = [
        build_body(exchange.account.sid, one)
        for one in sorted_by_age(exchange.account.applications.values())
        if one.region == exchange.host.region and wanted in (None, one.fields.get("friendly_name"))
    ]
    return list_v2010(exchange, "applications", "Application", rows)


async def create_application(exchange: Exchange) -> Answer:
    if len(exchange.account.applications) >= MOST:
        raise bad_parameter(TOO_MANY, "You have reached the maximum number of Applications")
    application = Application(make_sid("AP"), exchange.host.region)
    exchange.account.applications[application.sid] = application
    return Answer(change(exchange, application), "Application", 201)


async def fetch_application(exchange: Exchange) -> Answer:
    return Answer(build_body(exchange.account.sid, exchange.resource), "Application")


async def update_application(exchange: Exchange) -> Answer:
    return Answer(change(exchange, exchange.resource), "Application")


async def delete_application(exchange: Exchange) -> Answer:
    del exchange.account.applications[exchange.resource.sid]
    return Answer(None, status=204)


def change(exchange: Exchange, application: Application) -> dict[str, Any]:
    application.fields.update({FIELDS[name]: value for name, value in exchange.values.items()})
    return build_body(exchange.account.sid, application)


READ, WRITE = "/twilio/applications/read", "/twilio/applications/update"
ENDPOINTS = (
    Endpoint("GET", PATH, list_applications, {"FriendlyName": TEXT, **PAGING}, permission=READ),
    Endpoint("POST", PATH, create_application, PARAMETERS, permission=WRITE),
    Endpoint("GET", f"{PATH}/{{AP}}", fetch_application, find=find_application, permission=READ),
    Endpoint("POST", f"{PATH}/{{AP}}", update_application, PARAMETERS, find_application, permission=WRITE),
    Endpoint("DELETE", f"{PATH}/{{AP}}", delete_application, find=find_application, permission=WRITE),
)
