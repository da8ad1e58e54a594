"""Says that a call is not what it was, to whatever keeps, shows or explains calls.

Sent inside the transaction that changed the call, once the row is saved. A receiver that has to ask
somebody outside enqueues a task.
"""

from django.dispatch import Signal

from phone.calls.call import Call

# Arguments: `call`, a Call.
call_changed = Signal()


def tell_changed(call: Call) -> None:
    call_changed.send(sender=Call, call=call)
