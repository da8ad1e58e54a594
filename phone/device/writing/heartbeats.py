"""Keeps the heartbeats of pages that are as they were, and writes them together, once a second.

A page that says something new, that was not heard of for long, or that this worker has not written yet is
written at once (`consumers.py`, `writer.py`). A worker that dies takes a second of heartbeats with it: a page
counts as silent after two missed ones and ten seconds more, so that is nothing anybody hears of.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import datetime
from weakref import WeakKeyDictionary

from django.db import Error
from django.utils import timezone

from phone.device.presence import keep_alive
from phone.device.silences import find_marked
from phone.device.threads import run
from phone.device.writing.page import Page

logger = logging.getLogger(__name__)

THREADS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="device-heartbeats")
# For how long heartbeats are kept: what a page's row may be behind by.
KEPT_SECONDS = 1.0
# So many with one statement, for whose rows an event may have to wait.
MOST_TOGETHER = 250

# A page, and its Device's state as the page has told it, if it has.
Heartbeat = tuple[Page, str | None]


class Heartbeats:
    """One event loop's, which alone uses it."""

    def __init__(self) -> None:
        self.kept: dict[Page, str | None] = {}
        self.begun_at = timezone.now()
        self.timer: asyncio.TimerHandle | None = None
        self.task: asyncio.Task[None] | None = None

    def keep(self, page: Page, state: str | None) -> None:
        """A page that is as it was known to be was heard of."""
        if not self.kept:
            self.begun_at = timezone.now()
        self.kept[page] = state or self.kept.get(page)
        if self.timer is None and self.task is None:
            self.wait()

    def wait(self) -> None:
        self.timer = asyncio.get_running_loop().call_later(KEPT_SECONDS, self.begin, context=Context())

    def begin(self) -> asyncio.Task[None]:
        """Writes what is kept."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.task is None:
            self.task = asyncio.create_task(self.write(), context=Context())
        return self.task

    async def write(self) -> None:
        kept, self.kept = self.kept, {}
        try:
            for page, state in await run(THREADS, record_heartbeats, list(kept.items()), self.begun_at):
                if page.say_again is not None:
                    page.say_again(state)
        except Error as error:
            logger.warning("Heartbeats could not be written: %s", type(error).__name__)
            # Newer ones, and pages that are gone meanwhile, count.
            self.kept = {page: state for page, state in kept.items() if page.say_again} | self.kept
        finally:
            self.task = None
            if self.kept:
                self.wait()

    async def finish(self, page: Page) -> None:
        """Once it returns, nothing more is written of a page whose socket has ended."""
        page.say_again = None
        if self.task is not None:
            await asyncio.wait([self.task])
        if page in self.kept:
            await asyncio.wait([self.begin()])


def record_heartbeats(kept: Sequence[Heartbeat], at: datetime) -> list[Heartbeat]:
    """Writes that these pages were heard of at `at`; those of which there is more to write than that."""
    more: list[Heartbeat] = []
    for first in range(0, len(kept), MOST_TOGETHER):
        lot = kept[first : first + MOST_TOGETHER]
        rows = {(page.known.row, page.known.state) for page, _ in lot if page.known is not None}
        others = keep_alive(rows, at)
        marked = find_marked({page.page_session for page, _ in lot})
        more += [
            (page, state)
            for page, state in lot
            if page.known is None
            or page.known.row in others
            or (page.user.identity, page.page_session) in marked
        ]
    return more


_heartbeats: WeakKeyDictionary[asyncio.AbstractEventLoop, Heartbeats] = WeakKeyDictionary()


def get_heartbeats() -> Heartbeats:
    """The running loop's."""
    loop = asyncio.get_running_loop()
    if (heartbeats := _heartbeats.get(loop)) is None:
        heartbeats = _heartbeats[loop] = Heartbeats()
    return heartbeats
