"""A short soak, always the same: a few faults under a little load, and nothing is lost."""

import pytest

from soak.run import soak
from tests.machine import find_nginx, find_postgresql, find_redis

# A worker killed at events and at a webhook, one of tasks at its task, PostgreSQL and Redis stopped, a
# network cut for a second.
FAULTS, SEED = 6, 1


@pytest.mark.skipif(
    not (find_postgresql() and find_redis() and find_nginx()), reason="PostgreSQL, Redis or nginx is missing"
)
def test_a_few_faults_under_load_lose_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    status = soak(SEED, FAULTS)
    said = capsys.readouterr().out
    assert status == 0, said
    *_, summary = said.splitlines()
    assert summary.startswith(f"soak: {FAULTS} faults, seed {SEED}: acknowledged events lost 0,")
