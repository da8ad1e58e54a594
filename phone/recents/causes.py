"""What a cause is called in the list."""

from phone.calls.call import Call
from phone.causes.cause import build_cause
from phone.causes.endings import BLOCKED

# While it goes on.
GOING_ON = {"in-progress": "In a call"}


def name_cause(slug: str, status: str, direction: str = "") -> str:
    """`status` is the call's own, which tells what goes on while there is no cause."""
    if not slug:
        return GOING_ON.get(status, "Ringing")
    # What we refuse to take is another thing than what we refuse to call.
    is_refused_caller = slug == BLOCKED and direction == Call.Direction.INCOMING
    return build_cause(slug, "blocked" if is_refused_caller else "").title
