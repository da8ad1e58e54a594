"""Where tokens are handed out at once: whoever comes while others are served is served with the next.

So a token that is asked for alone is answered as soon as it can be, and a thousand that are asked for in one
moment, as after a deploy, cost a few statements together instead of several each. It is each worker's own.
"""

import asyncio
import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from weakref import WeakKeyDictionary

from channels.db import DatabaseSyncToAsync
from django.db import Error

from phone.tokens.answers import TokenAnswer
from phone.tokens.at_once import Asked, answer_at_once

logger = logging.getLogger(__name__)

# In one statement; the others are the next.
MOST_AT_ONCE = 200
# One is served while the next are gathered: a second would have each find fewer.
THREADS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tokens")


class Counter:
    """Of one event loop."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[Asked, asyncio.Future[TokenAnswer | None]]] = deque()
        self.serving: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> TokenAnswer | None:
        """A 200, whose row is committed; None where `answers.issue_token()` has to be asked.

        Raises the database's error where that is away.
        """
        answer = asyncio.get_running_loop().create_future()
        self.waiting.append((asked, answer))
        if self.serving is None:
            # Not in the context of who happened to be first: that has their language, and their request's id.
            self.serving = asyncio.create_task(self.serve(), context=Context())
        return await answer

    async def serve(self) -> None:
        try:
            while self.waiting:
                turn = [self.waiting.popleft() for _ in range(min(len(self.waiting), MOST_AT_ONCE))]
                await hand_out(turn)
        finally:
            self.serving = None


async def hand_out(turn: list[tuple[Asked, "asyncio.Future[TokenAnswer | None]"]]) -> None:
    call = DatabaseSyncToAsync(answer_at_once, thread_sensitive=False, executor=THREADS)
    answers: list[TokenAnswer | None]
    try:
        answers = await call([asked for asked, _ in turn])
    except Error as error:
        for _, waits in turn:
            if not waits.done():
                waits.set_exception(error)
        return
    except Exception:
        # What is wrong with one of them must not keep the others from their tokens: each is asked for alone.
        logger.exception("Tokens could not be handed out at once")
        answers = [None] * len(turn)
    for (_, waits), answer in zip(turn, answers, strict=True):
        # Whoever has gone away meanwhile has been given up.
        if not waits.done():
            waits.set_result(answer)


_counters: "WeakKeyDictionary[asyncio.AbstractEventLoop, Counter]" = WeakKeyDictionary()


async def ask_at_once(asked: Asked) -> TokenAnswer | None:
    """See `Counter.ask()`."""
    return await _counters.setdefault(asyncio.get_running_loop(), Counter()).ask(asked)
