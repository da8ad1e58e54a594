"""How often is too often."""

import time_machine
from django.core.cache import cache

from accounts.rate_limits import RateLimit

LIMIT = RateLimit("test", limit=3, seconds=60)
START = 1_800_000_000


def test_beyond_the_limit_one_is_told_how_long_to_wait() -> None:
    with time_machine.travel(START, tick=False) as clock:
        assert [LIMIT.take("alice") for _ in range(4)] == [0, 0, 0, 60]
        clock.shift(45)
        assert LIMIT.take("alice") == 15
        assert LIMIT.take("bob") == 0
        clock.shift(16)
        assert [LIMIT.take("alice") for _ in range(4)] == [0, 0, 0, 60]


def test_two_limits_count_apart() -> None:
    with time_machine.travel(START, tick=False):
        for _ in range(4):
            LIMIT.take("alice")
        assert RateLimit("other", limit=1, seconds=60).take("alice") == 0


def test_what_is_given_back_was_no_attempt() -> None:
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(9):
            assert LIMIT.take("alice") == 0
            LIMIT.give_back("alice")
        assert [LIMIT.take("alice") for _ in range(4)] == [0, 0, 0, 60]
        clock.shift(61)
        LIMIT.give_back("alice")
        assert [LIMIT.take("alice") for _ in range(4)] == [0, 0, 0, 60]


def test_what_is_forgotten_begins_anew() -> None:
    with time_machine.travel(START, tick=False):
        for _ in range(5):
            LIMIT.take("alice")
        LIMIT.forget("alice")
        assert [LIMIT.take("alice") for _ in range(4)] == [0, 0, 0, 60]


def test_a_count_that_lost_its_end_shuts_nobody_out_for_good() -> None:
    """As Redis leaves it that counts up in the moment after the count ran out."""
    with time_machine.travel(START, tick=False) as clock:
        cache.set("limit:test:alice", 3, timeout=None)
        assert LIMIT.take("alice") == 60
        clock.shift(45)
        assert LIMIT.take("alice") == 15
        clock.shift(16)
        assert [LIMIT.take("alice") for _ in range(4)] == [0, 0, 0, 60]


def test_many_are_counted_as_each_would_be() -> None:
    with time_machine.travel(START, tick=False) as clock:
        assert LIMIT.take("alice") == 0
        assert LIMIT.take_many(["alice", "bob", "alice", "alice"]) == [0, 0, 0, 60]
        clock.shift(45)
        assert LIMIT.take_many(["alice", "bob"]) == [15, 0]
        assert LIMIT.take_many([]) == []
