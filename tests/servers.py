"""A PostgreSQL and a Redis of the test run's own: on free ports, in a folder that goes afterwards.

Each can be hung, woken, stopped and started again on the same address, with what it holds.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.machine import find_postgresql, find_redis

START_SECONDS = 30


@dataclass
class Server:
    """One server process, and its children, on one port."""

    url: str
    command: list[str]
    port: int
    stop_signal: signal.Signals
    options: dict[str, Any] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.options
        )
        wait_until_listening(self.process, self.port)

    def stop(self) -> None:
        """Ends it as an operator would; it may be hung meanwhile."""
        process, self.process = self.process, None
        if process is None:
            return
        self.signal(process.pid, signal.SIGCONT)
        process.send_signal(self.stop_signal)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def hang(self) -> None:
        """From now on it takes connections, by its kernel, and says nothing."""
        if self.process is not None:
            self.signal(self.process.pid, signal.SIGSTOP)

    def wake(self) -> None:
        if self.process is not None:
            self.signal(self.process.pid, signal.SIGCONT)

    def signal(self, pid: int, number: signal.Signals) -> None:
        # PostgreSQL's children are in process groups of their own.
        for one in (pid, *list_children(pid)):
            with suppress(ProcessLookupError):
                os.kill(one, number)


@contextmanager
def run_postgresql() -> Iterator[str]:
    """The DATABASE_URL of a fresh PostgreSQL without durability."""
    with postgresql_server() as server:
        yield server.url


@contextmanager
def run_redis() -> Iterator[str]:
    """The REDIS_URL of a fresh Redis that writes nothing to disk."""
    with redis_server() as server:
        yield server.url


@contextmanager
def postgresql_server(
    like: Path | None = None, *, within: Path | None = None, **given: str
) -> Iterator[Server]:
    """`like`: what `keep_data()` has kept of another one, with which this one begins.

    `within`: where its files are, if not among the machine's temporary ones; `given`: settings of its own.
    """
    folder = tempfile.mkdtemp(prefix="dognbone-postgresql-", dir=within)
    # PostgreSQL refuses to run as root.
    owner = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if owner:
        shutil.chown(folder, **owner)
    bin_folder, data, port = find_postgresql(), f"{folder}/data", get_free_port()
    try:
        make = [f"{bin_folder}/initdb", "-D", data, "-U", "dognbone", "-A", "trust", "-E", "UTF8"]
        make += ["--no-locale", "--no-sync"]
        subprocess.run(
            ["cp", "--archive", str(like), data] if like else make,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            check=True,
            **({} if like else owner),  # type: ignore[call-overload]
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            # What nobody has counted it would compile, and what is thrown away it would tidy up.
            "jit": "off",
            "autovacuum": "off",
            "log_min_messages": "fatal",
            **given,
        }
        command = [f"{bin_folder}/postgres", "-D", data, "-p", str(port)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        url = f"postgres://dognbone@127.0.0.1:{port}/postgres"
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
        with running(Server(url, command, port, signal.SIGINT, {"cwd": folder, **owner})) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_data(server: Server, folder: Path) -> None:
    """Stops a PostgreSQL, and keeps what is in it as `folder`."""
    server.stop()
    subprocess.run(["cp", "--archive", f"{server.options['cwd']}/data", str(folder)], check=True)


@contextmanager
def redis_server() -> Iterator[Server]:
    port = get_free_port()
    command = [find_redis() or "redis-server", "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
    url = f"redis://127.0.0.1:{port}/0"
    with running(Server(url, command, port, signal.SIGTERM, {"cwd": tempfile.gettempdir()})) as server:
        yield server


@contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def list_children(pid: int) -> list[int]:
    """The processes whose parent is `pid`, by Linux's /proc/<pid>/stat (proc(5))."""
    children = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name of a process may hold anything, parentheses too.
            if int(entry.read_text().rpartition(")")[2].split()[1]) == pid:
                children.append(int(entry.parent.name))
    return children


def wait_until_listening(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"Nothing listens on port {port}: the server did not start.")


def get_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
