"""Is the process alive, and can it serve?"""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.tasks.settling import get_oldest_waiting_seconds
from dognbone.redis.channel_layer import ChannelLayer
from dognbone.serving import serving


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
    response = JsonResponse(answer, status=200 if all(parts.values()) else 503)
    # It is asked every few seconds; what is away is logged once, by whoever notices.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def is_database_ready() -> bool:
    """Whether the database answers, has been migrated, and was found right by this process."""
    if serving.is_held_back:
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_user WHERE 1 = 0")
    except Error:
        return False
    return True


def is_channel_layer_ready() -> bool:
    """Whether pages of every process can be told something. Without Redis there is one process."""
    return async_to_sync(ask_layer)()


async def ask_layer() -> bool:
    """On the server's own event loop, where the layer hears the other processes."""
    layer = get_channel_layer()
    return await layer.is_reachable() if isinstance(layer, ChannelLayer) else layer is not None
