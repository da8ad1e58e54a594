"""Says that a call is not what it was, to whatever keeps, shows or explains calls.

Sent inside the transaction that changed the call, once the row is saved. A receiver that has to ask
somebody outside enqueues a task.
"""

from collections.abc import Sequence

from django.db.models import prefetch_related_objects
from django.dispatch import Signal

from phone.calls.call import Call
from phone.calls.legs import CallLeg

# Arguments: `call`, a Call.
call_changed = Signal()
# What its people's pages show of a call is not what it was, because of somebody beside it; what is kept of
# the call is, and it need not be locked. Arguments: `call`, of which the id counts.
look_changed = Signal()
# Twilio has just said of calls that they go on; nothing is locked. Arguments: `call_sids`, those of Calls.
found_alive = Signal()


def tell_changed(call: Call, *, made_with: Sequence[CallLeg] | None = None) -> None:
    """`call.legs.all()` is one query for all who hear of it; afterwards it is asked anew.

    `made_with`: the legs of a call whose row has just been made, of which nobody has kept anything yet
    (`call.is_just_made`).
    """
    forget_legs(call)
    if made_with is None:
        prefetch_related_objects([call], "legs")
    else:
        keep_legs(call, made_with)
    call.is_just_made = made_with is not None
    call_changed.send(sender=Call, call=call)
    call.is_just_made = False
    forget_legs(call)


def keep_legs(call: Call, legs: Sequence[CallLeg]) -> None:
    """As if they had been prefetched."""
    kept = CallLeg.objects.filter(call=call)
    kept._result_cache, kept._prefetch_done = list(legs), True  # type: ignore[attr-defined]
    call.__dict__.setdefault("_prefetched_objects_cache", {})["legs"] = kept


def forget_legs(call: Call) -> None:
    getattr(call, "_prefetched_objects_cache", {}).pop("legs", None)
