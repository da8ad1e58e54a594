"""The note that a person keeps with a call, for whoever shows the call: the rooms above keep it."""

import uuid
from collections.abc import Callable, Iterable, Mapping

from accounts.people import User
from phone.calls.call import Call

# Notes by the keys of a call and of a person.
Notes = Mapping[tuple[uuid.UUID, int], str]
Reader = Callable[[Iterable[Call], Iterable[User]], Notes]

_readers: list[Reader] = []


def reads_notes(reader: Reader) -> Reader:
    """Has `get_notes` ask the decorated function; in a module that `phone/apps.py` loads."""
    _readers[:] = [reader]
    return reader


def get_notes(calls: Iterable[Call], people: Iterable[User]) -> Notes:
    """What there is of notes of `people` with `calls`. One query."""
    return _readers[0](calls, people) if _readers else {}
