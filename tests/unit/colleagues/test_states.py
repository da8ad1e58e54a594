"""How somebody is, from what is known of them."""

from itertools import product

import pytest

from phone.colleagues.states import ORDER, WORDS, State, decide_state

STATES = {
    # is_talking, is_undisturbed, is_there
    (False, False, True): "free",
    (False, False, False): "away",
    (False, True, True): "do_not_disturb",
    (False, True, False): "do_not_disturb",
    (True, False, True): "in_call",
    (True, True, True): "in_call",
    # A page that has lost us may still talk.
    (True, False, False): "in_call",
    (True, True, False): "in_call",
}


@pytest.mark.parametrize("known", list(product([False, True], repeat=3)))
def test_each_state_has_its_reason(known: tuple[bool, bool, bool]) -> None:
    is_talking, is_undisturbed, is_there = known
    state = decide_state(is_talking=is_talking, is_undisturbed=is_undisturbed, is_there=is_there)
    assert state == STATES[known]


def test_each_has_words_and_a_place() -> None:
    assert set(WORDS) == set(ORDER) == set(State)
    assert min(ORDER, key=lambda state: ORDER[state]) == State.FREE
