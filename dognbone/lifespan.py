"""The server's start and end, as ASGI's lifespan protocol tells them.

What can be judged without the database is judged when `asgi.py` is imported. Whether the stored
secrets can be opened needs the database, and so a thread: the import happens inside the event loop.
"""

import sqlite3
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections

from dognbone.checks import stop_on_errors


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers the server's two questions; a failed check ends the server with its message."""
    await receive()
    try:
        await sync_to_async(check_database)()
    except ImproperlyConfigured as error:
        await send({"type": "lifespan.startup.failed", "message": str(error)})
        return
    with keep_database_open():
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


def check_database() -> None:
    try:
        stop_on_errors(databases=["default"])
    finally:
        connections.close_all()


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
