"""The same seed makes the same faults, of every kind there is; and each is a function of its own."""

from collections import Counter

import pytest

from soak.faults import FAULTS
from soak.plan import LONG_CUT, SHARES, make_plan, share_out


def test_the_same_seed_makes_the_same_faults_and_another_makes_others() -> None:
    assert make_plan(7, 200) == make_plan(7, 200)
    assert make_plan(7, 200) != make_plan(8, 200)
    planned = make_plan(7, 200)[5]
    assert planned.random().random() == planned.random().random()


@pytest.mark.parametrize("count", [1, 8, 21, 30, 99, 100, 200, 417])
def test_as_many_are_planned_as_are_asked_for(count: int) -> None:
    assert len(make_plan(1, count)) == count


def test_every_kind_comes_and_the_long_cut_once() -> None:
    counts = Counter(planned.name for planned in make_plan(3, 200))
    assert set(counts) == {*SHARES, LONG_CUT}
    assert counts[LONG_CUT] == 1
    assert set(share_out(len(SHARES)).values()) == {1}


def test_every_kind_that_is_planned_is_a_fault_and_every_fault_is_planned() -> None:
    assert set(FAULTS) == {*SHARES, LONG_CUT}
