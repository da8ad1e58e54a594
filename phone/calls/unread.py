"""What a person has not seen yet: the figures beside the links to the panes, kept true on every open page.

A room that counts something says how with `@counted("voicemail")`, in a module that `phone/apps.py` loads,
and calls `push_counts()` in the transaction that changes the figure.
"""

from collections.abc import Callable
from typing import Any

from accounts.people import User
from accounts.push import push_to_user

Counter = Callable[[User], int]

COUNTERS: dict[str, Counter] = {}


def counted(name: str) -> Callable[[Counter], Counter]:
    """Has the decorated function count what of `name` a person has not seen."""

    def note(count: Counter) -> Counter:
        COUNTERS[name] = count
        return count

    return note


def build_counts(user: User) -> dict[str, int]:
    """One query each."""
    return {name: count(user) for name, count in COUNTERS.items()}


def build_count_frame(user: User) -> dict[str, Any]:
    return {"type": "counts", **build_counts(user)}


def push_counts(user: User) -> None:
    """Tells the person's open pages, once the transaction is committed."""
    push_to_user(user.pk, build_count_frame(user))
