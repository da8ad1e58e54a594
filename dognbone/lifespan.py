"""The server's start and end, as ASGI's lifespan protocol tells them.

What can be judged without the database is judged when `asgi.py` is imported. Whether the stored
secrets can be opened needs the database, and so a thread: the import happens inside the event loop.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from dognbone.checks import stop_on_errors


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers the server's two questions; a failed check ends the server with its message."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
        try:
            await sync_to_async(check_database)()
        except ImproperlyConfigured as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})


def check_database() -> None:
    try:
        stop_on_errors(databases=["default"])
    finally:
        connections.close_all()
