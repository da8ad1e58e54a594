"""Tells everybody who has a part in a call what has become of it, on all of their open pages."""

import uuid
from functools import partial, update_wrapper
from typing import Any

from django.db import connection, transaction

from accounts.people import User
from accounts.push import push_to_user
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.in_call.state import build_states


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
    for person in get_people(call_id):
        push_to_user(person.pk, build_frame(person))


def get_people(call_id: uuid.UUID) -> list[User]:
    """Whoever made it, answered it, was rung by it or was brought into it."""
    call = Call.objects.filter(pk=call_id).first()
    if call is None:
        return []
    ids = {call.user_id, *call.rung.values_list("pk", flat=True)}
    ids |= set(CallLeg.objects.filter(call=call).values_list("user", flat=True))
    return list(User.objects.filter(pk__in=ids - {None}, is_active=True))


def build_frame(person: User) -> dict[str, Any]:
    return {"type": "calls", "calls": build_states(person)}
