"""The run of every test: what fails counts, unless it is very little and passes by itself: that is named."""

from pathlib import Path

import pytest

from tests import run as suite
from tests.run import FEW_FAILED, TRIES_BY_THEMSELVES, Lane, Run

SOMETIMES = """
import pathlib, pytest

class TestOften:
    @pytest.mark.parametrize("word, times", [("a b", 1), ("c::d[e]", 1), ("é", 2)])
    def test_word(self, word, times):
        for number in range(times):
            seen = pathlib.Path(f"seen-{sum(map(ord, word))}-{number}")
            assert seen.exists() or seen.touch()

def test_steady():
    pass
"""
NEVER = "def test_never():\n    assert False\n"
MANY = (
    "import pathlib, pytest\n"
    f"@pytest.mark.parametrize('number', range({FEW_FAILED + 1}))\n"
    "def test_many(number):\n"
    "    seen = pathlib.Path(f'many-{number}')\n"
    "    assert seen.exists() or seen.touch()\n"
)


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Lane:
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    monkeypatch.setattr(suite, "RESULTS", tmp_path / "reports")
    (tmp_path / "reports").mkdir()
    # The plugins that other tests have take longer to begin with than all of these.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p xdist.plugin\n")
    return Lane(Run())


def run(lane: Lane, tmp_path: Path, **files: str) -> Run:
    (tmp_path / "inner").mkdir()
    for name, text in files.items():
        (tmp_path / "inner" / f"test_{name}.py").write_text(text)
    # As the steps do it, whose controller reads no test itself.
    lane.pytest("step", "--numprocesses=2", "inner")
    lane.run.try_again()
    return lane.run


def test_few_that_pass_by_themselves_are_named_and_end_no_run(lane: Lane, tmp_path: Path) -> None:
    done = run(lane, tmp_path, sometimes=SOMETIMES)
    assert done.failed == []
    assert dict(done.counts) == {"passed": 1, "unsteady": 3}
    assert (
        sum("unsteady" in line and "inner/test_sometimes.py::TestOften" in line for line in done.lines) == 3
    )
    assert done.finish() == 0


def test_the_tries_have_an_end(lane: Lane, tmp_path: Path) -> None:
    done = run(lane, tmp_path, sometimes=SOMETIMES.replace('"é", 2', f'"é", {TRIES_BY_THEMSELVES + 1}'))
    assert done.failed == ["step"] and dict(done.counts) == {"passed": 1, "failed": 3}


def test_one_that_fails_again_fails_the_run(lane: Lane, tmp_path: Path) -> None:
    done = run(
        lane,
        tmp_path,
        sometimes=SOMETIMES.replace('("c::d[e]", 1)', '("c", 1)').replace(', ("é", 2)', ""),
        never=NEVER,
    )
    assert done.failed == ["step"]
    assert dict(done.counts) == {"passed": 1, "failed": 3}
    assert not any("unsteady" in line for line in done.lines)
    assert done.finish() == 1


def test_more_than_a_few_are_not_tried_again(lane: Lane, tmp_path: Path) -> None:
    done = run(lane, tmp_path, many=MANY)
    assert done.failed == ["step"] and done.counts["failed"] == FEW_FAILED + 1


def test_what_cannot_be_read_is_not_tried_again(lane: Lane, tmp_path: Path) -> None:
    assert run(lane, tmp_path, broken="import nothing_of_the_kind\n").failed == ["step"]
