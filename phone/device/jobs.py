"""What a page's socket has put off because it may ask Twilio and take seconds: one thing after the other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

logger = logging.getLogger(__name__)

# What is left to ask of Twilio when a page goes away is still asked, this long at most.
LAST_WORDS_SECONDS = 20
MOST_WAITING = 100

Job = Callable[[], Awaitable[None]]


class TooMuchWaits(Exception):
    """So much waits for Twilio already that no more is taken."""


class Jobs:
    """A queue of one socket, and the task that works it off."""

    def __init__(self) -> None:
        self.waiting: asyncio.Queue[Job] = asyncio.Queue(maxsize=MOST_WAITING)
        self.worker = asyncio.create_task(self.work())

    def put_off(self, job: Job) -> None:
        """Queues `job`. Raises TooMuchWaits."""
        try:
            self.waiting.put_nowait(job)
        except asyncio.QueueFull as error:
            raise TooMuchWaits from error

    async def work(self) -> None:
        while True:
            job = await self.waiting.get()
            try:
                await job()
            except Exception:
                # One diagnosis that fails must not end all later ones of this page.
                logger.exception("A question from a Device's socket failed")
            finally:
                self.waiting.task_done()

    async def end(self) -> None:
        """Waits for what is queued, within its time, and stops."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.waiting.join(), LAST_WORDS_SECONDS)
        self.worker.cancel()
        await asyncio.gather(self.worker, return_exceptions=True)
