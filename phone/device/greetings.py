"""What pages are told once their sockets are open, or a push may have been lost; who hears that they go.

The rooms above this one say what there is to tell: each gives a function from people to a frame for each.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.people import User

Frame = dict[str, Any]
# A few queries for all of them; by their keys.
Greeting = Callable[[Sequence[User]], Mapping[int, Frame]]

Farewell = Callable[[Sequence[User]], None]

_greetings: list[Greeting] = []
_farewells: list[Farewell] = []


def greet_with(greeting: Greeting) -> None:
    """Has every page that opens its socket told what `greeting` builds; said when an app is loaded."""
    if greeting not in _greetings:
        _greetings.append(greeting)


def build_greetings(people: Sequence[User]) -> dict[int, list[Frame]]:
    """The frames for a page of each of them, by their keys, from the database as it is now."""
    built = [greeting(people) for greeting in _greetings] if people else []
    return {person.pk: [frames[person.pk] for frames in built] for person in people}


def part_with(farewell: Farewell) -> None:
    """Has `farewell` hear of every socket that ends; said when an app is loaded."""
    if farewell not in _farewells:
        _farewells.append(farewell)


def tell_gone(people: Sequence[User]) -> None:
    """A page of each of `people` has no socket any more; it may be back in a moment."""
    for farewell in _farewells:
        farewell(people)
