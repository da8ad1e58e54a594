"""Asks Twilio why a call ended, where what it has told does not say: two requests at most, by a worker.

First the call's own notifications, then the alerts of the account, which have those of its legs as well and
may arrive a moment later: https://www.twilio.com/docs/usage/monitor-alert. A trial account is shown none.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from accounts.masking import mask_text
from accounts.sealing.encryption import UnsealError
from accounts.tasks.background import background, enqueue
from accounts.twilio.rest import Answer, Limits, TwilioLogin, TwilioUnreachable, fetch, find_number, read_text
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.confirmation import get_login
from phone.causes.explaining import read_alerts
from phone.causes.facts import MOST_ALERTS, note_facts, read_alert
from phone.causes.naming import find_name, is_unnamed, take_name

LIMITS = Limits(connect=2.0, read=3.0)
# Twilio's log may be a little behind the call.
PAUSE = timedelta(seconds=2)
LISTED = 100
TEXT_LENGTH = 300
USUAL_PORTS = (80, 443)
# "HTTP 502 response" and "httpResponse=502".
HTTP_STATUS = re.compile(r"(?:httpResponse=|HTTP )([1-5][0-9]{2})\b")


def get_open_question(call_id: str) -> Call | None:
    """The call whose cause is still looked for."""
    calls = Call.objects.select_related("account", "user").filter(pk=uuid.UUID(call_id), cause="")
    return calls.first()


@background(
    tries=3, lease=timedelta(minutes=1), priority=20, given_up=lambda call_id: note(call_id, "asking")
)
def ask_twilio(call_id: str) -> None:
    """The first question. A second follows where it is not answered, or there is nothing yet.

    Of a call that Twilio has not named to the page the first is by which SID Twilio knows it.
    """
    call = get_open_question(call_id)
    if call is None:
        return
    login = get_login(call.account, first=call.user)
    if login is None:
        note(call_id, "notifications", "no credentials")
        return
    was_unnamed = is_unnamed(call)
    if was_unnamed:
        outcome, call_sid = find_name(login, call, LIMITS)
        named = take_name(call, call_sid) if call_sid else None
        if named is None:
            note(call_id, "calls", outcome)
            return
        call, call_id = named, str(named.pk)
    outcome, alerts = ask(
        login, f"/Calls/{call.call_sid}/Notifications.json", "notifications", {call.call_sid}
    )
    is_enough = was_unnamed or any(True for _ in read_alerts(read_alert(alert) for alert in alerts))
    note(call_id, "notifications", outcome, alerts, is_last=is_enough)
    if is_enough:
        return
    if outcome == "HTTP 200":
        with transaction.atomic():
            enqueue(ask_alerts, call.pk, after=PAUSE)
    else:
        ask_alerts_of(call, login)


@background(
    tries=3, lease=timedelta(minutes=1), priority=20, given_up=lambda call_id: note(call_id, "asking")
)
def ask_alerts(call_id: str) -> None:
    """The second question."""
    call = get_open_question(call_id)
    login = get_login(call.account, first=call.user) if call else None
    if call is None:
        return
    if login is None:
        note(call_id, "alerts", "no credentials")
        return
    ask_alerts_of(call, login)


def ask_alerts_of(call: Call, login: TwilioLogin) -> None:
    sids = {call.call_sid, *call.legs.exclude(call_sid="").values_list("call_sid", flat=True)}
    begin = {"StartDate": call.started_at.strftime("%Y-%m-%d")}
    outcome, alerts = ask(login, "/v1/Alerts", "alerts", sids, product="monitor", params=begin)
    note(str(call.pk), "alerts", outcome, alerts)


def ask(
    login: TwilioLogin, path: str, kind: str, sids: set[str], *, product: str = "api", params: Any = None
) -> tuple[str, list[dict[str, Any]]]:
    """What came of the request, and what Twilio's log has of the calls `sids`."""
    wanted = {**(params or {}), "PageSize": LISTED}
    try:
        answer = fetch(login, path, product=product, params=wanted, limits=LIMITS)
    except TwilioUnreachable as error:
        return error.which, []
    except UnsealError:
        return "no credentials", []
    code = f", code {answer.code}" if answer.code else ""
    return f"HTTP {answer.status}{code}", list(list_alerts(answer, kind, sids))


def list_alerts(answer: Answer, kind: str, sids: set[str]) -> Iterable[dict[str, Any]]:
    """The entries of a list of notifications or alerts, as they are kept."""
    listed = answer.json.get(kind) if answer.is_success and isinstance(answer.json, dict) else None
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and {one.get("call_sid"), one.get("resource_sid")} & sids:
            code = find_number(one.get("error_code"))
            if code:
                yield build_alert(code, one)


def build_alert(code: int, one: Mapping[str, Any]) -> dict[str, Any]:
    """An entry without numbers, SIDs and addresses; the key in a webhook's address is a secret."""
    text = read_text(one, "message_text") or read_text(one, "alert_text")
    http = HTTP_STATUS.search(text)
    asked = read_text(one, "request_url")
    is_ours = find_server(asked) == find_server(settings.PUBLIC_URL)
    return {
        "code": code,
        "is_warning": one.get("log") == "1" or one.get("log_level") == "warning",
        "http": int(http[1]) if http else None,
        "where": "" if is_ours else find_server(asked)[0],
        "text": mask_text(re.sub(r"https?(?:://|%3A%2F%2F)\S+", "(address)", text))[:TEXT_LENGTH],
    }


def find_server(address: str) -> tuple[str, int | None]:
    """The server's name, "" for none, and its port where that is not the usual one."""
    try:
        parts = urlsplit(address)
        return parts.hostname or "", None if parts.port in USUAL_PORTS else parts.port
    except ValueError:
        return "", None


def note(
    call_id: str,
    question: str,
    outcome: str = "not answered",
    alerts: Iterable[dict[str, Any]] = (),
    *,
    is_last: bool = True,
) -> None:
    """Keeps what was answered; after the last question the cause is whatever is known by then."""
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(pk=uuid.UUID(call_id)).first()
        if call is None:
            return
        known = call.cause_facts.get("alerts", [])
        note_facts(
            call,
            alerts=[*known, *(alert for alert in alerts if alert not in known)][:MOST_ALERTS],
            answers={**call.cause_facts.get("answers", {}), question: outcome},
            asked="done" if is_last else "waits",
        )
        tell_changed(call)
