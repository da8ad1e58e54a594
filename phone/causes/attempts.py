"""Calls that a page began and that ended before Twilio named them: no microphone, account, app or answer.

No webhook tells of them. The page reports that they are over, with an id of its own, whom it called and how
long it took, and what the SDK said before (`static/phone/calls/switchboard.js`). The row is made of that
report, for this person alone; where Twilio may know better, `asking.py` asks it.
"""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.dispatch import receiver

from accounts.masking import mask_phone_number
from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.twilio.credentials import TwilioAccount, get_connection
from phone.calls.call import Call
from phone.calls.destinations import CannotDial, find_destination, say
from phone.calls.records import record_call
from phone.causes.facts import MOST_REPORTS
from phone.causes.hearing import build_report
from phone.causes.naming import build_name, find_attempts
from phone.device.events import DeviceEvent
from phone.device.frames import Report
from phone.device.told import events_recorded, write_apart

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# "outgoing <the page's id> (12 s) to <whom it called>".
BEGUN = re.compile(rf"outgoing ({UUID}) \(([0-9]{{1,5}}) s\) to (\S.{{0,299}})")
# Nobody's fingers are as quick; a page that has gone mad is.
ATTEMPTS_OF_PERSON = RateLimit("call-attempts", limit=30, seconds=60)
# A page that was offline tells late; a browser's clock may be off by years.
BELIEVED = timedelta(days=1)


@write_apart
def is_of_attempt(report: Report | DeviceEvent) -> bool:
    return read_attempt(report) is not None


def read_attempt(report: Report | DeviceEvent) -> re.Match[str] | None:
    return BEGUN.fullmatch(report.message) if report.state == DeviceEvent.State.DISCONNECT else None


@receiver(events_recorded, dispatch_uid="hear_of_attempt")
def hear_of_attempts(sender: object, events: Sequence[DeviceEvent], **kwargs: Any) -> None:
    """Records the calls that have ended on a page without a name of Twilio's."""
    for event in filter(is_of_attempt, events):
        hear_of_attempt(event)


def hear_of_attempt(event: DeviceEvent) -> None:
    begun = read_attempt(event)
    if begun is None or event.user is None:
        return
    credentials = get_connection(event.user)
    attempt = uuid.UUID(begun[1])
    if credentials is None or find_attempts(event.user, attempt).exists():
        return
    if not ATTEMPTS_OF_PERSON.take(event.user.pk):
        record(credentials.account, event, event.user, attempt, timedelta(seconds=int(begun[2])), begun[3])


def record(
    account: TwilioAccount,
    event: DeviceEvent,
    person: User,
    attempt: uuid.UUID,
    lasted: timedelta,
    called: str,
) -> None:
    name, ended_at = build_name(person, attempt), find_end(event)
    said = list_said(event, str(attempt))
    reports = [build_report(one, name, is_callers=True) for one in said]
    record_call(
        account=account,
        call_sid=name,
        direction=Call.Direction.OUTGOING,
        user=person,
        from_address=f"client:{person.identity}",
        to_address=find_address(account, person, called),
        status="failed" if reports else "canceled",
        facts={"attempt": name, "page": reports},
        started_at=ended_at - lasted,
        ended_at=ended_at,
    )


def mask_called(message: str) -> str:
    """A page's report as the admin shows it: of whom it called by a number, the end of that."""
    begun = BEGUN.fullmatch(message)
    return message[: begun.start(3)] + mask_phone_number(begun[3]) if begun else message


def find_end(event: DeviceEvent) -> datetime:
    """By the browser's clock, where that can be right."""
    is_believed = timedelta() <= event.received_at - event.reported_at < BELIEVED
    return event.reported_at if is_believed else event.received_at


def list_said(event: DeviceEvent, attempt: str) -> list[DeviceEvent]:
    """What the SDK said of the attempt on that page before it was over."""
    page = DeviceEvent.objects.filter(page_session=event.page_session, user=event.user_id)
    said = page.filter(sdk_event="call.error", message__endswith=f"(outgoing {attempt})")
    return list(said.order_by("id")[:MOST_REPORTS])


def find_address(account: TwilioAccount, person: User, called: str) -> str:
    try:
        return find_destination(caller=person, account=account, typed=called, caller_id="").address
    except CannotDial:
        return say(called)
