"""The Device's socket, and what is said at any other address."""

from typing import Any

from django.urls import path, re_path

from phone.device.consumers import DeviceConsumer


async def turn_away(scope: Any, receive: Any, send: Any) -> None:
    """There is no socket here: the server makes 403 of it, where Channels would break."""
    await receive()
    await send({"type": "websocket.close"})


websocket_urlpatterns = [
    path("ws/device/", DeviceConsumer.as_asgi()),
    re_path("", turn_away),  # type: ignore[arg-type]
]
