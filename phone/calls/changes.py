"""Says that a call is not what it was, to whatever keeps, shows or explains calls.

Sent inside the transaction that changed the call, once the row is saved. A receiver that has to ask
somebody outside enqueues a task.
"""

from django.db.models import prefetch_related_objects
from django.dispatch import Signal

from phone.calls.call import Call

# Arguments: `call`, a Call.
call_changed = Signal()
# What its people's pages show of a call is not what it was, because of somebody beside it; what is kept of
# the call is, and it need not be locked. Arguments: `call`, of which the id counts.
look_changed = Signal()


def tell_changed(call: Call) -> None:
    """`call.legs.all()` is one query for all who hear of it; afterwards it is asked anew."""
    forget_legs(call)
    prefetch_related_objects([call], "legs")
    call_changed.send(sender=Call, call=call)
    forget_legs(call)


def forget_legs(call: Call) -> None:
    getattr(call, "_prefetched_objects_cache", {}).pop("legs", None)
