"""The server's start and end, as ASGI's lifespan protocol tells them.

What can be judged without the database is judged when `asgi.py` is imported. Whether the stored
secrets can be opened needs the database, and so a thread: the import happens inside the event loop.
A database that is away holds the process back (`serving.py`) and does not end it: uvicorn would stop
all the others with it.
"""

import asyncio
import gc
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, closing, nullcontext
from typing import Any

from channels.layers import get_channel_layer
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.urls import get_resolver

from dognbone.redis.channel_layer import ChannelLayer
from dognbone.serving import serving

# Python's own 700 are made by a few sockets that open; of what makes no circles nothing waits for a look.
OBJECTS_BETWEEN_LOOKS = 20_000


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers the server's two questions; a failed check ends the server with its message."""
    await receive()
    try:
        await serving.begin()
    except ImproperlyConfigured as error:
        await send({"type": "lifespan.startup.failed", "message": str(error)})
        return
    async with AsyncExitStack() as running:
        running.enter_context(keep_database_open())
        await running.enter_async_context(beside(serving.catch_up()))
        layer = get_channel_layer()
        if isinstance(layer, ChannelLayer):
            await running.enter_async_context(beside(layer.listen()))
        load_addresses()
        spare_what_stays()
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


def load_addresses() -> int:
    """Views, and all that they import: else whoever asks a process first waits a second for that."""
    return len(get_resolver().url_patterns)


def spare_what_stays() -> None:
    """What a process is made of stays, and is not looked through again whenever garbage is looked for.

    A thousand sockets that open made Python look through all of Django many times.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, 10, 10)


@asynccontextmanager
async def beside(work: Any) -> AsyncIterator[None]:
    """Does `work` at the same time, and ends it at the end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def keep_database_open() -> AbstractContextManager[Any]:
    """An idle connection for as long as the server runs, where the database is SQLite.

    SQLite writes its log back whenever the last connection closes, which is after every request
    otherwise: https://www.sqlite.org/wal.html, "Automatic Checkpoint".
    """
    if connection.vendor != "sqlite":
        return nullcontext()
    idle = sqlite3.connect(connection.settings_dict["NAME"])
    # A connection counts from its first look at the file.
    idle.execute("SELECT 1 FROM sqlite_master").fetchone()
    return closing(idle)
