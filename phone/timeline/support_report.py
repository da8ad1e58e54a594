"""The support report of one load of the phone page, as the server knows it: plain text for the admin.

In English, whoever makes it: it is handed on, to whoever helps.

The page makes its own (`static/phone/page/support-report.js`), so that it can be had while the server is out
of reach; both leave out secrets, phone numbers and whole SIDs by the same rules.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Min
from django.utils import timezone, translation

from accounts.failures.login_failures import LoginFailure
from accounts.masking import get_sid_tail, mask_text
from accounts.people import User
from accounts.twilio.credentials import get_connection
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.calls.parties import Names, get_names, put_names
from phone.connection_tests.connection_test import ConnectionTest, fill
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from phone.device.silences import DeviceSilence
from phone.timeline.call_stories import describe_call_end, describe_leg

MOST_EVENTS = 20
MOST_CALLS = 10
AROUND = timedelta(minutes=2)


def build_support_report(user: User, page_session: uuid.UUID) -> str:
    """What `user` did on one load of the page. Holds their e-mail address: it is not for the page itself."""
    with translation.override(settings.LANGUAGE_CODE):
        return "\n".join(list_lines(user, page_session)) + "\n"


def list_lines(user: User, page_session: uuid.UUID) -> Iterator[str]:
    of_page = {"user": user, "page_session": page_session}
    newest = list(DeviceEvent.objects.filter(**of_page).order_by("-received_at", "-id")[:MOST_EVENTS])
    presence = DevicePresence.objects.filter(**of_page).first()
    failure = LoginFailure.objects.filter(**of_page).first()
    silence = DeviceSilence.objects.filter(**of_page).first()
    test = ConnectionTest.objects.filter(**of_page).first()
    yield "Dog n Bone support report"
    yield f"Made: {format_time(timezone.now())}, by the server's clock; all times are UTC"
    yield f"Person: {user.email}"
    yield f"Page session: {page_session}"
    yield f"Versions: Dog n Bone {settings.VERSION}"
    yield f"Browser: {newest[0].user_agent if newest else 'not known'}"
    yield describe_account(user)
    yield describe_presence(presence)
    if silence:
        until = format_time(silence.ended_at) if silence.ended_at else "now"
        yield f"Silent: from {format_time(silence.began_at)} to {until}"
    yield from describe_verdict(failure) if failure else ["Verdict: none"]
    yield from describe_test(test) if test else ["Connection test: none"]
    yield ""
    yield f"What the phone did last, oldest first ({len(newest)}):"
    names = get_names(event.message for event in newest)
    yield from (describe_event(event, names) for event in reversed(newest))
    yield from list_calls(user, page_session)


def describe_account(user: User) -> str:
    credentials = get_connection(user)
    if credentials is None:
        return "Twilio account: none"
    account, key = get_sid_tail(credentials.account.account_sid), get_sid_tail(credentials.api_key_sid)
    return f"Twilio account: …{account}, API key …{key}, region {credentials.region}"


def describe_presence(presence: DevicePresence | None) -> str:
    if presence is None:
        return "Phone: not known"
    ended = presence.disconnected_at
    socket = f", socket closed at {format_time(ended)}" if ended else ""
    return f"Phone: {presence.state}, last heard of at {format_time(presence.last_alive_at)}{socket}"


def describe_verdict(failure: LoginFailure) -> Iterator[str]:
    title = failure.describe().title
    yield f"Verdict: {failure.verdict}, “{title}”, at {format_time(failure.failed_at)}"
    said = (
        f"HTTP {failure.twilio_status}" if failure.twilio_status else "",
        f"code {failure.twilio_code}" if failure.twilio_code else "",
        failure.twilio_message,
        f"request {failure.twilio_request_id}" if failure.twilio_request_id else "",
    )
    if any(said):
        yield f"Twilio said: {mask_text(', '.join(part for part in said if part))}"


def describe_test(test: ConnectionTest) -> Iterator[str]:
    """The last one of this page, a line each."""
    where = ", in a call" if test.is_in_call else ""
    yield f"Connection test: {test.sum}, at {format_time(test.received_at)}{where}"
    for check, finding, figure in test.read_lines():
        yield f"  {check.name}: {finding.result}. {fill(finding.words, figure)}"


def describe_event(event: DeviceEvent, names: Names) -> str:
    codes = "/".join(str(code) for code in (event.code, event.original_code) if code is not None)
    parts = (
        event.state,
        event.sdk_event,
        f"code {codes}" if codes else "",
        mask_text(put_names(event.message, names)),
    )
    return f"{format_time(event.reported_at)} {' · '.join(part for part in parts if part)}"


def list_calls(user: User, page_session: uuid.UUID) -> Iterator[str]:
    """The calls that `user` made or took while the page was there: nobody's number or name."""
    reports = DeviceEvent.objects.filter(user=user, page_session=page_session)
    there = reports.aggregate(first=Min("received_at"), last=Max("received_at"))
    if there["first"] is None:
        return
    span = (there["first"] - AROUND, there["last"] + AROUND)
    calls = Call.objects.filter(user=user, started_at__range=span).select_related("conference")
    newest = list(calls.prefetch_related("legs")[:MOST_CALLS])
    yield ""
    yield f"Calls while the page was there, oldest first ({len(newest)}):"
    for call in reversed(newest):
        yield describe_call(call)
        yield from (f"  {describe_party(leg)}" for leg in call.legs.all())


def describe_call(call: Call) -> str:
    route = "conference" if call.conference else ""
    parts = (f"{call.direction} call", call.status, describe_call_end(call), route, f"…{call.call_sid[-6:]}")
    return f"{format_time(call.started_at)} {' · '.join(part for part in parts if part)}"


def describe_party(leg: CallLeg) -> str:
    who = f"{leg.get_role_display()} · {leg.get_route_display()}"
    return f"{format_time(leg.asked_at)} {who} · {describe_leg(leg)}"


def format_time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
