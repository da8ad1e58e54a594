"""Is the process alive, and can it serve?"""

import asyncio
import contextlib

from asgiref.sync import async_to_sync
from channels.layers import BaseChannelLayer, get_channel_layer
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from accounts.tasks.settling import get_oldest_waiting_seconds

CHANNEL_LAYER_SECONDS = 2


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; touches nothing."""
    return HttpResponse("alive", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when database and channel layer answer, else 503; either way, which of them do.

    `oldest_task_seconds` tells whether the worker keeps up, and changes nothing of the status: this
    server serves without it. null where the database does not answer.
    """
    parts = {"database": is_database_ready(), "channel_layer": is_channel_layer_ready()}
    waiting = get_oldest_waiting_seconds() if parts["database"] else None
    answer = {**parts, "oldest_task_seconds": waiting}
    return JsonResponse(answer, status=200 if all(parts.values()) else 503)


def is_database_ready() -> bool:
    """Whether the database answers and has been migrated at least once."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_user WHERE 1 = 0")
    except DatabaseError:
        return False
    return True


def is_channel_layer_ready() -> bool:
    """Sends a message through the layer and waits for it to come back.

    On the server's own event loop, by `async_to_sync`: the Redis layer keeps a connection and a
    receiving task for each loop, and those of the sockets' loop are what is to be known about.
    """
    try:
        async_to_sync(make_round_trip)()
    except (OSError, RedisError, TimeoutError):
        return False
    return True


async def make_round_trip() -> None:
    """Raises OSError, RedisError or TimeoutError when nothing comes back within two seconds."""
    layer = get_channel_layer()
    if layer is None:
        raise OSError("no channel layer is configured")
    async with asyncio.timeout(CHANNEL_LAYER_SECONDS):
        channel = await layer.new_channel("readyz")
        try:
            await layer.send(channel, {"type": "readyz"})
            await layer.receive(channel)
        finally:
            await forget(layer, channel)


async def forget(layer: BaseChannelLayer, channel: str) -> None:
    """Gives the channel up: the Redis layer drops a subscription only when a receiver is cancelled."""
    receiving = asyncio.ensure_future(layer.receive(channel))
    await asyncio.sleep(0)
    receiving.cancel()
    with contextlib.suppress(asyncio.CancelledError, OSError, RedisError):
        await receiving
