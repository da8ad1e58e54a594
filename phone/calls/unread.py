"""What a person has not seen yet: the figures beside the links to the panes, kept true on every open page.

A room that counts something says how with `@counted("voicemail")`, in a module that `phone/apps.py` loads,
and calls `push_counts()` in the transaction that changes the figure.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from accounts.people import User
from accounts.push import push_to_user

# Of people, by their keys, those who have not seen something: how much.
Counter = Callable[[Collection[int]], Mapping[int, int]]

COUNTERS: dict[str, Counter] = {}


def counted(name: str) -> Callable[[Counter], Counter]:
    """Has the decorated function count what of `name` people have not seen, in one query."""

    def note(count: Counter) -> Counter:
        COUNTERS[name] = count
        return count

    return note


def build_counts(user: User) -> dict[str, int]:
    return build_counts_of([user.pk])[user.pk]


def build_count_frames(people: Sequence[User]) -> dict[int, dict[str, Any]]:
    """What a page of each of them is told, by their keys."""
    counts = build_counts_of([person.pk for person in people])
    return {key: {"type": "counts", **own} for key, own in counts.items()}


def build_counts_of(people: Collection[int]) -> dict[int, dict[str, int]]:
    """By the keys of people: a query for each figure, however many they are."""
    counted = {name: count(people) for name, count in COUNTERS.items()}
    return {person: {name: found.get(person, 0) for name, found in counted.items()} for person in people}


def push_counts(user: User) -> None:
    """Tells the person's open pages, once the transaction is committed."""
    push_to_user(user.pk, build_count_frames([user])[user.pk])
