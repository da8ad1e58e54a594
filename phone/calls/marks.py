"""What is kept with a call for a person, a recording or a message: recent calls show that there is one.

A room that keeps something says which calls have it with `@marks("voicemail")`, in a module that
`phone/apps.py` loads, and calls `tell_changed()` for the call when that changes.
"""

from collections.abc import Callable

from accounts.people import User
from phone.calls.call import Call

Mark = Callable[[Call, User], bool]

MARKS: dict[str, Mark] = {}


def marks(name: str) -> Callable[[Mark], Mark]:
    """Has the decorated function say whether there is a `name` of a call that a person may have."""

    def note(mark: Mark) -> Mark:
        MARKS[name] = mark
        return mark

    return note


def is_marked(name: str, call: Call, user: User) -> bool:
    mark = MARKS.get(name)
    return mark is not None and mark(call, user)
