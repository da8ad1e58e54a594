"""What the server tells open pages of its own accord, through the channel layer.

The layer carries messages `{"type": "push.frame", "frame": {...}}`; the Device's socket passes
the frame on. A frame is sent after commit. No request fails because a page could not be told: the
pages of other processes are told through Redis, and ask again when it comes back.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

logger = logging.getLogger(__name__)

CREDENTIALS_CHANGED: dict[str, Any] = {"type": "credentials_changed"}
# Who had a phone has none, by somebody else's deed: their pages end their calls, and open anew.
PHONE_GONE: dict[str, Any] = {"type": "credentials_changed", "is_gone": True}
SIGNED_OUT: dict[str, Any] = {"type": "signed_out"}


def user_group(user_id: int) -> str:
    """The group of all open sockets of a person."""
    return f"user.{user_id}"


def session_group(session_key: str) -> str:
    """The group of all open sockets of one sign-in; says nothing about the session key."""
    return f"session.{hashlib.sha256(session_key.encode()).hexdigest()[:48]}"


def push_to_user(user_id: int, frame: dict[str, Any]) -> None:
    """Sends `frame` to every open page of a person, once the transaction is committed."""
    transaction.on_commit(partial(send_to_group, user_group(user_id), frame))


def push_to_session(session_key: str, frame: dict[str, Any]) -> None:
    """Sends `frame` to every open page of one sign-in, once the transaction is committed."""
    transaction.on_commit(partial(send_to_group, session_group(session_key), frame))


def send_to_group(group: str, frame: dict[str, Any]) -> None:
    async_to_sync(send)(group, frame)


async def send_to_users(frames: Mapping[int, dict[str, Any]]) -> None:
    """Sends people's open pages their frame at once, from an event loop; by the keys of the people.

    Those who are sent the same frame, the very object, cost one message.
    """
    same: dict[int, tuple[list[str], dict[str, Any]]] = {}
    for user_id, frame in frames.items():
        same.setdefault(id(frame), ([], frame))[0].append(user_group(user_id))
    await send_to_groups(same.values())


async def send_to_groups(parcels: Iterable[tuple[Sequence[str], Mapping[str, Any]]]) -> None:
    """Sends several frames, each to several groups, from an event loop: at the cost of one."""
    layer = get_channel_layer()
    messages = [(groups, build_message(frame)) for groups, frame in parcels]
    if layer is not None and messages:
        await layer.groups_send(messages)


async def send(group: str, frame: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        await layer.group_send(group, build_message(frame))


def build_message(frame: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "push.frame", "frame": frame}
