"""A PostgreSQL and a Redis of the test run's own: on free ports, in a folder that goes afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.machine import find_postgresql, find_redis

START_SECONDS = 30


@contextmanager
def run_postgresql() -> Iterator[str]:
    """The DATABASE_URL of a fresh PostgreSQL without durability."""
    folder = tempfile.mkdtemp(prefix="dognbone-postgresql-")
    # PostgreSQL refuses to run as root.
    owner = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if owner:
        shutil.chown(folder, **owner)
    bin_folder, data, port = find_postgresql(), f"{folder}/data", get_free_port()
    try:
        subprocess.run(
            [f"{bin_folder}/initdb", "-D", data, "-U", "dognbone", "-A", "trust", "-E", "UTF8"]
            + ["--no-locale", "--no-sync"],
            stdout=subprocess.DEVNULL,
            cwd=folder,
            check=True,
            **owner,  # type: ignore[call-overload]
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "log_min_messages": "fatal",
        }
        command = [f"{bin_folder}/postgres", "-D", data, "-p", str(port)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
        with run_server(command, port, stop_signal=signal.SIGINT, cwd=folder, **owner):
            yield f"postgres://dognbone@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def run_redis() -> Iterator[str]:
    """The REDIS_URL of a fresh Redis that writes nothing to disk."""
    port = get_free_port()
    command = [find_redis() or "redis-server", "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
    with run_server(command, port, stop_signal=signal.SIGTERM, cwd=tempfile.gettempdir()):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def run_server(
    command: list[str], port: int, *, stop_signal: signal.Signals, **options: Any
) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        wait_until_listening(process, port)
        yield
    finally:
        process.send_signal(stop_signal)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
