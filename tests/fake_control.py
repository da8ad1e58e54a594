"""A running fake Twilio, and its controls."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60


class FakeTwilio:
    """The fake's address, and what a test may do to it."""

    def __init__(self, port: int) -> None:
        self.host_port = f"127.0.0.1:{port}"
        self.base_url = f"http://{self.host_port}"

    def control(self, method: str, path: str, /, **body: Any) -> Any:
        """One request of the control API, `/_fake/<path>`; its JSON answer."""
        response = requests.request(method, f"{self.base_url}/_fake/{path}", json=body or None, timeout=20)
        response.raise_for_status()
        return response.json() if response.content else None

    def reset(self) -> None:
        self.control("POST", "reset")

    def add_fault(self, fault: str, **matcher: Any) -> str:
        """Makes REST answers suffer `fault`; see `fake_twilio/faults.py` for the names."""
        return str(self.control("POST", "faults", fault=fault, **matcher)["id"])

    def change_account(self, account_sid: str, **fields: Any) -> Any:
        return self.control("PATCH", f"accounts/{account_sid}", **fields)

    def requests(self) -> list[dict[str, Any]]:
        """Every REST request since the last reset, without secrets."""
        return list(self.control("GET", "requests"))


def get_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def run_fake_twilio() -> Iterator[FakeTwilio]:
    """Starts the fake as its own process, as `make run` does, and ends it."""
    port = get_free_port()
    fake = FakeTwilio(port)
    process = subprocess.Popen(
        [sys.executable, "-m", "fake_twilio", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_answering(fake, process)
        yield fake
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_until_answering(fake: FakeTwilio, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"The fake Twilio ended at start with status {process.returncode}.")
        try:
            fake.control("GET", "state")
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
