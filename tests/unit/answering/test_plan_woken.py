"""Whom a step wakes or waits for, and what that makes of the steps after it."""

from collections.abc import Callable

from phone.answering.plan import Choice, Found, Step, add_late_ring, choose_next

STEPS: list[Step] = [
    {"do": "ring", "people": [1], "seconds": 9},
    {"do": "ring", "people": [2, 3], "seconds": 20},
    {"do": "voicemail"},
]


def among(*who: int) -> Callable[[list[int] | None], list[int]]:
    return lambda people: [one for one in who if people is None or one in people]


def there(*who: int, back: tuple[int, ...] = ()) -> Callable[[list[int] | None], Found]:
    return lambda people: (among(*who)(people), among(*back)(people))


def test_a_ring_for_those_who_sleep_is_not_passed_over() -> None:
    assert choose_next(STEPS, -1, there(), among(3)) == Choice(1, (), (3,))
    assert choose_next(STEPS, -1, there(2), among(3)) == Choice(1, (2,), (3,))
    assert choose_next(STEPS, -1, there(), among()) == Choice(2)
    assert choose_next(STEPS, -1, there()) == Choice(2)


def test_who_may_be_back_is_rung_with_others_and_waited_for_alone() -> None:
    assert choose_next(STEPS, -1, there(2, back=(3,))) == Choice(1, (2, 3))
    assert choose_next(STEPS, -1, there(back=(3,))) == Choice(1, (), (), (3,))
    assert choose_next(STEPS, -1, there(back=(3,)), among(2)) == Choice(1, (), (2,), (3,))
    assert [choice.is_to_wait for choice in (Choice(1, (), (), (3,)), Choice(1, (2, 3)), Choice(2))] == [
        True,
        False,
        False,
    ]


def test_who_is_woken_while_it_rings_for_others_has_a_ring_after_it() -> None:
    steps = list(STEPS)
    add_late_ring(steps, Choice(1, (2,), (3,)))
    assert steps[2] == {"do": "ring", "people": [3], "seconds": 20, "is_late": True}
    assert steps[3] == {"do": "voicemail"}
    # They have come; or they have not, and are neither woken again nor waited for.
    assert choose_next(steps, 1, there(3), among()) == Choice(2, (3,))
    assert choose_next(steps, 1, there(), among(3)) == Choice(3)


def test_who_is_waited_for_or_is_there_needs_none() -> None:
    for choice in (Choice(1, (), (3,)), Choice(1, (2, 3))):
        steps = list(STEPS)
        add_late_ring(steps, choice)
        assert steps == STEPS
