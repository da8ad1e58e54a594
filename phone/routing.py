"""The Device's socket."""

from typing import Any

websocket_urlpatterns: list[Any] = []
