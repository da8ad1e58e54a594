"""Calls that a page has begun and that Twilio has not named to it: what they are called here, and by Twilio.

Twilio names a call to the page that makes it once it rings. One that fails before has no name there; whether
Twilio has one for it, its own list of calls says.
https://www.twilio.com/docs/voice/api/call-resource#read-multiple-call-resources
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.people import User
from accounts.sealing.encryption import UnsealError
from accounts.twilio.rest import Limits, TwilioLogin, TwilioUnreachable, fetch, read_text
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.legs import CallLeg
from phone.calls.reconciling import NotAnswered, read_body, read_calls
from phone.calls.records import note_end_of_caller
from phone.calls.stories import read_time
from phone.causes.facts import MOST_REPORTS, note_facts

# Twilio's SIDs of calls begin with CA.
UNNAMED = "PG"
LISTED = 20
# Twilio's times are whole seconds of its own clock.
EARLIER, LATER = timedelta(seconds=15), timedelta(seconds=5)
LOOKED_BACK = timedelta(days=1)


def build_name(person: User, attempt: uuid.UUID) -> str:
    """In place of a Call SID: made of the page's own id and of who it is, so that nobody names another's."""
    return UNNAMED + uuid.uuid5(attempt, person.identity).hex


def is_unnamed(call: Call) -> bool:
    return call.call_sid.startswith(UNNAMED)


def find_attempts(person: User, attempt: uuid.UUID) -> "models.QuerySet[Call]":
    """The call that a page of `person` began as `attempt`, whatever it is called by now."""
    recent = Call.objects.filter(user=person, started_at__gt=timezone.now() - LOOKED_BACK)
    return recent.filter(cause_facts__attempt=build_name(person, attempt))


def find_name(login: TwilioLogin, call: Call, limits: Limits) -> tuple[str, str]:
    """What came of the one request, and the SID of the call that `call` must be; "" where there is none."""
    wanted = {"From": call.from_address, "PageSize": LISTED}
    try:
        listed = read_calls(read_body(fetch(login, "/Calls.json", params=wanted, limits=limits)))
    except TwilioUnreachable as error:
        return error.which, ""
    except NotAnswered as error:
        return str(error), ""
    except UnsealError:
        return "no credentials", ""
    return "HTTP 200", choose_name(call, listed)


def choose_name(call: Call, listed: Iterable[Mapping[str, Any]]) -> str:
    """A page makes one call at a time: the one that began when this one did."""
    begin, end = call.started_at - EARLIER, (call.ended_at or call.started_at) + LATER
    times = {
        read_text(body, "sid"): read_time(body, "start_time") or read_time(body, "date_created")
        for body in listed
        if body.get("from") == call.from_address and not body.get("parent_call_sid")
    }
    apart = {sid: abs(at - call.started_at) for sid, at in times.items() if at and begin <= at <= end}
    return min(apart, key=lambda sid: apart[sid]) if apart else ""


@transaction.atomic
def take_name(call: Call, call_sid: str) -> Call | None:
    """The row of `call` from now on, which is Twilio's `call_sid`; None where that is another call.

    Our webhook may have made a row by that name meanwhile: then it is that one.
    """
    rows = {
        row.call_sid: row
        for row in Call.objects.select_for_update().filter(call_sid__in=[call.call_sid, call_sid])
    }
    mine, known = rows.get(call.call_sid), rows.get(call_sid)
    if mine is None:
        return None
    facts = {"attempt": mine.call_sid, "page": rename(mine, call_sid), "asked": "waits"}
    if known is None:
        CallLeg.objects.filter(call=mine, call_sid=mine.call_sid).update(call_sid=call_sid)
        mine.call_sid = call_sid
        mine.save(update_fields=["call_sid"])
        note_facts(mine, **facts)
        return mine
    if known.user_id != mine.user_id or known.answered_at or known.cause_facts.get("page"):
        return None
    if known.ended_at is None:
        known.status, known.ended_at = mine.status, mine.ended_at
        known.save(update_fields=["status", "ended_at"])
        note_end_of_caller(known)
    mine.delete()
    note_facts(known, **facts)
    tell_changed(known)
    return known


def rename(call: Call, call_sid: str) -> list[dict[str, Any]]:
    """What the page reported of the call, by its new name."""
    return [{**report, "call_sid": call_sid} for report in call.cause_facts.get("page", [])][:MOST_REPORTS]
