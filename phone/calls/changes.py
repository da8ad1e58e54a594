"""Says that a call is not what it was, to whatever keeps, shows or explains calls.

Sent inside the transaction that changed the call, once the row is saved. A receiver that has to ask
somebody outside enqueues a task.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.dispatch import Signal

from accounts.people import User
from accounts.statements import Given, Question, keep_related
from phone.calls.call import Call
from phone.calls.legs import CallLeg

# Arguments: `call`, a Call.
call_changed = Signal()
# A call that goes on is about to be stored. Receivers answer with rows that are stored with it, in one go;
# they hear `call_changed` once they are. Arguments: `call`, a Call that nothing can be looked up of.
call_made = Signal()
# What its people's pages show of a call is not what it was, because of somebody beside it; what is kept of
# the call is, and it need not be locked. Arguments: `call`, of which the id counts.
look_changed = Signal()
# Twilio has just said of calls that they go on; nothing is locked. Arguments: `call_sids`, those of Calls.
found_alive = Signal()


def tell_changed(call: Call) -> None:
    """`call.legs.all()` is one query for all who hear of it; afterwards it is asked anew."""
    forget_related(call)
    legs = OF_CALL.ask(call=call.pk)
    for leg in legs:
        leg.call = call
    keep_related(call, "legs", legs)
    call_changed.send(sender=Call, call=call)
    forget_related(call)


OF_CALL = Question(lambda: CallLeg.objects.filter(call=Given("call", models.UUIDField())))


def list_rows_with(call: Call, legs: Sequence[CallLeg], rung: Sequence[User]) -> list[models.Model]:
    """What is stored along with a call that is being made, with these legs, and rings these people.

    Until it is told (`tell_made()`) nobody has kept anything of it, and nothing of it need be asked for:
    `call.is_just_made`.
    """
    keep_related(call, "legs", legs)
    keep_related(call, "rung", rung)
    call.is_just_made = True
    if call.ended_at is not None:
        # More is found out of it once it is there, and kept then.
        return []
    told: list[tuple[Any, Any]] = call_made.send(sender=Call, call=call)
    return [row for _, rows in told for row in rows]


def tell_made(call: Call) -> None:
    """`tell_changed()` of a call whose row, and those of `list_rows_with()`, have just been stored."""
    call_changed.send(sender=Call, call=call)
    call.is_just_made = False
    forget_related(call)


def forget_related(call: Call) -> None:
    for name in ("legs", "rung"):
        getattr(call, "_prefetched_objects_cache", {}).pop(name, None)
