"""Tells open pages that a call in somebody's list of recent calls is not what it was, beside the requests."""

import uuid
from collections.abc import Iterable
from functools import partial, update_wrapper
from typing import Any

from django.db import transaction

from accounts.push import push_to_user, send_to_groups, user_group
from phone.calls.call import Call
from phone.device.beside import Beside, get_server_loop
from phone.device.presence import list_with_page
from phone.device.threads import in_database_thread

# A call, and a person in whose list it is.
Line = tuple[uuid.UUID, int]


def tell_after_commit(call: Call, people: Iterable[int]) -> None:
    """`people` by their keys; in the transaction that changes their lists."""
    lines = frozenset((call.pk, person) for person in people)
    if lines:
        # A layer that is away takes nothing else with it; Django names in its log what failed.
        transaction.on_commit(update_wrapper(partial(tell_of, lines), tell_of), robust=True)


def tell_of(lines: frozenset[Line]) -> None:
    """Soon where a server runs; before it returns anywhere else: in a worker, in a command."""
    loop = get_server_loop()
    if loop is not None:
        BESIDE.want(loop, lines)
        return
    for call, person in lines:
        push_to_user(person, build_frame(call))


async def tell(lines: set[Line]) -> None:
    listening = await in_database_thread(list_with_page, {person for _, person in lines})
    people: dict[uuid.UUID, list[str]] = {}
    for call, person in lines:
        if person in listening:
            people.setdefault(call, []).append(user_group(person))
    await send_to_groups((groups, build_frame(call)) for call, groups in people.items())


BESIDE = Beside(tell, "Pages were not told of recent calls")


def build_frame(call: uuid.UUID) -> dict[str, Any]:
    return {"type": "recents", "call": str(call)}
