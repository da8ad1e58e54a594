"""`/Calls/{CA}/Notifications`: what went wrong in one call."""

from typing import Any

from fake_twilio.rest.alerts import build_notification, find_alert
from fake_twilio.rest.call_parameters import read_date
from fake_twilio.rest.calls import PATH as CALLS
from fake_twilio.rest.calls import READ, find_call, is_within
from fake_twilio.rest.exchange import Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_v2010
from fake_twilio.rest.parameters import PAGING, Parameter, one_of
from fake_twilio.store import CallRecord

PATH = f"{CALLS}/{{CA}}/Notifications"


async def list_notifications(exchange: Exchange) -> Answer:
    call: CallRecord = exchange.resource
    rows = [
        build_notification(exchange, alert)
        for alert in reversed(exchange.account.alerts)
        if alert["resource_sid"] == call.sid and fits_notification(alert, exchange.values)
    ]
    return list_v2010(exchange, "notifications", "Notification", rows)


def fits_notification(alert: dict[str, Any], wanted: dict[str, Any]) -> bool:
    log = "0" if alert["log_level"] == "error" else "1"
    return wanted.get("Log") in (None, log) and is_within(alert["date_created"], "MessageDate", wanted)


def find_notification(exchange: Exchange) -> dict[str, Any] | None:
    alert = find_alert(exchange)
    return alert if alert is not None and alert["resource_sid"] == exchange.sids["CA"] else None


async def fetch_notification(exchange: Exchange) -> Answer:
    return Answer(build_notification(exchange, exchange.resource), "Notification")


DATE = Parameter(read_date)
FILTERS = {
    "Log": Parameter(one_of("0", "1")),
    **{f"MessageDate{sign}": DATE for sign in ("", "<", ">")},
    **PAGING,
}
ENDPOINTS = (
    Endpoint("GET", PATH, list_notifications, FILTERS, find_call, permission=READ),
    Endpoint("GET", f"{PATH}/{{NO}}", fetch_notification, find=find_notification, permission=READ),
)
