import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.one_run import RunsAlready, only_run

ADDRESS = "http://localhost:8123"
HOLD = (
    "import sys, pathlib; from demo.one_run import only_run\n"
    "with only_run(pathlib.Path(sys.argv[1]), sys.argv[2]): print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "demo.lock"


def hold(lock: Path) -> "subprocess.Popen[str]":
    """Another process that has the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock), ADDRESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_told_where_the_first_is_and_leaves_it_alone(lock: Path) -> None:
    with hold(lock) as first:
        for _ in range(2):
            with pytest.raises(RunsAlready, match=f"runs already in this folder, at {ADDRESS} "):
                only_run(lock, "http://localhost:9").__enter__()
        assert f"(process {first.pid})" in lock.read_text()
        first.kill()


def test_a_run_that_was_killed_does_not_stand_in_the_way(lock: Path) -> None:
    with hold(lock) as first:
        first.kill()
    assert ADDRESS in lock.read_text()
    with only_run(lock, "http://localhost:9000"):
        assert lock.read_text() == f"http://localhost:9000 (process {os.getpid()})\n"
    assert lock.read_text() == ""


def test_a_run_that_has_not_yet_said_where_is_still_a_run(lock: Path) -> None:
    with hold(lock) as first:
        lock.write_text("")
        with pytest.raises(RunsAlready, match=r"already in this folder\. "):
            only_run(lock, "http://localhost:9").__enter__()
        first.kill()


def test_a_child_that_is_left_over_does_not_hold_the_lock(lock: Path) -> None:
    with only_run(lock, ADDRESS):
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
        )
    with child:
        with only_run(lock, ADDRESS):
            assert child.poll() is None
        child.kill()
