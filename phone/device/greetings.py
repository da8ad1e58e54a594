"""What a page is told as soon as its socket is open, and again where a push may have been lost.

The rooms above this one say what there is to tell: each gives a function from a person to a frame.
"""

from collections.abc import Callable
from typing import Any

from accounts.people import User

Greeting = Callable[[User], dict[str, Any]]

_greetings: list[Greeting] = []


def greet_with(greeting: Greeting) -> None:
    """Has every page that opens its socket told what `greeting` builds; said when an app is loaded."""
    if greeting not in _greetings:
        _greetings.append(greeting)


def build_greetings(user: User) -> list[dict[str, Any]]:
    """The frames for one page, from the database as it is now."""
    return [greeting(user) for greeting in _greetings]
