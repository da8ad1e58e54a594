"""The count of situations in which a call can end: how many, how many causes were right, and whom they blame.

A situation is put in place from outside (at the fake Twilio, on the way there, by what a page reports), met
on the product's own path, and compared with the truth about it. `make test` adds the counts of its steps up;
each pytest prints its own. Logins are counted by `situations.py`.
"""

import json
import os
from collections.abc import Generator, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.situations import SEED

# Where each step of `make test` leaves its outcomes, one JSON object a line; unset: nowhere.
FILE_VARIABLE = "CALL_SITUATIONS_FILE"
# Whose matter each cause is, by the contract and not by the product. `nobody`: blame is out of place.
SIDES: Mapping[str, str] = {
    **dict.fromkeys(("busy", "declined", "no_answer", "number_unreachable"), "other"),
    **dict.fromkeys(("canceled", "invalid_number", "microphone_denied", "microphone_missing"), "own"),
    **dict.fromkeys(("answered", "answered_elsewhere", "missed", "nobody_available"), "nobody"),
    **dict.fromkeys(("do_not_disturb", "voicemail", "unclear"), "nobody"),
    **dict.fromkeys(("country_not_allowed", "caller_id_refused", "trial_limit"), "account"),
    **dict.fromkeys(("concurrency_limit", "voice_disabled", "account_not_active"), "account"),
    **dict.fromkeys(("refused_here", "twiml_app_missing", "webhook_failed"), "ours"),
    **dict.fromkeys(("number_blocked", "twilio_unavailable"), "twilio"),
    **dict.fromkeys(("media_blocked", "connection_lost"), "network"),
}


@dataclass
class Outcome:
    """One situation: the cause that is true of it, closer by a variant, and what was found and blamed."""

    name: str
    truth: str
    found: str = ""
    blamed: str = ""

    @property
    def slug(self) -> str:
        return self.truth.partition(":")[0]

    @property
    def is_right(self) -> bool:
        """The variant counts only where the truth has one."""
        return self.found == self.truth or self.found.partition(":")[0] == self.truth

    @property
    def blames_wrongly(self) -> bool:
        return self.blamed not in ("", "nobody", SIDES[self.slug])


# Those of the test that runs just now.
current: list[Outcome] = []
# Under this name they travel with the test's report, which may come from another process.
PROPERTY = "call situation"


def settle(outcomes: Iterable[Outcome], *, kept: list[Outcome] = current) -> None:
    """Counts them; fails the test where one has another cause than the true one, or blames the wrong side."""
    told = list(outcomes)
    kept.extend(told)
    write(told)
    wrong = [one for one in told if not one.is_right or one.blames_wrongly]
    if wrong:
        raise AssertionError(
            "; ".join(
                f"{one.name}: {one.found!r} was found (blamed: {one.blamed}), true is {one.truth!r}"
                for one in wrong
            )
        )


def write(outcomes: Iterable[Outcome]) -> None:
    path = os.environ.get(FILE_VARIABLE)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(one)) + "\n" for one in outcomes)


def read(path: Path) -> list[Outcome]:
    """What the steps of a run have left in the file."""
    if not path.exists():
        return []
    return [Outcome(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def summarise(outcomes: Iterable[Outcome]) -> list[str]:
    """The count in words; a situation met in several steps counts once, and is right if it always was."""
    met: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        met.setdefault(outcome.name, []).append(outcome)
    if not met:
        return []
    right = sum(all(one.is_right for one in same) for same in met.values())
    blames = sum(any(one.blames_wrongly for one in same) for same in met.values())
    causes = {same[0].slug for same in met.values()}
    seeded = [name for name in met if SEED.search(name)]
    line = (
        f"{len(met)} call situations of {len(causes)} causes: {right} right causes, "
        f"{blames} blames of the wrong side"
    )
    if not seeded:
        return [line]
    seeds = sorted({int(found[1]) for name in seeded if (found := SEED.search(name))})
    return [f"{line} ({len(seeded)} of them under the seeds {', '.join(map(str, seeds))})"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    if call.when == "call":
        report.user_properties += [(PROPERTY, json.dumps(asdict(outcome))) for outcome in current]
        current.clear()
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = summarise(
        Outcome(**json.loads(value))
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", [])
        if name == PROPERTY
    )
    if lines:
        terminalreporter.section("call situations")
        for line in lines:
            terminalreporter.write_line(line)
