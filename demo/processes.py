"""The demo's processes: started in order, watched, and ended together."""

import ctypes
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

START_SECONDS = 60
STOP_SECONDS = 8
WATCH_SECONDS = 0.2
# Of Linux's prctl().
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ProcessFailed(Exception):
    """A process of the demo ended, or never began to answer; the message names it."""


@dataclass
class Child:
    name: str
    process: "subprocess.Popen[bytes]"

    def check_running(self) -> None:
        """Raises ProcessFailed once the process has ended."""
        status = self.process.poll()
        if status is not None:
            raise ProcessFailed(f"{self.name} ended by itself, with status {status}.")


class Children:
    """All processes of the demo. They share its process group, so a killed group leaves none behind."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def start(self, name: str, *arguments: str, env: Mapping[str, str]) -> Child:
        """Runs `python <arguments>`."""
        command = [sys.executable, *arguments]
        process = subprocess.Popen(command, env={**os.environ, **env}, preexec_fn=end_with_parent)
        child = Child(name, process)
        self.children.append(child)
        return child

    def watch(self) -> None:
        """Returns never; raises ProcessFailed when a child has ended, or whatever a signal raises."""
        parent = os.getppid()
        while True:
            for child in self.children:
                child.check_running()
            if os.getppid() != parent:
                raise ProcessFailed("What started the demo is gone.")
            time.sleep(WATCH_SECONDS)

    def stop(self) -> None:
        """Ends all, last started first; what does not end in time is killed."""
        for child in reversed(self.children):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children):
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()


def end_with_parent() -> None:
    """In the child: Linux ends it when its parent is gone, killed too, and the ports are free again."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_until(child: Child, is_ready: Callable[[], bool]) -> None:
    """Returns once `is_ready()`; raises ProcessFailed when the child ends first or takes a minute."""
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        child.check_running()
        if time.monotonic() > deadline:
            raise ProcessFailed(f"{child.name} did not answer within {START_SECONDS} seconds.")
        time.sleep(0.1)


def is_answering(url: str, *, host: str = "") -> bool:
    """Whether `GET url` gets an answer that is no server error; `host` replaces the Host header."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", parts.path or "/", headers={"Host": host or parts.netloc})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
