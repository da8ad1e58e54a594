"""What a cause is called in the list."""

from phone.causes import describing

# While it goes on.
GOING_ON = {"in-progress": "In a call"}


def name_cause(slug: str, status: str, *, is_incoming: bool = False) -> str:
    """`status` is the call's own, which tells what goes on while there is no cause."""
    if not slug:
        return GOING_ON.get(status, "Ringing")
    return describing.name_cause(slug, is_incoming=is_incoming)
