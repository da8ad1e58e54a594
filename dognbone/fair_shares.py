"""Each process of a server takes its share of the connections.

All of them listen on one socket, and the kernel wakes all of them for each connection; uvicorn has whoever
comes first take it. That is nearly always the same one: of 32 connections of a proxy, or of a thousand pages,
one process had them all, and one processor was busy while the other had nothing to do. So a process that has
more than another leaves a connection to it for a moment, before it takes it after all: one that is busy, has
just begun or is about to end is waited for, but never for long.

How many each has stands in a file that all have in memory. A process that has died had some when it did: it
does not count. The kernel's own way (SO_REUSEPORT, socket(7)) would give each process a queue of its own, and
lose what waits in the queue of one that dies.
"""

import asyncio
import contextlib
import fcntl
import logging
import mmap
import os
import socket
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvloop

logger = logging.getLogger(__name__)

# The file, for the processes that are started.
VARIABLE = "DOGNBONE_SHARES"
# The id of a process, and how many connections it has.
ROW = struct.Struct("=qq")
# Of more processes the rest take whatever comes; a restart has twice as many for a moment.
PROCESSES = 128
# Of a process that takes no more: nobody leaves any to it. Its place is taken when it has ended, so that all
# places in use are the first ones.
ENDING = 2**62
# How long a connection is left to others who have fewer, and how many are taken then.
LEFT_SECONDS = 0.005
TAKEN_AT_ONCE = 4
# Before another try, where the machine has no descriptor or memory left.
PAUSE_SECONDS = 1.0
# One more, and one more of each so many, is no reason to wait.
SLACK, SLACK_OF = 1, 16


@contextmanager
def fair_shares() -> Iterator[dict[str, Any]]:
    """What uvicorn is started with, so that its processes have equal shares; for as long as it runs."""
    with tempfile.NamedTemporaryFile(prefix="dognbone-shares-") as file:
        file.truncate(ROW.size * PROCESSES)
        os.environ[VARIABLE] = file.name
        try:
            yield {"loop": f"{__name__}:{FairLoop.__name__}"}
        finally:
            del os.environ[VARIABLE]


class Share:
    """How many connections this process has, and whether others have fewer.

    Each counts from `WholeAnswers.connection_made()` to its `connection_lost()`, or that of what it became.
    """

    def __init__(self) -> None:
        self.count = 0
        self._rows: mmap.mmap | None = None
        self._place = 0

    @property
    def is_known(self) -> bool:
        return self._rows is not None

    def make_known(self, path: str) -> None:
        """From now on others see it, in the file of `fair_shares()`, if there is room. Raises OSError."""
        with open(path, "r+b") as file:
            rows = mmap.mmap(file.fileno(), ROW.size * PROCESSES)
            # Let go by itself it would not be: what is mapped keeps the file open.
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                self._take_place(rows)
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)

    def _take_place(self, rows: mmap.mmap) -> None:
        for place in range(0, len(rows), ROW.size):
            pid, _ = ROW.unpack_from(rows, place)
            if pid in (0, os.getpid()) or not is_alive(pid):
                ROW.pack_into(rows, place, os.getpid(), self.count)
                self._rows, self._place = rows, place
                return

    def withdraw(self) -> None:
        """This process takes no more connections."""
        if self._rows is not None:
            ROW.pack_into(self._rows, self._place, os.getpid(), ENDING)
            self._rows = None

    def add(self, number: int) -> None:
        self.count += number
        if self._rows is not None:
            ROW.pack_into(self._rows, self._place, os.getpid(), self.count)

    def is_large(self, more: int) -> bool:
        """Whether another process has fewer, by more than does not matter; `more` have begun here."""
        if self._rows is None:
            return False
        count = self.count + more
        enough = count - SLACK - count // SLACK_OF
        for pid, theirs in ROW.iter_unpack(self._rows):
            if pid == 0:
                break
            if theirs < enough and pid != os.getpid() and is_alive(pid):
                return True
        return False


share = Share()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


class FairLoop(uvloop.Loop):
    """uvloop's own, whose servers take no more than their share of the connections to a common socket."""

    async def create_server(self, protocol_factory: Any, *args: Any, **kwargs: Any) -> Any:
        path, sock = os.environ.get(VARIABLE), kwargs.get("sock")
        if path is None or sock is None or kwargs.get("ssl") is not None:
            return await super().create_server(protocol_factory, *args, **kwargs)
        try:
            share.make_known(path)
        except OSError as error:
            # Whoever tidies up a folder for temporary files may have deleted it.
            logger.warning("Connections are not shared evenly: %s", error.strerror)
        return Taker(self, sock, protocol_factory, kwargs["backlog"])


class Taker:
    """The server that `create_server()` gives: it can be closed, and waited for."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, sock: socket.socket, make: Callable[[], Any], backlog: int
    ) -> None:
        self.loop = loop
        self.sock = sock
        self.make = make
        self.has_waited = False
        self.pause: asyncio.TimerHandle | None = None
        self.under_way: set[asyncio.Task[Any]] = set()
        sock.setblocking(False)
        sock.listen(backlog)
        self.watch()

    def watch(self) -> None:
        self.pause = None
        self.loop.add_reader(self.sock, self.look)

    def wait(self, seconds: float) -> None:
        self.loop.remove_reader(self.sock)
        self.pause = self.loop.call_later(seconds, self.watch)

    def look(self) -> None:
        """Somebody is there; what others take meanwhile is theirs."""
        for _ in range(TAKEN_AT_ONCE):
            if not self.has_waited and share.is_large(len(self.under_way)):
                self.has_waited = True
                self.wait(LEFT_SECONDS)
                return
            try:
                connection, _ = self.sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                break
            except OSError as error:
                logger.error("No connection can be taken: %s", error.strerror)
                self.wait(PAUSE_SECONDS)
                return
            self.take(connection)
        self.has_waited = False

    def take(self, connection: socket.socket) -> None:
        task = self.loop.create_task(self.begin(connection))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def begin(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        try:
            await self.loop.connect_accepted_socket(self.make, connection)
        except OSError:
            # Whoever it was has gone.
            connection.close()

    def close(self) -> None:
        share.withdraw()
        if self.pause is not None:
            self.pause.cancel()
        with contextlib.suppress(ValueError):
            self.loop.remove_reader(self.sock)

    async def wait_closed(self) -> None:
        await asyncio.gather(*self.under_way, return_exceptions=True)
