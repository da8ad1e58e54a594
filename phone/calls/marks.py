"""What is kept with a call for a person, a recording or a message: recent calls show that there is one.

A room that keeps something says whose calls have it with `@marks("voicemail")`, in a module that
`phone/apps.py` loads, and calls `tell_changed()` for the call when that changes.
"""

from collections.abc import Callable, Set

from phone.calls.call import Call

Mark = Callable[[Call], Set[int]]

MARKS: dict[str, Mark] = {}


def marks(name: str) -> Callable[[Mark], Mark]:
    """Has the decorated function say who of all has a `name` of a call: the keys of people, in one query."""

    def note(mark: Mark) -> Mark:
        MARKS[name] = mark
        return mark

    return note


def find_marked(name: str, call: Call) -> Set[int]:
    """Nobody has anything of a call that was neither answered nor is over."""
    mark = MARKS.get(name)
    if mark is None or (call.answered_at is None and call.ended_at is None):
        return frozenset()
    return mark(call)
