"""Tells everybody who has a part in a call and a page open what has become of it, on all of their pages.

Not in the request that has changed the call: Twilio waits for its answer, and a change of a call that rings
on ten phones concerns ten people. Each process tells of one thing after the other, beside its requests; all
that changes meanwhile is told with the next, once for each person and from what was read at once for all.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from functools import partial, update_wrapper
from typing import Any

from django.db import connection, transaction

from accounts.people import User
from accounts.push import push_to_user, send_to_users
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.device.beside import Beside, get_server_loop
from phone.device.presence import has_open_page
from phone.device.threads import in_database_thread
from phone.in_call.state import build_states, build_states_of

Frame = dict[str, Any]


def hear_changed(sender: Any, call: Call, **kwargs: Any) -> None:
    """Heard inside the transaction that changes the call; told once, when it is committed."""
    if not is_to_be_told(call):
        # A layer that is away takes nothing else with it that waits for the commit. Django names in its log
        # what failed, and a partial has no name of its own.
        telling = update_wrapper(partial(tell_people, call.pk), tell_people)
        transaction.on_commit(telling, robust=True)


def is_to_be_told(call: Call) -> bool:
    """Whether this transaction is going to tell of the call already."""
    now = set(connection.savepoint_ids)
    return any(
        isinstance(hook[1], partial)
        and hook[1].func is tell_people
        and hook[1].args == (call.pk,)
        and set(hook[0]) <= now
        for hook in connection.run_on_commit
    )


def tell_people(call_id: uuid.UUID) -> None:
    """Soon where a server runs; before it returns anywhere else: in a worker, in a command."""
    loop = get_server_loop()
    if loop is None:
        for user_id, frame in build_frames([call_id]).items():
            push_to_user(user_id, frame)
    else:
        BESIDE.want(loop, [call_id])


async def tell(call_ids: set[uuid.UUID]) -> None:
    await send_to_users(await in_database_thread(build_frames, call_ids))


BESIDE = Beside(tell, "Pages were not told what became of a call")


def build_frames(call_ids: Collection[uuid.UUID]) -> dict[int, Frame]:
    """What is told of some calls, by the keys of those who are told."""
    people = get_people(call_ids)
    return build_frames_of(people) if people else {}


def build_frames_of(people: Sequence[User]) -> dict[int, Frame]:
    """What a page of each of `people` is told of their calls, by their keys."""
    return {key: make_frame(states) for key, states in build_states_of(people).items()}


def get_people(call_ids: Collection[uuid.UUID]) -> list[User]:
    """Whoever made one of them, answered it, was rung by it or was brought into it, and has a page open."""
    who = Call.objects.filter(pk__in=call_ids).order_by().values_list("user_id")
    rung = Call.rung.through.objects.filter(call__in=call_ids).values_list("user_id")
    legs = CallLeg.objects.filter(call__in=call_ids).order_by().values_list("user_id")
    ids = {key for (key,) in who.union(rung, legs)} - {None}
    return list(User.objects.filter(has_open_page(), pk__in=ids, is_active=True)) if ids else []


def build_frame(person: User) -> Frame:
    """In the language that is spoken: a page's own socket asks."""
    return make_frame(build_states(person))


def make_frame(states: Iterable[dict[str, Any]]) -> Frame:
    return {"type": "calls", "calls": list(states)}
