import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.processes import Children, ProcessFailed, get_free_port, is_answering, is_port_free, wait_until


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_is_seen(taken_port: int) -> None:
    assert not is_port_free(taken_port)
    assert get_free_port(after=taken_port - 1) != taken_port


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
