"""A little of what `make fuzz` does, always the same: nothing breaks, and each kind gets somewhere."""

from typing import Any

from fuzz.run import Fuzz

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
