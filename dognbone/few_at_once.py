"""Work for threads that is begun a few at a time: a processor does one thing, and Python one thread's.

Of many threads that work at once each waits for all others whenever it has asked the database for something:
eight of them took 7.8 ms of processor for a webhook that takes 5.6 where two are at it, and answered fewer.
Whoever is at work for long does not compute, but waits for something, and keeps nobody else from beginning.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FewAtOnce:
    """So many begin at once; one that takes longer than `seconds` is not counted any more.

    For one event loop at a time.
    """

    def __init__(self, number: int, seconds: float) -> None:
        self.free = number
        self.seconds = seconds
        self.waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        await self.wait()
        is_over = False

        def end() -> None:
            nonlocal is_over
            if not is_over:
                is_over = True
                self.pass_on()

        timer = asyncio.get_running_loop().call_later(self.seconds, end)
        try:
            yield
        finally:
            timer.cancel()
            end()

    async def wait(self) -> None:
        if self.free:
            self.free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.pass_on()
            raise

    def pass_on(self) -> None:
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1
