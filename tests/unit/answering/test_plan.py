"""The steps of a call that comes in: by the rules, the hour, and who is there."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from phone.answering.plan import CLOSED, NOBODY, Choice, Fallback, Rules, Step, build_plan, choose_next

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 30, 23, tzinfo=UTC)
OFFICE = ("09:00-17:00",) * 7
VOICEMAIL = Fallback("voicemail")
FORWARD = Fallback("number", "+12025550199")


def plan(rules: Rules, now: datetime = NOON, *, may_forward: bool = True) -> list[Step]:
    return build_plan(rules, now, may_forward=may_forward)


def test_without_rules_everybody_is_rung_and_then_a_sentence_is_said() -> None:
    assert plan(Rules()) == [
        {"do": "ring", "people": None, "seconds": 25},
        {"do": "say", "sentence": NOBODY},
    ]


def test_the_chosen_ring_at_once_or_each_in_their_turn() -> None:
    at_once = plan(Rules(people=(3, 1, 2), seconds=10, unanswered=VOICEMAIL))
    assert at_once == [{"do": "ring", "people": [3, 1, 2], "seconds": 10}, {"do": "voicemail"}]
    in_order = plan(Rules(people=(3, 1), is_in_order=True, seconds=10, unanswered=VOICEMAIL))
    assert [step.get("people") for step in in_order] == [[3], [1], None]


def test_a_number_that_fails_ends_in_a_sentence() -> None:
    assert plan(Rules(unanswered=FORWARD))[1:] == [
        {"do": "forward", "to": "+12025550199"},
        {"do": "say", "sentence": NOBODY},
    ]


def test_a_call_that_was_forwarded_here_is_not_forwarded_again() -> None:
    assert plan(Rules(unanswered=FORWARD), may_forward=False)[1:] == [{"do": "say", "sentence": NOBODY}]


@pytest.mark.parametrize(
    ("closed", "steps"),
    [
        (Fallback(), [{"do": "say", "sentence": CLOSED}]),
        (Fallback(sentence="Come back."), [{"do": "say", "sentence": "Come back."}]),
        (VOICEMAIL, [{"do": "voicemail"}]),
        (
            FORWARD,
            [{"do": "forward", "to": "+12025550199"}, {"do": "say", "sentence": CLOSED}],
        ),
        (Fallback("number", ""), [{"do": "say", "sentence": CLOSED}]),
    ],
)
def test_outside_opening_hours_nobody_is_rung(closed: Fallback, steps: list[Step]) -> None:
    rules = Rules(week=OFFICE, closed=closed, unanswered=VOICEMAIL)
    assert plan(rules, NIGHT) == steps
    assert plan(rules, NOON)[0]["do"] == "ring"


class TestNext:
    STEPS = plan(Rules(people=(1, 2, 3), is_in_order=True, unanswered=VOICEMAIL))

    def find(self, after: int, there: Sequence[int]) -> Choice:
        def find_ready(people: list[int] | None) -> tuple[list[int], list[int]]:
            return [one for one in people or () if one in there], []

        return choose_next(self.STEPS, after, find_ready)

    def test_each_in_turn_is_rung_who_is_there(self) -> None:
        assert self.find(-1, [1, 2, 3]) == Choice(0, (1,))
        assert self.find(0, [1, 2, 3]) == Choice(1, (2,))

    def test_whoever_is_not_there_is_passed_over(self) -> None:
        assert self.find(-1, [3]) == Choice(2, (3,))

    def test_with_nobody_there_what_else_there_is_comes_at_once(self) -> None:
        assert self.find(-1, []) == Choice(3)

    def test_after_the_last_step_there_is_nothing(self) -> None:
        assert self.find(3, [1]) == Choice(4)
        assert self.find(99, [1]) == Choice(4)
