"""What a page's socket has put off because it may take its time: one thing after the other.

There is a task only while there is something to do: most pages say nothing for hours.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context

from django.db import Error

logger = logging.getLogger(__name__)

# What is left to do when a page goes away is still done, this long at most.
LAST_WORDS_SECONDS = 20
MOST_WAITING = 100

Job = Callable[[], Awaitable[None]]


class TooMuchWaits(Exception):
    """So much waits already that no more is taken."""


class Jobs:
    """A queue of one socket: what is put off is done in the socket's own context, from `begin()` on."""

    __slots__ = ("context", "task", "waiting")

    def __init__(self) -> None:
        self.waiting: list[Job] = []
        self.task: asyncio.Task[None] | None = None
        self.context: Context | None = None

    def begin(self, context: Context) -> None:
        self.context = context
        self.go_on()

    def put_off(self, job: Job) -> None:
        """Queues `job`. Raises TooMuchWaits."""
        if len(self.waiting) >= MOST_WAITING:
            raise TooMuchWaits
        self.waiting.append(job)
        self.go_on()

    def go_on(self) -> None:
        if self.waiting and self.task is None and self.context is not None:
            self.task = asyncio.create_task(self.work(), context=self.context)

    async def work(self) -> None:
        try:
            while self.waiting:
                job = self.waiting.pop(0)
                try:
                    await job()
                except Error as error:
                    # Without a traceback: while the database is away, every page comes by here.
                    logger.warning("What a socket had put off failed: %s", type(error).__name__)
                except Exception:
                    # One diagnosis that fails must not end all later ones of this page.
                    logger.exception("What a Device's socket had put off failed")
        finally:
            self.task = None

    async def end(self, seconds: float = LAST_WORDS_SECONDS) -> None:
        """Waits for what is queued, within its time, and takes nothing more."""
        task, self.context = self.task, None
        if task is None:
            return
        await asyncio.wait([task], timeout=seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
