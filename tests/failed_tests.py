"""Which tests have failed, by name, for whoever runs pytest (`tests/run.py`)."""

import os
from pathlib import Path

import pytest

# The file that the names go to, one a line; unset: none.
FAILED_VARIABLE = "FAILED_TESTS"


def note_failed(report: pytest.TestReport) -> None:
    """Keeps the name of a test that has failed, once. Workers leave it to whoever sent them."""
    told = os.environ.get(FAILED_VARIABLE)
    if not report.failed or not told or "PYTEST_XDIST_WORKER" in os.environ:
        return
    path = Path(told)
    known = path.read_text().splitlines() if path.exists() else []
    if report.nodeid not in known:
        path.write_text("".join(f"{name}\n" for name in [*known, report.nodeid]))
