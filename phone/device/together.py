"""Doing many things in one go, and each alone where that fails."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import Error

from phone.device.threads import in_database_thread

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


async def together(
    work: Callable[[Sequence[Asked]], Sequence[Answer]], items: Sequence[Asked]
) -> Sequence[Answer | Error]:
    """What `work` makes of `items` in a thread; where it fails, of each alone, with the error in its place.

    `work` has done nothing where it has raised an error of the database.
    """
    if not items:
        return []
    try:
        return await in_database_thread(work, items)
    except Error as error:
        if len(items) == 1:
            return [error]
    return [answer for item in items for answer in await together(work, [item])]
