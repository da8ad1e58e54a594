"""What pages are told beside requests is told once the database answers; what breaks holds up no other."""

import asyncio
from collections.abc import Callable

import pytest
from django.db import InterfaceError, OperationalError

from phone.device import beside
from phone.device.beside import Beside


class Told:
    """Fails as often as it is told to, then keeps what it tells."""

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.told: list[set[str]] = []

    async def tell(self, keys: set[str]) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.told.append(keys)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "AGAIN_SECONDS", 0)
    monkeypatch.setattr(beside, "GATHER_SECONDS", 0)
    monkeypatch.setattr(beside, "GATHER_MANY_SECONDS", 0)


async def test_what_comes_alone_is_told_at_once_and_what_comes_soon_after_all_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gathered, pauses = asyncio.Event(), []

    async def wait(seconds: float) -> None:
        pauses.append(seconds)
        await gathered.wait()

    told = Told()
    pages: Beside[str] = Beside(told.tell, "Pages were not told")
    monkeypatch.setattr(beside, "GATHER_SECONDS", 1)
    monkeypatch.setattr(beside, "GATHER_MANY_SECONDS", 3)
    monkeypatch.setattr(beside, "pause", wait)
    pages.want_now(["one"])
    await until(lambda: bool(pauses))
    assert told.told == [{"one"}]
    pages.want_now(["two"])
    pages.want_now(["three", "four", "five", "six"])
    gathered.set()
    await until(lambda: len(pauses) == 2)
    assert told.told[1] == {"two", "three", "four", "five", "six"}
    assert pauses == [1, 3]


async def test_what_a_database_that_was_away_left_untold_is_told_with_what_came_meanwhile() -> None:
    told = Told(OperationalError("away"), InterfaceError("closed"))
    pages: Beside[str] = Beside(told.tell, "Pages were not told")
    pages.want_now(["one"])
    await until(lambda: len(told.faults) == 1)
    pages.want_now(["two"])
    await until(lambda: bool(told.told))
    assert told.told == [{"one", "two"}]


async def test_what_breaks_is_not_tried_for_ever_and_the_next_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = Told(ValueError("broken"))
    pages: Beside[str] = Beside(told.tell, "Pages were not told")
    pages.want_now(["one"])
    await until(lambda: not told.faults)
    pages.want_now(["two"])
    await until(lambda: bool(told.told))
    assert told.told == [{"two"}]
    assert "Pages were not told" in caplog.text
