"""What is settled before a socket's page is looked at: whose page it is, and whether there is a database."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import Error

from phone.device.origins import is_own_origin

logger = logging.getLogger(__name__)

Application = Callable[[Any, Any, Any], Awaitable[None]]

AWAY = 503


class Doorway:
    """Around the application of all sockets. A page of another site costs neither a thread nor a query.

    While `is_closed()` nobody's page is let in.
    """

    def __init__(self, application: Application, *, is_closed: Callable[[], bool] = lambda: False) -> None:
        self.application = application
        self.is_closed = is_closed

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if not is_own_origin(scope):
            await receive()
            # The server makes 403 of it.
            await send({"type": "websocket.close"})
            return
        if self.is_closed():
            await receive()
            await refuse(scope, send)
            return
        is_open = False

        async def watched_send(message: dict[str, Any]) -> None:
            nonlocal is_open
            is_open = True
            await send(message)

        try:
            await self.application(scope, receive, watched_send)
        except Error as error:
            if is_open:
                raise
            logger.warning("A socket was not opened, without the database: %s", type(error).__name__)
            await refuse(scope, send)


async def refuse(scope: dict[str, Any], send: Any) -> None:
    """503 where the server can say so, else 403; the page dials again after either."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-type", b"text/plain"), (b"retry-after", b"5")]
    await send({"type": "websocket.http.response.start", "status": AWAY, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"Unavailable"})
