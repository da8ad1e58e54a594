"""Asking together: what is wanted while an answer is on its way is asked for at once with the next.

A page that comes alone waits for nobody. Of a thousand that come at once, each costs a part of a question.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

# So long the next gather where several have come at once: where more are coming, each costs the less.
GATHER_SECONDS = 0.02


class Round(Generic[Asked, Answer]):
    """One event loop's, which alone uses it."""

    def __init__(self, gathering: "Gathering[Asked, Answer]") -> None:
        self.gathering = gathering
        self.waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self.task: asyncio.Task[None] | None = None
        self.is_busy = False

    def join(self, asked: Asked) -> "asyncio.Future[Answer]":
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.waiting.append((asked, future))
        if self.task is None:
            # In nobody's context, because it works for all.
            self.task = asyncio.create_task(self.work(), context=Context())
        return future

    async def work(self) -> None:
        """Until nobody waits."""
        try:
            while self.waiting:
                if self.is_busy and len(self.waiting) < self.gathering.most:
                    await asyncio.sleep(self.gathering.seconds)
                now = self.waiting[: self.gathering.most]
                del self.waiting[: len(now)]
                await self.answer(now)
                self.is_busy = len(now) > 1
        finally:
            self.task, self.is_busy = None, False

    async def answer(self, now: "Sequence[tuple[Asked, asyncio.Future[Answer]]]") -> None:
        try:
            answers = await self.gathering.answer([asked for asked, _ in now])
        except BaseException as error:
            for _, future in now:
                tell(future, error)
            if not isinstance(error, Exception):
                raise
            return
        for (_, future), answer in zip(now, answers, strict=True):
            tell(future, answer)


def tell(future: "asyncio.Future[Answer]", answer: Answer | BaseException) -> None:
    if future.done():
        # Who asked has gone.
        return
    if isinstance(answer, BaseException):
        future.set_exception(answer)
    else:
        future.set_result(answer)


class Gathering(Generic[Asked, Answer]):
    """`answer` is given what was asked, `most` at a time, and gives an answer or an exception for each.

    `seconds`: how long the next gather where several have come at once, beside the time that these take.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | BaseException]]],
        *,
        most: int,
        seconds: float = GATHER_SECONDS,
    ) -> None:
        self.answer = answer
        self.most = most
        self.seconds = seconds
        self.rounds: WeakKeyDictionary[asyncio.AbstractEventLoop, Round[Asked, Answer]] = WeakKeyDictionary()

    async def ask(self, asked: Asked) -> Answer:
        loop = asyncio.get_running_loop()
        if (round_ := self.rounds.get(loop)) is None:
            round_ = self.rounds[loop] = Round(self)
        return await round_.join(asked)
