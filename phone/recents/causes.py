"""What a cause is called in the list."""

from phone.causes.cause import build_cause

# While it goes on.
GOING_ON = {"in-progress": "In a call"}


def name_cause(slug: str, status: str) -> str:
    """`status` is the call's own, which tells what goes on while there is no cause."""
    if not slug:
        return GOING_ON.get(status, "Ringing")
    return build_cause(slug).title
