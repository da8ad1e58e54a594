import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.ports import get_free_port
from demo.processes import Children, ProcessFailed, is_answering, wait_until


def test_a_child_that_ends_ends_the_watch_by_name() -> None:
    children = Children()
    children.start("The fake Twilio", "-c", "raise SystemExit(3)", env={})
    with pytest.raises(ProcessFailed, match="The fake Twilio ended by itself, with status 3"):
        children.watch()


def test_waiting_for_a_child_that_ended_ends_too() -> None:
    children = Children()
    child = children.start("The server", "-c", "raise SystemExit(1)", env={})
    with pytest.raises(ProcessFailed, match="The server ended"):
        wait_until(child, lambda: False)


def test_stopping_ends_every_child_the_deaf_one_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.processes.STOP_SECONDS", 0.5)
    marker = tmp_path / "deaf"
    deaf = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(marker)!r}).touch(); time.sleep(60)"
    )
    children = Children()
    child = children.start("Deaf", "-c", deaf, env={})
    children.start("Willing", "-c", "import time; time.sleep(60)", env={})
    wait_until(child, marker.exists)
    children.stop()
    assert [child.process.poll() is not None for child in children.children] == [True, True]


def test_an_address_where_nobody_listens_does_not_answer() -> None:
    assert not is_answering(f"http://127.0.0.1:{get_free_port(after=20000)}/healthz")


def test_children_are_found_in_the_group_of_their_parent() -> None:
    """A terminal's Ctrl-C, and whoever kills the group, reaches all of them."""
    children = Children()
    child = children.start("Any", "-c", "import sys; sys.stdin.read()", env={})
    try:
        assert os.getpgid(child.process.pid) == os.getpgrp()
    finally:
        children.stop()


PARENT = (
    "import sys; from demo.processes import Children\n"
    "children = Children()\n"
    "child = children.start('Any', '-c', 'import sys; print(1, flush=True); sys.stdin.read()', env={})\n"
    "sys.stdin.read()"
)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell a child of its parent's end")
def test_children_end_with_a_parent_that_is_killed() -> None:
    """Their standard output ends once none of them is left."""
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"1\n"
        # The child reads from the same pipe, which stays open.
        parent.send_signal(signal.SIGKILL)
        assert parent.wait(timeout=10) == -signal.SIGKILL
        assert select.select([parent.stdout], [], [], 10)[0]
        assert parent.stdout.read() == b""
