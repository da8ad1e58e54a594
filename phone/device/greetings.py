"""What a page is told as soon as its socket is open, or a push may have been lost; who hears that it is gone.

The rooms above this one say what there is to tell: each gives a function from a person to a frame.
"""

from collections.abc import Callable
from typing import Any

from accounts.people import User

Greeting = Callable[[User], dict[str, Any]]

Farewell = Callable[[User], None]

_greetings: list[Greeting] = []
_farewells: list[Farewell] = []


def greet_with(greeting: Greeting) -> None:
    """Has every page that opens its socket told what `greeting` builds; said when an app is loaded."""
    if greeting not in _greetings:
        _greetings.append(greeting)


def build_greetings(user: User) -> list[dict[str, Any]]:
    """The frames for one page, from the database as it is now."""
    return [greeting(user) for greeting in _greetings]


def part_with(farewell: Farewell) -> None:
    """Has `farewell` hear of every socket that ends; said when an app is loaded."""
    if farewell not in _farewells:
        _farewells.append(farewell)


def tell_gone(user: User) -> None:
    """A page of `user` has no socket any more; it may be back in a moment."""
    for farewell in _farewells:
        farewell(user)
