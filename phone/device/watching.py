"""Looks after all open pages of a worker: whether their sessions stand, and whether they have fallen silent.

One watcher for each event loop looks through its pages, and asks of those whose turn it is, all together. So
a page that says nothing costs no task of its own, and no question to itself.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

from django.db import Error

from accounts.people import User
from phone.device.arrivals import build_page_greetings
from phone.device.of_person import Slot, hold_slots
from phone.device.presence import SILENT_AFTER, PageKey
from phone.device.sessions import SignedIn, find_signed_in
from phone.device.silences import note_silent_pages
from phone.device.threads import in_database_thread

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
SESSION_CHECK_SECONDS = 30.0
# Within which all pages of a process ask again what they may have missed.
DOUBT_SECONDS = 3.0
# A moment more, because the row of what was last heard is a little younger than its frame.
SILENCE_SECONDS = SILENT_AFTER.total_seconds() + 1
# Pages that are asked about at a time.
MOST = 500


class Page(Protocol):
    """What the watcher knows of an open page. Times are `time.monotonic()`'s."""

    key: PageKey
    session_key: str
    user: User
    slot: Slot
    look_at: float
    # When it was last asked whether it has fallen silent.
    asked_at: float
    is_in_doubt: bool

    @property
    def heard_at(self) -> float: ...

    def be_found(self, found: "Found") -> None:
        """What came of looking at it. Never waits."""

    def be_marked_silent(self) -> None: ...


@dataclass(frozen=True)
class Found:
    """Who is signed in by a page's session, None where nobody; `greetings` where it was in doubt."""

    signed_in: SignedIn | None
    greetings: Sequence[str] = ()
    was_in_doubt: bool = False


class Watcher:
    """One event loop's, which alone uses it; it runs while there are pages."""

    def __init__(self) -> None:
        self.pages: set[Page] = set()
        self.task: asyncio.Task[None] | None = None

    def begin(self, page: Page) -> None:
        now = time.monotonic()
        # Not all at the same moment that have come at the same moment.
        page.asked_at, page.look_at = now, now + random.uniform(0.5, 1.0) * SESSION_CHECK_SECONDS
        self.pages.add(page)
        if self.task is None:
            self.task = asyncio.create_task(self.work(), context=Context())

    def end(self, page: Page) -> None:
        self.pages.discard(page)

    async def work(self) -> None:
        try:
            while self.pages:
                await asyncio.sleep(TICK_SECONDS)
                now = time.monotonic()
                silent = [page for page in self.pages if is_silent(page, now)]
                due = [page for page in self.pages if page.look_at <= now]
                await asyncio.gather(in_parts(mark_silent, silent), in_parts(look_again, due))
        finally:
            self.task = None


def is_silent(page: Page, now: float) -> bool:
    return now - max(page.heard_at, page.asked_at) >= SILENCE_SECONDS


_watchers: "WeakKeyDictionary[asyncio.AbstractEventLoop, Watcher]" = WeakKeyDictionary()


def get_watcher() -> Watcher:
    loop = asyncio.get_running_loop()
    if (watcher := _watchers.get(loop)) is None:
        watcher = _watchers[loop] = Watcher()
    return watcher


def look_soon(page: Page) -> None:
    """The page may have missed a push; not all pages of a process ask at the same moment."""
    page.is_in_doubt = True
    page.look_at = min(page.look_at, time.monotonic() + random.uniform(0, DOUBT_SECONDS))


async def in_parts(work: Callable[[Sequence[Page]], Awaitable[None]], pages: Sequence[Page]) -> None:
    for first in range(0, len(pages), MOST):
        try:
            await work(pages[first : first + MOST])
        except Error as error:
            # Without a traceback: while the database is away, everybody comes by here.
            logger.warning("Open pages could not be looked after: %s", type(error).__name__)
        except Exception:
            # Whatever it is, all later ones have to be looked after all the same.
            logger.exception("Open pages could not be looked after")


async def mark_silent(pages: Sequence[Page]) -> None:
    """Marks those that were ready and have stopped answering though their sockets are still open."""
    now = time.monotonic()
    for page in pages:
        page.asked_at = now
    marked = await in_database_thread(note_silent_pages, [page.key for page in pages])
    for page in pages:
        if page.key in marked:
            page.be_marked_silent()


async def look_again(pages: Sequence[Page]) -> None:
    """Whether their people are signed in still, and, of those in doubt, how everything is."""
    in_doubt = {page for page in pages if page.is_in_doubt}
    again_at = time.monotonic() + SESSION_CHECK_SECONDS
    for page in pages:
        # Before the look, not after it: what comes to be in doubt meanwhile is looked at once more.
        page.is_in_doubt, page.look_at = False, again_at
    try:
        found = await in_database_thread(find_again, pages, in_doubt)
    except BaseException:
        for page in in_doubt:
            look_soon(page)
        raise
    for page in pages:
        page.be_found(found[page])


def find_again(pages: Sequence[Page], in_doubt: Collection[Page]) -> dict[Page, Found]:
    hold_slots([page.slot for page in pages])
    signed_in = find_signed_in({page.session_key for page in pages})
    asking = [page for page in in_doubt if page.session_key in signed_in]
    greetings = build_page_greetings([page.user for page in asking], [page.key for page in asking])
    return {
        page: Found(signed_in.get(page.session_key), greetings.get(page.key, ()), page in in_doubt)
        for page in pages
    }
