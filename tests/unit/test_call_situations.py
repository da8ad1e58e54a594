"""The count of call situations counts what it says: a zero there would prove nothing if it could not rise."""

from pathlib import Path

import pytest

from phone.causes.cause import SLUGS
from tests.call_situations import FILE_VARIABLE, SIDES, Outcome, read, settle, summarise

RIGHT = Outcome("busy", "busy", "busy", "other")
CLOSER = Outcome("away", "no_answer", "no_answer:away", "other")
SEEDED = Outcome("busy (seed 4)", "busy", "busy", "other")
MISTAKEN = Outcome("its server failed", "webhook_failed", "busy", "other")
BLAMING = Outcome("ours", "webhook_failed:status", "webhook_failed:status", "own")
UNKNOWN = Outcome("nothing found", "busy")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "call-situations.jsonl"
    monkeypatch.setenv(FILE_VARIABLE, str(path))
    return path


def test_what_is_right_is_counted_and_travels_through_a_file(path: Path) -> None:
    settle([RIGHT, CLOSER, SEEDED], kept=[])
    assert summarise(read(path)) == [
        "3 call situations of 2 causes: 3 right causes, 0 blames of the wrong side "
        "(1 of them under the seeds 4)"
    ]


@pytest.mark.parametrize(
    ("wrong", "right_causes", "blames"), [(MISTAKEN, 1, 1), (BLAMING, 2, 1), (UNKNOWN, 1, 0)]
)
def test_what_is_wrong_fails_its_test_and_is_counted(
    path: Path, wrong: Outcome, right_causes: int, blames: int
) -> None:
    with pytest.raises(AssertionError, match=wrong.name):
        settle([RIGHT, wrong], kept=[])
    [line] = summarise(read(path))
    assert f"{right_causes} right causes, {blames} blames" in line


def test_a_situation_that_was_wrong_once_is_not_right(path: Path) -> None:
    [line] = summarise([RIGHT, Outcome("busy", "busy", "unclear", "nobody")])
    assert line == "1 call situations of 1 causes: 0 right causes, 0 blames of the wrong side"


def test_a_closer_truth_is_not_met_by_another_variant() -> None:
    assert not Outcome("x", "webhook_failed:status", "webhook_failed:timeout").is_right


def test_nothing_is_said_of_no_situations() -> None:
    assert summarise([]) == []


def test_each_cause_is_somebodys_or_nobodys_matter() -> None:
    assert set(SIDES) == set(SLUGS)
