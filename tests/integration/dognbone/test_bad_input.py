"""A little of what `make fuzz` does, always the same: nothing breaks, and each kind gets somewhere."""

from typing import Any

import pytest

from fuzz import run as running
from fuzz.playing import play
from fuzz.run import Fuzz
from fuzz.watching import MOST_GROWTH_MEGABYTES

INPUTS = 300
SEED = 2026
# What is only ever refused at the door is no test of what is behind it.
TAKEN = {
    "address": {200, 302},
    "page": {200},
    "webhook": {200, 204},
    "json": {200, 204, 422},
    "list": {200, 400},
    "contacts": {302, 422},
    "greeting": {200, 204, 302, 422},
    "frames": {101},
}


def test_bad_input_breaks_nothing(transactional_db: None, settings: Any) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    run = Fuzz(SEED).go(INPUTS)
    assert not run.findings, "\n\n".join(map(str, run.findings.values()))
    for kind, statuses in TAKEN.items():
        assert statuses & {status for one, status in run.reached if one == kind}, f"{kind}: {run.reached}"


def test_what_keeps_memory_for_good_is_noticed(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    inputs, kept = 40, []

    def play_and_keep(*arguments: Any) -> Any:
        # Twice the limit from the first quarter to the end.
        kept.append(b"x" * (MOST_GROWTH_MEGABYTES * 2_000_000 * 4 // 3 // inputs))
        return play(*arguments)

    monkeypatch.setattr(running, "play", play_and_keep)
    assert "memory that grows" in Fuzz(SEED).go(inputs).findings
