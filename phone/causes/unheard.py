"""Calls that we were never asked about: Twilio got no answer of our server's.

Those that come in are found by `phone/answering/unasked.py`. Of one that is made here its page knows, which
reports that it is over. Where no call has that SID, a task asks Twilio for the call and for what went wrong
with it: two requests. Where something did, the call is recorded, so that whoever made it finds it among their
calls, with its cause.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.tasks.background import background, enqueue
from accounts.twilio.credentials import TwilioAccount, get_connection
from accounts.twilio.rest import TwilioLogin, TwilioUnreachable, fetch, read_text
from phone.calls.call import Call
from phone.calls.confirmation import get_login
from phone.calls.destinations import say
from phone.calls.reconciling import NotAnswered, read_body
from phone.calls.records import CallOfAnotherAccount, PartOfAnotherCall, record_call
from phone.calls.stories import read_time
from phone.causes.asking import LIMITS, ask
from phone.causes.explaining import read_alerts
from phone.causes.facts import read_alert
from phone.causes.hearing import read_call_sid
from phone.device.events import DeviceEvent
from phone.device.told import events_recorded

# A webhook of ours may still be under way: Twilio waits 15 s for it, but then there is a call by now.
PAUSE = timedelta(seconds=2)
# Twilio forgets nothing; a page that was offline for long reports calls that nobody waits for.
RECENT = timedelta(hours=1)


@receiver(events_recorded, dispatch_uid="look_for_unheard")
def look_for_unheard(sender: object, events: Sequence[DeviceEvent], **kwargs: Any) -> None:
    """Asks for the task where a call that has ended on a page is none that we know."""
    ended = {event: read_ended(event) for event in events if read_ended(event)}
    if not ended:
        return
    known = set(Call.objects.filter(call_sid__in=ended.values()).values_list("call_sid", flat=True))
    for event, call_sid in ended.items():
        if call_sid not in known:
            enqueue(record_unheard, event.pk, after=PAUSE)


def read_ended(event: DeviceEvent) -> str:
    """The SID of a call that was made on the page of a person, and whose end it tells now; "" for none."""
    if event.state != DeviceEvent.State.DISCONNECT or event.user_id is None:
        return ""
    is_recent = timezone.now() - event.reported_at < RECENT
    return read_call_sid(event.message) if is_recent and event.message.startswith("outgoing") else ""


@background(tries=3, lease=timedelta(minutes=1), priority=20)
def record_unheard(event_id: int) -> None:
    """Records the call that a page reported, if Twilio says that it was this person's and what failed."""
    event = DeviceEvent.objects.select_related("user").filter(pk=event_id).first()
    if event is None or event.user is None:
        return
    call_sid = read_call_sid(event.message)
    credentials = get_connection(event.user)
    if credentials is None or Call.objects.filter(call_sid=call_sid).exists():
        return
    login = get_login(credentials.account, first=event.user)
    if login is None:
        return
    try:
        body = read_body(fetch(login, f"/Calls/{call_sid}.json", limits=LIMITS))
    except (TwilioUnreachable, NotAnswered):
        return
    # A page may report whatever SID it likes.
    if body.get("from") != f"client:{event.identity}":
        return
    facts = ask_what_failed(login, call_sid)
    if any(read_alerts(read_alert(alert) for alert in facts["alerts"])):
        record_unasked(
            credentials.account,
            body,
            facts,
            direction=Call.Direction.OUTGOING,
            user=event.user,
            from_address=f"client:{event.identity}",
            to_address=say(read_text(body, "to")),
            status="failed",
        )


def ask_what_failed(login: TwilioLogin, call_sid: str) -> dict[str, Any]:
    """What Twilio's log has of a call, as its cause is told from: one request, and no other for this call."""
    outcome, alerts = ask(login, f"/Calls/{call_sid}/Notifications.json", "notifications", {call_sid})
    return {"alerts": alerts, "answers": {"notifications": outcome}, "asked": "done"}


def record_unasked(
    account: TwilioAccount, body: Mapping[str, Any], facts: Mapping[str, Any], **fields: Any
) -> None:
    """The row of a call that failed before we heard of it: `body` is Twilio's, `fields` are the row's."""
    with suppress(CallOfAnotherAccount, PartOfAnotherCall):
        started_at = read_time(body, "start_time") or read_time(body, "date_created")
        record_call(
            account=account,
            call_sid=read_text(body, "sid"),
            facts=facts,
            started_at=started_at,
            ended_at=read_time(body, "end_time") or started_at,
            **fields,
        )
