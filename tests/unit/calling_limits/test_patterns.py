"""What looks like misuse, and what does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phone.calling_limits.patterns import Attempt, find_pattern

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
# Far from one another.
NUMBERS = [f"+44{area}9460{area}" for area in range(2010, 2040)]


def find(attempts: list[Attempt], *, time_zone: str = "", new_numbers: int = 10, now: datetime = NOW) -> str:
    return find_pattern(attempts, new_numbers=new_numbers, time_zone=time_zone, now=now)


def attempts(
    numbers: list[str], minutes: float = 5, at: datetime = NOW, **fields: bool | int
) -> list[Attempt]:
    return [Attempt(at - timedelta(minutes=minutes), number, **fields) for number in numbers]  # type: ignore[arg-type]


def test_each_pattern_is_found_from_so_many_on() -> None:
    sequence = [f"+3712000000{digit}" for digit in range(5)]
    assert find(attempts(sequence)) == "sequential"
    assert find(attempts(sequence[:4])) == ""
    assert find(attempts(NUMBERS[:10])) == "new_numbers"
    assert find(attempts(NUMBERS[:9])) == ""
    assert find(attempts(NUMBERS[:10], is_allowed=False)) == "refused"
    assert find(attempts(NUMBERS[:9], is_allowed=False)) == ""
    assert find(attempts(["+37120000001"] * 10, is_new=False, seconds=5)) == "short_calls"
    assert find(attempts(["+37120000001"] * 9, is_new=False, seconds=5)) == ""


def test_calls_that_nobody_answers_are_not_short_ones() -> None:
    assert find(attempts(["+37120000001"] * 30, is_new=False, seconds=0)) == ""


@pytest.mark.parametrize(("zone", "found"), [("", ""), ("UTC", ""), ("Pacific/Auckland", "night")])
def test_night_is_by_the_companys_clock(zone: str, found: str) -> None:
    assert find(attempts(NUMBERS[:3], minutes=1), time_zone=zone) == found


def test_an_hour_later_it_is_forgotten() -> None:
    assert find(attempts(NUMBERS[:20], minutes=61)) == ""


@given(st.lists(st.sampled_from(NUMBERS[:4]), max_size=60))
def test_numbers_that_are_known_are_called_as_often_as_one_likes(numbers: list[str]) -> None:
    assert find(attempts(numbers, is_new=False, seconds=90), time_zone="UTC") == ""
