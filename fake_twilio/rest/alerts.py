"""What went wrong with webhooks and calls: `monitor.twilio.com/v1/Alerts`, and per call
`/Calls/{CA}/Notifications`. The rows are noted by `fake_twilio/alerts.py`."""

import re
from typing import Any

from fake_twilio.rest.answers import iso8601, rfc2822
from fake_twilio.rest.call_parameters import read_date
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_product
from fake_twilio.rest.parameters import PAGING, Parameter, one_of
from fake_twilio.variation import VARIATION

REQUEST_FIELDS = (
    "request_method",
    "request_url",
    "request_variables",
    "response_body",
    "response_headers",
)


# How Twilio's log says that a server's answer was of no use. Which of them it is, a seed decides.
WORDINGS = ("{text}", "Msg=Bad+answer&httpResponse={http}&ErrorCode={code}&LogLevel=ERROR")
HTTP_STATUS = re.compile(r"HTTP (\d{3})")


def word(exchange: Exchange, alert: dict[str, Any]) -> str:
    """The text of an entry, under a seed in Twilio's other form."""
    text, variation = str(alert["alert_text"]), exchange.request.app[VARIATION]
    http = HTTP_STATUS.search(text)
    if variation.seed is None or http is None:
        return text
    wording = str(variation.choose("alert", alert["error_code"], WORDINGS))
    return wording.format(text=text, http=http[1], code=alert["error_code"])


def more_info(alert: dict[str, Any]) -> str:
    return f"https://www.twilio.com/docs/errors/{alert['error_code']}"


def build_alert(exchange: Exchange, alert: dict[str, Any]) -> dict[str, Any]:
    account_sid = exchange.account.sid
    at = iso8601(alert["date_created"])
    return {
        "account_sid": account_sid,
        "alert_text": word(exchange, alert),
        "api_version": "2010-04-01",
        "date_created": at,
        "date_generated": at,
        "date_updated": at,
        "error_code": alert["error_code"],
        "log_level": alert.get("log_level", "error"),
        "more_info": more_info(alert),
        "request_headers": alert.get("request_headers"),
        **{name: alert.get(name) for name in REQUEST_FIELDS},
        "resource_sid": alert["resource_sid"],
        "service_sid": None,
        "sid": alert["sid"],
        "url": f"https://monitor.twilio.com/v1/Alerts/{alert['sid']}",
    }


def build_notification(exchange: Exchange, alert: dict[str, Any]) -> dict[str, Any]:
    account_sid = exchange.account.sid
    at = rfc2822(alert["date_created"])
    path = f"{V2010}/Accounts/{account_sid}/Calls/{alert['resource_sid']}"
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "call_sid": alert["resource_sid"],
        "date_created": at,
        "date_updated": at,
        "error_code": alert["error_code"],
        "log": "0" if alert.get("log_level", "error") == "error" else "1",
        "message_date": at,
        "message_text": word(exchange, alert),
        "more_info": more_info(alert),
        **{name: alert.get(name) for name in REQUEST_FIELDS},
        "sid": alert["sid"],
        "uri": f"{path}/Notifications/{alert['sid']}.json",
    }


def find_alert(exchange: Exchange) -> dict[str, Any] | None:
    return next((one for one in exchange.account.alerts if one["sid"] == exchange.sids["NO"]), None)


async def list_alerts(exchange: Exchange) -> Answer:
    wanted = exchange.values
    rows = [
        build_alert(exchange, alert)
        for alert in reversed(exchange.account.alerts)
        if wanted.get("LogLevel") in (None, alert.get("log_level", "error"))
        and wanted.get("StartDate", alert["date_created"].date()) <= alert["date_created"].date()
        and wanted.get("EndDate", alert["date_created"].date()) >= alert["date_created"].date()
    ]
    return list_product(exchange, "alerts", rows)


async def fetch_alert(exchange: Exchange) -> Answer:
    return Answer(build_alert(exchange, exchange.resource))


FILTERS = {
    "LogLevel": Parameter(one_of("error", "warning", "notice", "debug")),
    "StartDate": Parameter(read_date),
    "EndDate": Parameter(read_date),
    **PAGING,
}
READ = "/twilio/monitor/alerts/read"
ENDPOINTS = (
    Endpoint("GET", "/v1/Alerts", list_alerts, FILTERS, product="monitor", permission=READ),
    Endpoint("GET", "/v1/Alerts/{NO}", fetch_alert, find=find_alert, product="monitor", permission=READ),
)
