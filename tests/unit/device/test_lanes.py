"""Turns on the event loop: how many at once, in which order, and what is left of them."""

import asyncio

import pytest

from phone.device.lanes import Lanes


async def settle() -> None:
    """Lets everything run that can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_than_its_width_have_a_turn_and_the_others_come_in_order() -> None:
    lanes, begun, ends = Lanes(2), [], [asyncio.Event() for _ in range(5)]

    async def work(number: int) -> None:
        async with lanes.turn("one"):
            begun.append(number)
            await ends[number].wait()

    tasks = [asyncio.create_task(work(number)) for number in range(5)]
    await settle()
    assert begun == [0, 1]
    ends[1].set()
    await settle()
    assert begun == [0, 1, 2]
    for end in ends:
        end.set()
    await asyncio.gather(*tasks)
    assert begun == [0, 1, 2, 3, 4]
    assert not lanes.lanes


async def test_another_key_does_not_wait() -> None:
    lanes = Lanes(1)
    async with lanes.turn("one"), asyncio.timeout(5), lanes.turn("other"):
        assert len(lanes.lanes) == 2
    assert not lanes.lanes


async def test_who_gives_up_waiting_or_fails_leaves_the_turn_to_the_next() -> None:
    lanes = Lanes(1)
    with pytest.raises(RuntimeError):
        async with lanes.turn("one"):
            waiting = asyncio.create_task(lanes.turn("one").__aenter__())
            await settle()
            waiting.cancel()
            await settle()
            raise RuntimeError("broken")
    assert waiting.cancelled() and not lanes.lanes
    async with asyncio.timeout(5), lanes.turn("one"):
        pass
