"""Calls that end for a cause, told as `phone/causes/keeping.py` tells it: the row saved, then the cause."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.legs import CallLeg
from phone.causes.keeping import cause_found

SAID = {"busy": "busy", "no_answer": "no-answer", "answered": "completed", "canceled": "canceled"}


def change(call: Call, **fields: Any) -> Call:
    """The call with `fields`; of one that is over it is told that its cause was found."""
    with transaction.atomic():
        for name, value in fields.items():
            setattr(call, name, value)
        call.save()
        if call.ended_at is None:
            tell_changed(call)
        else:
            tell_cause(call)
    return call


def tell_cause(call: Call) -> None:
    cause_found.send(sender=Call, call=call, before="")


def end_call(account: TwilioAccount, cause: str, *, at: datetime | None = None, **fields: Any) -> Call:
    """A call that ended `at` for `cause` (now, if not told), ten seconds after it began."""
    at = at or timezone.now()
    facts = {
        "account": account,
        "call_sid": f"CA{uuid.uuid4().hex}",
        "direction": "outgoing",
        "from_address": "client:somebody",
        "to_address": "+442071838750",
        "status": SAID.get(cause, "failed"),
        "started_at": at - timedelta(seconds=10),
        "ended_at": at,
        "cause": cause,
    }
    return change(Call(**{**facts, **fields}))


def answer_call(account: TwilioAccount, *, at: datetime | None = None, **fields: Any) -> Call:
    """A call that was answered ten seconds after it began, `at`, and goes on."""
    at = at or timezone.now()
    facts = {"ended_at": None, "answered_at": at, "status": "in-progress", "direction": "outgoing"}
    return end_call(account, "", at=at, **{**facts, **fields})


def add_leg(call: Call, role: str, address: str, *, user: User | None = None, **fields: Any) -> CallLeg:
    facts = {
        "call_sid": f"CA{uuid.uuid4().hex}",
        "route": "client" if address.startswith("client:") else "number",
        "status": "completed",
        "asked_at": call.started_at,
        "ended_at": call.ended_at,
    }
    return CallLeg.objects.create(call=call, role=role, address=address, user=user, **{**facts, **fields})
