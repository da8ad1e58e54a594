"""A share: who gets a turn, who waits for one, and who is told at once that there is none."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from accounts.twilio.shares import Shares, ShareTaken
from accounts.verdicts.verdict import build_unreachable_verdict

SECONDS = 10


@contextmanager
def full(shares: Shares, account_sid: str) -> Iterator[ExitStack]:
    """The whole share taken; closing the stack gives it back."""
    with ExitStack() as stack:
        for _ in range(shares.share):
            stack.enter_context(shares.hold(account_sid))
        yield stack


def test_a_share_is_taken_and_given_back_any_number_of_times() -> None:
    shares = Shares(share=3, patience=0)
    for _ in range(2):
        with full(shares, "AC1"):
            assert len(shares.begun["AC1"]) == 3
    assert not shares.begun


def test_beyond_it_nobody_waits_for_answers_that_do_not_come() -> None:
    shares = Shares(share=2, patience=0)
    with full(shares, "AC1"), pytest.raises(ShareTaken):
        shares.take("AC1")


def test_another_accounts_share_is_its_own() -> None:
    shares = Shares(share=2, patience=0)
    with full(shares, "AC1"), full(shares, "AC2"):
        assert len(shares.begun) == 2


def test_as_long_as_answers_come_everybody_has_a_turn() -> None:
    shares = Shares(share=2, patience=SECONDS)
    most, busy, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal most, busy
        with shares.hold("AC1"):
            with lock:
                busy += 1
                most = max(most, busy)
            with lock:
                busy -= 1

    with ThreadPoolExecutor(max_workers=50) as threads:
        for turn in [threads.submit(work) for _ in range(100)]:
            turn.result(SECONDS)
    assert most <= 2 and not shares.begun


def test_who_waits_has_the_next_turn() -> None:
    shares = Shares(share=1, patience=SECONDS)
    turn: Future[float] = Future()
    with full(shares, "AC1") as taken:
        waiting = threading.Thread(target=lambda: turn.set_result(shares.take("AC1")))
        waiting.start()
        assert not turn.done()
        taken.close()
        shares.give_back("AC1", turn.result(SECONDS))
    assert not shares.begun


def test_who_waits_is_told_when_the_oldest_has_taken_too_long() -> None:
    shares = Shares(share=1, patience=0.1)
    with full(shares, "AC1"), pytest.raises(ShareTaken):
        shares.take("AC1")


def test_an_account_that_was_refused_leaves_nothing_behind() -> None:
    shares = Shares(share=1, patience=0)
    with full(shares, "AC1"), pytest.raises(ShareTaken), shares.hold("AC1"):
        raise AssertionError("nobody gets here")
    assert not shares.begun


def test_its_verdict_says_that_twilio_is_slow_and_judges_nobody() -> None:
    verdict = build_unreachable_verdict(ShareTaken().which)
    assert verdict.code == "twilio_unavailable"
    assert not verdict.is_judged and not verdict.blames_credentials
    assert "slow" in verdict.title and "not judged" in verdict.explanation
