"""Is the process alive, and can it serve?"""

import asyncio
import uuid

from channels.layers import get_channel_layer
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

CHANNEL_LAYER_SECONDS = 2


def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; touches nothing."""
    return HttpResponse("alive", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """200 when database and channel layer answer, else 503; either way, which of them do."""
    parts = {"database": is_database_ready(), "channel_layer": is_channel_layer_ready()}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


def is_database_ready() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_user WHERE 1 = 0")
    except DatabaseError:
        return False
    return True


def is_channel_layer_ready() -> bool:
    """Sends a message through the layer and waits for it to come back."""
    try:
        asyncio.run(asyncio.wait_for(round_trip(), CHANNEL_LAYER_SECONDS))
    except (OSError, TimeoutError):
        return False
    return True


async def round_trip() -> None:
    layer = get_channel_layer()
    if layer is None:
        raise OSError("no channel layer is configured")
    channel = await layer.new_channel("readyz")
    text = uuid.uuid4().hex
    await layer.send(channel, {"type": "readyz", "text": text})
    while (await layer.receive(channel))["text"] != text:
        pass
