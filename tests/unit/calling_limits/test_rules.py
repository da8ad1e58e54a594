"""Who may be called, how often and for how long: whatever is asked, in whatever order, no limit is passed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import SUPPORTED_REGIONS

from phone.calling_limits.kinds import FREE, ORDINARY, PREMIUM, SATELLITE, SHARED_COST, SPECIAL, Target
from phone.calling_limits.rules import (
    LEAST_SECONDS,
    LONGEST_SECONDS,
    Limits,
    Used,
    grant,
    judge_call,
    judge_number,
)

# A Wednesday.
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
AT_HOME = Target("+12025550199", "US", ORDINARY, "1")
FREE_AT_HOME = Target("+18005550199", "US", FREE, "1")
ABROAD = Target("+442079460123", "GB", ORDINARY, "44")
LIMITS = Limits(home=frozenset({"US"}))
OPEN = replace(LIMITS, countries=frozenset({"GB"}))
countries = st.frozensets(st.sampled_from(sorted(SUPPORTED_REGIONS)), max_size=6)
limits = st.builds(
    Limits,
    home=countries.filter(bool),
    countries=countries,
    kinds=st.frozensets(st.sampled_from(SPECIAL)),
    is_abroad_stopped=st.booleans(),
)
targets = st.builds(
    Target,
    number=st.just("+0"),
    country=st.sampled_from(["", *sorted(SUPPORTED_REGIONS)]),
    kind=st.sampled_from([ORDINARY, FREE, *SPECIAL]),
    code=st.sampled_from(["1", "44", "49", "800"]),
)


def judge(
    target: Target, limits: Limits, used: Used | None = None, *, is_new: bool = False, **more: bool
) -> str:
    is_persons = more.get("is_persons", True)
    judged = judge_call(target, limits, used or Used(), is_new=is_new, is_persons=is_persons, now=NOON)
    assert judged.is_allowed == (judged.reason == "")
    assert bool(judged.seconds) == judged.is_allowed
    return judged.reason


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (AT_HOME, ""),
        (FREE_AT_HOME, ""),
        (ABROAD, "country"),
        (Target("+448001111111", "GB", FREE, "44"), "country"),
        (Target("+80012345678", "", FREE, "800"), ""),
        (Target("+19005550191", "US", PREMIUM, "1"), "premium"),
        (Target("+33810123456", "FR", SHARED_COST, "33"), "shared_cost"),
        (Target("+881612345678", "", SATELLITE, "881"), "satellite"),
    ],
)
def test_by_default_home_and_what_is_free_there(target: Target, reason: str) -> None:
    assert judge(target, LIMITS) == reason


@given(target=targets, limits=limits)
def test_whoever_is_called_is_of_an_allowed_country_and_kind(target: Target, limits: Limits) -> None:
    if judge_number(target, limits, NOON):
        return
    is_free = target.is_free_in(limits.home)
    assert is_free or target.country in {"", *limits.home, *limits.countries}
    assert is_free or target.kind in {ORDINARY, FREE, *limits.kinds}
    assert not (limits.is_abroad_stopped and limits.is_abroad(target))


@given(target=targets, limits=limits, code=st.sampled_from(sorted(SUPPORTED_REGIONS)))
def test_to_allow_more_forbids_nothing(target: Target, limits: Limits, code: str) -> None:
    if not judge_number(target, limits, NOON):
        wider = replace(limits, countries=limits.countries | {code}, kinds=frozenset(SPECIAL))
        assert judge_number(target, wider, NOON) == ""


def test_hours_are_for_calls_abroad_alone() -> None:
    closed = replace(OPEN, week=("", "", "13:00-17:00", "", "", "", ""))
    assert judge(ABROAD, closed) == "hours"
    assert judge(AT_HOME, closed) == ""
    assert judge(ABROAD, replace(closed, time_zone="Europe/Athens")) == ""


@pytest.mark.parametrize(
    ("used", "target", "reason"),
    [
        (Used(calls=100), AT_HOME, "calls_at_once"),
        (Used(calls_of_person=10), AT_HOME, "calls_at_once_of_person"),
        (Used(seconds=600 * 60), AT_HOME, "minutes"),
        (Used(seconds=240 * 60, seconds_abroad=240 * 60), AT_HOME, ""),
        (Used(seconds=240 * 60, seconds_abroad=240 * 60), ABROAD, "minutes_abroad"),
        (Used(new_numbers=200), AT_HOME, "new_numbers"),
        (Used(new_numbers=30, new_numbers_abroad=30), AT_HOME, ""),
        (Used(new_numbers=30, new_numbers_abroad=30), ABROAD, "new_numbers_abroad"),
    ],
)
def test_each_limit_is_named(used: Used, target: Target, reason: str) -> None:
    assert judge(target, OPEN, used, is_new=True) == reason


def test_a_number_that_is_known_is_called_however_many_are_new() -> None:
    assert judge(ABROAD, OPEN, Used(new_numbers=200, new_numbers_abroad=30)) == ""


def test_what_is_forwarded_is_counted_at_once_and_by_what_it_may_cost_abroad() -> None:
    used = Used(seconds=600 * 60, new_numbers=200)
    assert judge(AT_HOME, OPEN, used, is_new=True, is_persons=False) == ""
    assert judge(AT_HOME, OPEN, Used(calls=100), is_persons=False) == "calls_at_once"
    assert judge(ABROAD, OPEN, Used(seconds_abroad=240 * 60), is_persons=False) == "minutes_abroad"


@given(left=st.integers(min_value=0, max_value=10**6))
def test_a_grant_is_some_of_what_is_left(left: int) -> None:
    granted = grant(left)
    assert 0 <= granted <= min(left, LONGEST_SECONDS)
    assert granted >= min(left, LEAST_SECONDS)


@given(
    events=st.lists(
        st.tuples(st.sampled_from([AT_HOME, ABROAD]), st.floats(0, 1), st.booleans()), max_size=60
    )
)
def test_calls_that_go_on_side_by_side_never_come_to_more_than_a_day_allows(
    events: list[tuple[Target, float, bool]],
) -> None:
    """Each talks for a part of what it was granted; some end before the next begins, some go on."""
    talked = {"all": 0.0, "abroad": 0.0}
    used = Used()
    for target, part, ends in events:
        judged = judge_call(target, OPEN, used, is_new=False, is_persons=True, now=NOON)
        if not judged.is_allowed:
            continue
        is_abroad = target is ABROAD
        seconds = round(judged.seconds * part)
        talked["all"] += seconds
        talked["abroad"] += seconds if is_abroad else 0
        counted = seconds if ends else judged.seconds
        used = replace(
            used,
            seconds=used.seconds + counted,
            seconds_abroad=used.seconds_abroad + (counted if is_abroad else 0),
        )
    assert talked["all"] <= OPEN.minutes * 60
    assert talked["abroad"] <= OPEN.minutes_abroad * 60
