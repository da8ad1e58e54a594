"""Says that a call is not what it was, to whatever keeps, shows or explains calls.

Sent inside the transaction that changed the call, once the row is saved. A receiver that has to ask
somebody outside enqueues a task.
"""

from collections.abc import Sequence

from django.db.models import prefetch_related_objects
from django.dispatch import Signal

from accounts.people import User
from accounts.statements import keep_related
from phone.calls.call import Call
from phone.calls.legs import CallLeg

# Arguments: `call`, a Call.
call_changed = Signal()
# What its people's pages show of a call is not what it was, because of somebody beside it; what is kept of
# the call is, and it need not be locked. Arguments: `call`, of which the id counts.
look_changed = Signal()
# Twilio has just said of calls that they go on; nothing is locked. Arguments: `call_sids`, those of Calls.
found_alive = Signal()


def tell_changed(call: Call) -> None:
    """`call.legs.all()` is one query for all who hear of it; afterwards it is asked anew."""
    forget_related(call)
    prefetch_related_objects([call], "legs")
    call_changed.send(sender=Call, call=call)
    forget_related(call)


def tell_made(call: Call, legs: Sequence[CallLeg], rung: Sequence[User]) -> None:
    """The same of a call whose row has just been made, with these legs, and rings these people.

    Nobody has kept anything of it yet (`call.is_just_made`), and nothing of it need be asked for.
    """
    keep_related(call, "legs", legs)
    keep_related(call, "rung", rung)
    call.is_just_made = True
    call_changed.send(sender=Call, call=call)
    call.is_just_made = False
    forget_related(call)


def forget_related(call: Call) -> None:
    for name in ("legs", "rung"):
        getattr(call, "_prefetched_objects_cache", {}).pop(name, None)
