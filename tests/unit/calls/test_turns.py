"""Who waits for whom, and on what."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from phone.calls.turns import Turns

PATIENCE = 10.0


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Released by each who gives their database connection back."""
    left = threading.Semaphore(0)
    monkeypatch.setattr("phone.calls.turns.leave_database", left.release)
    return left


def test_of_one_call_there_is_one_at_a_time_and_who_waits_holds_no_connection(
    left: threading.Semaphore,
) -> None:
    turns, go_on, inside, most = Turns(), threading.Event(), 0, 0

    def take() -> None:
        nonlocal inside, most
        with turns.turn("CA1"):
            inside += 1
            most = max(most, inside)
            assert go_on.wait(PATIENCE)
            inside -= 1

    with ThreadPoolExecutor(5) as threads:
        taken = [threads.submit(take) for _ in range(5)]
        assert all(left.acquire(timeout=PATIENCE) for _ in range(4))
        with turns.turn("CA2"):
            # Nobody waits for another call's.
            assert not left.acquire(blocking=False)
        go_on.set()
    assert [one.result() for one in taken] == [None] * 5
    assert (most, turns.turns) == (1, {})


def test_nobody_waits_for_ever_and_a_fault_ends_a_turn(left: threading.Semaphore) -> None:
    turns = Turns(longest_wait=0.01)
    with pytest.raises(ZeroDivisionError), turns.turn("CA1"), turns.turn("CA1"):
        assert left.acquire(blocking=False)
        raise ZeroDivisionError
    with turns.turn("CA1"):
        assert not left.acquire(blocking=False)
    assert turns.turns == {}
