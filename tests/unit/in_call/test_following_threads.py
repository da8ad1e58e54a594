"""What a server does at once of rings that follow their people: one thing at a time for each of them."""

from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from phone.in_call.following import threads
from phone.in_call.following.threads import OneByOne, look, look_later

SOON = timedelta(seconds=2)
PATIENCE = 10.0


class Clock:
    """In place of `threading.Timer`: goes on when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waiting: list[tuple[float, Any]] = []
        monkeypatch.setattr(threads, "Timer", self.make)

    def make(self, seconds: float, function: Any, args: list[Any]) -> Any:
        clock = self

        class Timer:
            daemon = False

            def start(self) -> None:
                assert self.daemon
                clock.waiting.append((seconds, lambda: function(*args)))

        return Timer()

    def strike(self) -> None:
        waiting, self.waiting = self.waiting, []
        for _, function in waiting:
            function()


def test_what_is_asked_for_again_and_again_meanwhile_is_done_once_more() -> None:
    turns = OneByOne()
    assert [turns.is_first(1) for _ in range(50)] == [True, *[False] * 49]
    assert turns.is_first(2)
    assert [turns.is_next(1), turns.is_next(1)] == [True, False]
    assert turns.is_first(1)


def test_nobody_waits_for_the_work_of_another() -> None:
    begun, may_end, other, again = Event(), Event(), Event(), Event()
    done: list[int] = []

    def work() -> None:
        done.append(1)
        begun.set()
        assert may_end.wait(PATIENCE)
        if len(done) == 2:
            again.set()

    look(1, work)
    assert begun.wait(PATIENCE)
    for _ in range(threads.THREADS):
        look(1, work)
    look(2, other.set)
    assert other.wait(PATIENCE)
    may_end.set()
    assert again.wait(PATIENCE)


def test_of_each_person_one_look_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, seen = Clock(monkeypatch), Event()
    for _ in range(50):
        look_later(1, SOON, seen.set)
    look_later(2, SOON, lambda: None)
    assert [seconds for seconds, _ in clock.waiting] == [2, 2]
    clock.strike()
    assert seen.wait(PATIENCE)
    # What was asked for while it waited may have come after what it saw.
    assert len(clock.waiting) == 1
    clock.strike()
    assert clock.waiting == []
