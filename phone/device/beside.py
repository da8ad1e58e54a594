"""What a server tells its pages beside its requests: of one thing after the other, and never in a request.

Each event loop has a teller of its own. What comes alone is told at once; what is wanted while that is told,
or soon after, is told with the next, all together: a hundred changes a second cost four tellings.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Hashable, Iterable
from contextvars import Context
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import SyncToAsync
from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)

pause = asyncio.sleep

# How soon it is tried again what a database that was away has left untold.
AGAIN_SECONDS = 1.0
# So long after a telling the next one gathers, and after one of many. A telling costs nearly the same for one
# as for ten; alone, nobody waits.
GATHER_SECONDS, GATHER_MANY_SECONDS = 0.1, 0.3
MANY = 5

Key = TypeVar("Key", bound=Hashable)


def get_server_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that this thread works for; asgiref notes it there, for `async_to_sync`."""
    loop: asyncio.AbstractEventLoop | None = getattr(SyncToAsync.threadlocal, "main_event_loop", None)
    return loop if loop is not None and loop.is_running() else None


def note_server_loop(loop: asyncio.AbstractEventLoop) -> None:
    """This thread works for `loop`: noted as asgiref does for threads of its own."""
    SyncToAsync.threadlocal.main_event_loop = loop
    SyncToAsync.threadlocal.main_event_loop_pid = os.getpid()


class Teller(Generic[Key]):
    """One event loop's, which alone uses it."""

    def __init__(self, beside: "Beside[Key]") -> None:
        self.beside = beside
        self.wanted: set[Key] = set()
        self.task: asyncio.Task[None] | None = None

    def want(self, keys: Iterable[Key]) -> None:
        self.wanted.update(keys)
        if self.task is None:
            self.task = asyncio.create_task(self.tell())

    async def tell(self) -> None:
        """Until nothing is left to tell. What the database did not answer is told once it does."""
        try:
            while self.wanted:
                now, self.wanted = self.wanted, set()
                try:
                    await self.beside.tell(now)
                except (InterfaceError, OperationalError) as error:
                    logger.warning("%s yet: %s", self.beside.trouble, type(error).__name__)
                    self.wanted |= now
                    await asyncio.sleep(AGAIN_SECONDS)
                except Exception:
                    # What else changes has to be told all the same.
                    logger.exception(self.beside.trouble)
                await pause(GATHER_MANY_SECONDS if len(now) >= MANY else GATHER_SECONDS)
        finally:
            self.task = None


class Beside(Generic[Key]):
    """Tells what is wanted, on whatever loop; `trouble` is for the log where it cannot be told."""

    def __init__(self, tell: Callable[[set[Key]], Awaitable[None]], trouble: str) -> None:
        self.tell = tell
        self.trouble = trouble
        self.tellers: WeakKeyDictionary[asyncio.AbstractEventLoop, Teller[Key]] = WeakKeyDictionary()

    def want(self, loop: asyncio.AbstractEventLoop, keys: Iterable[Key]) -> None:
        """From any thread; soon."""
        loop.call_soon_threadsafe(self.want_now, frozenset(keys), context=Context())

    def want_later(self, loop: asyncio.AbstractEventLoop, keys: Iterable[Key], seconds: float) -> None:
        """From any thread; forgotten if the server ends before."""
        wanted = frozenset(keys)

        def wait() -> None:
            loop.call_later(seconds, self.want_now, wanted, context=Context())

        loop.call_soon_threadsafe(wait, context=Context())

    def want_now(self, keys: Iterable[Key]) -> None:
        """On the loop itself."""
        self.tellers.setdefault(asyncio.get_running_loop(), Teller(self)).want(keys)
