"""Joins what a page reports of a call with the call: only the page knows that it had no microphone.

The frame has no field of its own for the call. The page ends what it says of one with the direction and the
Call SID, in brackets behind an error's own words (`static/phone/calls/switchboard.js`).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.dispatch import receiver

from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.legs import CallLeg
from phone.calls.records import get_locked_call
from phone.causes.facts import MOST_REPORTS, note_facts
from phone.device.events import DeviceEvent, is_of_call
from phone.device.frames import Report
from phone.device.told import events_recorded, write_apart

ABOUT = re.compile(r"(?:^|\()(incoming|outgoing) (CA[0-9a-fA-F]{32})\)?$")
# Those that tell why a call ended; the rest say that it did.
TELLING = ("call.error", "reject")


@write_apart
def is_telling(report: Report | DeviceEvent) -> bool:
    """Whether it says why a call ended, of which it names the SID."""
    is_why = report.sdk_event in TELLING and is_of_call(report.state, report.sdk_event)
    return is_why and read_call_sid(report.message) != ""


@receiver(events_recorded, dispatch_uid="hear_of_call")
def hear_of_calls(sender: object, events: Sequence[DeviceEvent], **kwargs: Any) -> None:
    for event in filter(is_telling, events):
        hear_of_call(event)


def hear_of_call(event: DeviceEvent) -> None:
    """Keeps on the call what a page of somebody who has a part in it said."""
    sid = read_call_sid(event.message)
    if event.user_id is None:
        return
    leg = find_own_leg(event, sid)
    if leg is None:
        return
    call = get_locked_call(leg.call.account, leg.call.call_sid)
    if call is None:
        return
    known = call.cause_facts.get("page", [])
    if len(known) < MOST_REPORTS:
        is_callers = leg.role == CallLeg.Role.CALLER
        note_facts(call, page=[*known, build_report(event, leg.call_sid, is_callers=is_callers)])
        tell_changed(call)


def read_call_sid(message: str) -> str:
    """Which of Twilio's Calls a report is about; "" for none."""
    found = ABOUT.search(message)
    return found[2] if found else ""


def find_own_leg(event: DeviceEvent, call_sid: str) -> CallLeg | None:
    """The leg, if it is the reporting person's: a page may say whatever SID it likes."""
    legs = CallLeg.objects.select_related("call__account").filter(call_sid=call_sid, user=event.user_id)
    return legs.first()


def build_report(event: DeviceEvent, call_sid: str, *, is_callers: bool) -> dict[str, Any]:
    """As it is kept on the call; `call_sid` is that of the person's own leg."""
    return {
        "event": event.sdk_event,
        "code": event.code,
        "original_code": event.original_code,
        "at": event.received_at.isoformat(),
        "is_callers": is_callers,
        "call_sid": call_sid,
    }


def get_reports_of(call: Call, user_id: int | None) -> list[dict[str, Any]]:
    """What the pages of one person said of `call`."""
    return choose_reports(call, [leg.call_sid for leg in call.legs.all() if leg.user_id == user_id])


def choose_reports(call: Call, call_sids: Iterable[str]) -> list[dict[str, Any]]:
    """What pages said of `call` and its legs `call_sids`."""
    own = set(call_sids)
    return [report for report in call.cause_facts.get("page", []) if report.get("call_sid") in own]
