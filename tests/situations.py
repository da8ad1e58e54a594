"""The count of situations in which a login can be: how many were met, and how many were named rightly.

A situation is put in place from outside (at the fake Twilio, in the browser, on the way between
them), met on the product's own path, and compared with the truth about it. `make test` adds the
counts of its steps up; each pytest prints its own.
"""

import json
import os
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

# Where each step of `make test` leaves its outcomes, one JSON object a line; unset: nowhere.
FILE_VARIABLE = "SITUATIONS_FILE"
# The truth where nothing has failed: nobody is told anything, and nothing is recorded.
NOTHING = ""
# At the end of the name of a situation in which the stand-in words its refusals otherwise.
SEED = re.compile(r"\(seed (\d+)\)$")
# The verdicts that blame what was typed.
BLAMING = frozenset(
    {
        "malformed",
        "unknown_account",
        "wrong_auth_token",
        "wrong_api_secret",
        "api_key_not_found",
        "wrong_region",
        "restricted_key",
        "test_credentials",
    }
)


@dataclass
class Outcome:
    """One situation, the verdict that is true of it, and what was found."""

    side: str
    name: str
    truth: str
    found: str | None = None
    is_blamed: bool = False
    is_right: bool = False

    @property
    def blames_wrongly(self) -> bool:
        """An outage, or anything else that is not the credentials' fault, blamed on them."""
        return self.is_blamed and self.truth not in BLAMING

    @property
    def excuses_wrongly(self) -> bool:
        """Bad credentials, blamed on anything else."""
        return self.found is not None and not self.is_blamed and self.truth in BLAMING


# Those of the test that runs just now.
current: list[Outcome] = []
# Under this name they travel with the test's report, which may come from another process.
PROPERTY = "situation"


@contextmanager
def situation(side: str, name: str, truth: str, *, kept: list[Outcome] = current) -> Iterator[Outcome]:
    """Counts one situation. The block says what was found; what it raises makes it a wrong verdict."""
    outcome = Outcome(side, name, truth)
    kept.append(outcome)
    try:
        yield outcome
        if (outcome.found, outcome.is_blamed) != (truth, truth in BLAMING):
            raise AssertionError(
                f"{name}: {outcome.found!r} was found (blaming: {outcome.is_blamed}), true is {truth!r}"
            )
        outcome.is_right = True
    finally:
        write(outcome)


def write(outcome: Outcome) -> None:
    path = os.environ.get(FILE_VARIABLE)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")


def read(path: Path) -> list[Outcome]:
    """What the steps of a run have left in the file."""
    if not path.exists():
        return []
    return [Outcome(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def summarise(all_outcomes: Iterable[Outcome]) -> list[str]:
    """The count in words; a situation met in several steps counts once, and is right if it always was."""
    met: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in all_outcomes:
        met.setdefault((outcome.side, outcome.name), []).append(outcome)
    if not met:
        return []
    right = sum(all(one.is_right for one in same) for same in met.values())
    blamed = sum(any(one.blames_wrongly for one in same) for same in met.values())
    excused = sum(any(one.excuses_wrongly for one in same) for same in met.values())
    truths = {same[0].truth for same in met.values()} - {NOTHING}
    sides = sorted({side for side, _ in met})
    counts = [f"{sum(one == side for one, _ in met)} {side}" for side in sides]
    lines = [
        f"{len(met)} situations ({', '.join(counts)}) of {len(truths)} kinds: {right} right verdicts",
        f"{blamed} outages blamed on credentials, {excused} bad credentials blamed on an outage",
    ]
    seeds = sorted({int(found[1]) for _, name in met if (found := SEED.search(name))})
    return [*lines, f"worded otherwise by the seeds {', '.join(map(str, seeds))}"] if seeds else lines


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    if call.when == "call":
        report.user_properties += [(PROPERTY, json.dumps(asdict(outcome))) for outcome in current]
        current.clear()
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = summarise(collect(terminalreporter))
    if lines:
        terminalreporter.section("situations")
        for line in lines:
            terminalreporter.write_line(line)


def collect(terminalreporter: pytest.TerminalReporter) -> list[Outcome]:
    return [
        Outcome(**json.loads(value))
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", [])
        if name == PROPERTY
    ]
