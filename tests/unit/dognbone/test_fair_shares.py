"""How connections to one socket are shared among the processes that listen on it."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from dognbone.fair_shares import ENDING, PROCESSES, ROW, VARIABLE, FairLoop, Share, fair_shares

PATIENCE = 30.0


@contextmanager
def another_process() -> Iterator[int]:
    """The id of a process that lives as long as the block."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        yield process.pid
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shares"
    path.write_bytes(bytes(ROW.size * PROCESSES))
    return path


def write(file: Path, *rows: tuple[int, int]) -> None:
    file.write_bytes(b"".join(ROW.pack(*row) for row in rows).ljust(ROW.size * PROCESSES, b"\0"))


def read(file: Path) -> dict[int, int]:
    return {pid: count for pid, count in ROW.iter_unpack(file.read_bytes()) if pid}


def make(file: Path, count: int) -> Share:
    share = Share()
    share.add(count)
    share.make_known(str(file))
    return share


def test_each_sees_what_others_have(file: Path) -> None:
    with another_process() as other:
        write(file, (other, 10))
        share = make(file, 10)
        assert not share.is_large(0)
        assert share.is_large(5)
        share.add(5)
        assert read(file) == {other: 10, os.getpid(): 15} and share.is_large(0)
        share.add(-5)
        assert not share.is_large(0)
        share.withdraw()
        assert read(file) == {other: 10, os.getpid(): ENDING}


@pytest.mark.parametrize(("mine", "theirs", "is_large"), [(2, 1, False), (3, 0, True), (330, 310, False)])
def test_a_few_more_do_not_matter(file: Path, mine: int, theirs: int, is_large: bool) -> None:
    with another_process() as other:
        write(file, (other, theirs))
        assert make(file, mine).is_large(0) is is_large


def test_a_process_that_has_died_does_not_count_and_its_place_is_taken(file: Path) -> None:
    with another_process() as other:
        write(file, (other, 0))
        share = make(file, 100)
        assert share.is_large(0)
    assert not share.is_large(0)
    write(file, (other, 7))
    assert list(read(file)) == [other]
    make(file, 3)
    assert read(file) == {os.getpid(): 3}


def test_more_processes_than_there_is_room_for_take_what_comes(file: Path) -> None:
    with another_process() as other:
        write(file, *[(other, 0)] * PROCESSES)
        share = make(file, 1000)
        assert not share.is_large(0)
        share.add(1)
        share.withdraw()
        assert read(file) == {other: 0}


class Greeter(asyncio.Protocol):
    """Says hello."""

    def connection_made(self, transport: Any) -> None:
        transport.write(b"hello")
        transport.close()


async def ask(address: tuple[str, int]) -> bytes:
    reader, writer = await asyncio.open_connection(*address)
    said = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    return said


@pytest.mark.parametrize("theirs", [None, 0, 50], ids=["alone", "beside one that does not come", "fewer"])
def test_whoever_connects_is_answered_even_if_who_has_fewer_does_not_come(
    theirs: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = Share()
    share.add(20)
    monkeypatch.setattr("dognbone.fair_shares.share", share)

    async def scene(listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Greeter, sock=listening, ssl=None, backlog=64)
        address = listening.getsockname()
        assert await asyncio.gather(*(ask(address) for _ in range(30))) == [b"hello"] * 30
        server.close()
        await server.wait_closed()
        assert read(Path(os.environ[VARIABLE]))[os.getpid()] == ENDING

    with ExitStack() as stack:
        stack.enter_context(fair_shares())
        if theirs is not None:
            other = stack.enter_context(another_process())
            write(Path(os.environ[VARIABLE]), (other, theirs))
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        with asyncio.Runner(loop_factory=FairLoop) as runner:
            runner.run(scene(listening))
    assert VARIABLE not in os.environ


def test_a_process_that_finds_the_file_deleted_takes_what_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As one does that takes the place of another, weeks after the server began."""
    monkeypatch.setattr("dognbone.fair_shares.share", Share())
    monkeypatch.setenv(VARIABLE, str(tmp_path / "deleted"))

    async def scene(listening: socket.socket) -> None:
        server = await asyncio.get_running_loop().create_server(Greeter, sock=listening, ssl=None, backlog=64)
        assert await ask(listening.getsockname()) == b"hello"
        server.close()

    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        asyncio.Runner(loop_factory=FairLoop) as runner,
    ):
        runner.run(scene(listening))
    assert "No such file or directory" in caplog.text


def test_without_others_a_server_is_as_uvloop_makes_it() -> None:
    async def scene() -> None:
        server = await asyncio.get_running_loop().create_server(Greeter, "127.0.0.1", 0)
        assert await ask(server.sockets[0].getsockname()) == b"hello"
        server.close()
        await server.wait_closed()

    with asyncio.Runner(loop_factory=FairLoop) as runner:
        runner.run(scene())


def test_where_nothing_more_can_be_opened_it_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("dognbone.fair_shares.PAUSE_SECONDS", 0.05)

    class Full:
        """A socket of a process that has as many files open as it may, twice."""

        def __init__(self, sock: socket.socket) -> None:
            self.sock, self.times = sock, 2

        def accept(self) -> tuple[socket.socket, object]:
            if self.times:
                self.times -= 1
                raise OSError(24, "Too many open files")
            return self.sock.accept()

        def __getattr__(self, name: str) -> object:
            return getattr(self.sock, name)

    async def scene(listening: socket.socket) -> None:
        full = Full(listening)
        server = await asyncio.get_running_loop().create_server(
            Greeter,
            sock=full,  # type: ignore[call-overload]
            ssl=None,
            backlog=64,
        )
        assert await ask(listening.getsockname()) == b"hello"
        assert full.times == 0
        server.close()

    with (
        fair_shares(),
        socket.create_server(("127.0.0.1", 0)) as listening,
        asyncio.Runner(loop_factory=FairLoop) as runner,
    ):
        runner.run(scene(listening))
    assert caplog.text.count("Too many open files") == 2
