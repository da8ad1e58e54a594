"""A short soak, always the same: a few faults under a little load, and nothing is lost."""

import os
import subprocess
import sys

import pytest

from soak.__main__ import NOT_RUN
from tests.machine import find_postgresql
from tests.service.service import MIGRATED_VARIABLE, ROOT, make_migrated

# A worker killed at events and at a webhook, one of tasks at its task, PostgreSQL and Redis stopped, a
# network cut for a second.
FAULTS, SEED = 6, 1


@pytest.mark.skipif(not find_postgresql(), reason="PostgreSQL is missing")
def test_a_few_faults_under_load_lose_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "soak", "--faults", str(FAULTS), "--seed", str(SEED)],
        cwd=ROOT,
        env={**os.environ, MIGRATED_VARIABLE: str(make_migrated())},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == NOT_RUN:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    *_, summary = done.stdout.splitlines()
    assert summary.startswith(f"soak: {FAULTS} faults, seed {SEED}: acknowledged events lost 0,")
