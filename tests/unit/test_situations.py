"""The count of situations counts what it says: a zero there would prove nothing if it could not rise."""

from pathlib import Path

import pytest

from tests.situations import FILE_VARIABLE, NOTHING, Outcome, read, situation, summarise


@pytest.fixture(autouse=True)
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing of this reaches the count of the run."""
    path = tmp_path / "situations.jsonl"
    monkeypatch.setenv(FILE_VARIABLE, str(path))
    return path


@pytest.fixture
def kept() -> list[Outcome]:
    return []


def meet(kept: list[Outcome], name: str, truth: str, found: str, *, is_blamed: bool) -> None:
    with situation("typed", name, truth, kept=kept) as outcome:
        outcome.found, outcome.is_blamed = found, is_blamed


def test_right_verdicts_are_counted_and_kept_in_the_file(file: Path, kept: list[Outcome]) -> None:
    meet(kept, "wrong", "wrong_auth_token", "wrong_auth_token", is_blamed=True)
    meet(kept, "ill", "twilio_unavailable", "twilio_unavailable", is_blamed=False)
    meet(kept, "quiet", NOTHING, NOTHING, is_blamed=False)
    expected = [
        "3 situations (3 typed) of 2 kinds: 3 right verdicts",
        "0 outages blamed on credentials, 0 bad credentials blamed on an outage",
    ]
    assert summarise(kept) == expected
    assert summarise(read(file)) == expected


@pytest.mark.parametrize(
    ("truth", "found", "is_blamed", "counted"),
    [
        ("twilio_unavailable", "wrong_auth_token", True, "1 outages blamed on credentials, 0 bad"),
        ("twilio_unavailable", "twilio_unavailable", True, "1 outages blamed on credentials, 0 bad"),
        ("wrong_auth_token", "server_network", False, "0 outages blamed on credentials, 1 bad"),
        ("server_network", "twilio_unavailable", False, "0 outages blamed on credentials, 0 bad"),
    ],
)
def test_a_wrong_verdict_fails_and_is_counted(
    truth: str, found: str, is_blamed: bool, counted: str, kept: list[Outcome]
) -> None:
    with pytest.raises(AssertionError):
        meet(kept, "one", truth, found, is_blamed=is_blamed)
    first, second = summarise(kept)
    assert first.endswith("0 right verdicts")
    assert second.startswith(counted)


def test_one_in_which_nothing_was_found_is_not_right(kept: list[Outcome]) -> None:
    with pytest.raises(RuntimeError), situation("device", "broken", "unclear", kept=kept):
        raise RuntimeError("the page never came")
    assert summarise(kept)[0] == "1 situations (1 device) of 1 kinds: 0 right verdicts"


def test_one_met_twice_counts_once_and_is_right_only_if_it_always_was() -> None:
    right = Outcome("typed", "one", "unclear", "unclear", is_right=True)
    wrong = Outcome("typed", "one", "unclear", "ok")
    assert summarise([right, right])[0] == "1 situations (1 typed) of 1 kinds: 1 right verdicts"
    assert summarise([right, wrong])[0] == "1 situations (1 typed) of 1 kinds: 0 right verdicts"


def test_without_situations_nothing_is_said(tmp_path: Path) -> None:
    assert summarise(read(tmp_path / "none")) == []
