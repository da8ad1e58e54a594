"""A few are at work at a time; who waits for something keeps nobody from beginning."""

import asyncio

from dognbone.few_at_once import FewAtOnce

PATIENCE = 10.0
LONG = 3600.0


class Work:
    """What is under way, each until it is told to end."""

    def __init__(self, few: FewAtOnce) -> None:
        self.few = few
        self.begun: list[int] = []
        self.ends: dict[int, asyncio.Event] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}

    def start(self, *numbers: int) -> None:
        for number in numbers:
            self.ends[number] = asyncio.Event()
            self.tasks[number] = asyncio.create_task(self.do(number))

    async def do(self, number: int) -> None:
        async with self.few.turn():
            self.begun.append(number)
            await self.ends[number].wait()

    async def end(self, *numbers: int) -> None:
        for number in numbers:
            self.ends[number].set()
            await asyncio.wait_for(self.tasks[number], PATIENCE)
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)


def test_so_many_begin_and_the_rest_in_the_order_in_which_they_came() -> None:
    async def scene() -> None:
        work = Work(FewAtOnce(2, LONG))
        work.start(1, 2, 3, 4, 5)
        await work.settle()
        assert work.begun == [1, 2]
        await work.end(2)
        assert work.begun == [1, 2, 3]
        await work.end(1, 3, 4, 5)
        assert work.begun == [1, 2, 3, 4, 5]
        assert work.few.free == 2

    asyncio.run(scene())


def test_who_is_at_work_for_long_keeps_nobody_from_beginning_and_is_counted_once() -> None:
    async def scene() -> None:
        work = Work(FewAtOnce(1, 0.01))
        work.start(1, 2, 3)
        async with asyncio.timeout(PATIENCE):
            while len(work.begun) < 3:
                await asyncio.sleep(0.005)
        await work.end(1, 2, 3)
        await asyncio.sleep(0.03)
        assert work.few.free == 1

    asyncio.run(scene())


def test_who_goes_while_they_wait_or_fails_gives_their_turn_on() -> None:
    async def scene() -> None:
        few = FewAtOnce(1, LONG)
        work = Work(few)
        work.start(1, 2, 3)
        await work.settle()
        # One that waits, and one whose turn has just come.
        work.tasks[2].cancel()
        work.ends[1].set()
        await asyncio.wait([work.tasks[1]])
        work.tasks[3].cancel()
        await asyncio.wait(list(work.tasks.values()))
        assert few.free == 1 and not few.waiting
        try:
            async with few.turn():
                raise ValueError
        except ValueError:
            pass
        assert few.free == 1

    asyncio.run(scene())
