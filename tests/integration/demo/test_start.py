"""`make run` from outside: the whole demo as its own processes."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.fake_control import get_free_port
from tests.migrated import VARIABLE as MIGRATED_DATABASE

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 90
WORDS_SECONDS = 20


class Demo:
    """A demo on a port of its own, with a `var/` of its own.

    Where there is a database that has all migrations, it begins with a copy of that, unless it is
    `from_nothing`.
    """

    def __init__(self, var: Path, *, from_nothing: bool = False, **environment: str) -> None:
        database, made = var / "demo.sqlite3", os.environ.get(MIGRATED_DATABASE)
        if made and not from_nothing and not database.exists():
            shutil.copyfile(made, database)
        self.port = get_free_port()
        self.url = f"http://localhost:{self.port}"
        own = {"PATH": os.environ["PATH"], "PORT": str(self.port), "ENV_FILE": os.devnull}
        own |= {"DEMO_VAR": str(var), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo"],
            cwd=ROOT,
            env={**own, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output = ""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.is_ready = threading.Event()
        self.reader.start()

    def read(self) -> None:
        if self.process.stdout is not None:
            with self.process.stdout as lines:
                for line in lines:
                    self.output += line
                    if "Ctrl-C ends everything" in line:
                        self.is_ready.set()
        self.is_ready.set()

    def wait_until_ready(self) -> None:
        assert self.is_ready.wait(START_SECONDS)
        assert self.process.poll() is None, self.output

    def wait_until_said(self, words: str) -> None:
        deadline = time.monotonic() + WORDS_SECONDS
        while words not in self.output:
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def end(self, signal_number: int = signal.SIGTERM) -> int:
        self.process.send_signal(signal_number)
        return self.wait()

    def wait(self) -> int:
        """The exit status, once the demo has ended and all it said has been read."""
        status = self.process.wait(timeout=20)
        self.reader.join(timeout=5)
        return status


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    if demo.process.poll() is None:
        demo.end()


@pytest.fixture
def first_demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path, from_nothing=True)
    yield demo
    if demo.process.poll() is None:
        demo.end()


def test_the_demo_starts_is_told_and_ends_with_all_its_processes(first_demo: Demo) -> None:
    demo = first_demo
    demo.wait_until_ready()
    assert f"Dog n Bone is ready at {demo.url}" in demo.output
    fake_url = re.search(r"http://127\.0\.0\.1:\d+", demo.output)
    assert fake_url is not None
    assert requests.get(f"{demo.url}/readyz", timeout=10).status_code == 200
    assert sign_in(demo.url, "alice@example.com").status_code == 200
    assert requests.get(f"{demo.url}/rehearsal/", timeout=10).status_code == 200
    ask_for_reset(demo.url, "alice@example.com")
    demo.wait_until_said("/accounts/password/reset/key/")
    assert demo.end() == 0
    assert "ended by itself" not in demo.output
    for address in (demo.url, fake_url[0]):
        with pytest.raises(requests.ConnectionError):
            requests.get(address, timeout=5)


def sign_in(url: str, email: str) -> requests.Response:
    """The phone page, which is what a signed-in person gets at `/`."""
    with requests.Session() as session:
        session.get(f"{url}/accounts/login/", timeout=10)
        fields = {"login": email, "password": "dog-and-bone"}
        fields["csrfmiddlewaretoken"] = session.cookies["csrftoken"]
        answer = session.post(f"{url}/accounts/login/", data=fields, timeout=10)
        assert answer.url == f"{url}/", answer.url
        return answer


def ask_for_reset(url: str, email: str) -> None:
    address = f"{url}/accounts/password/reset/"
    with requests.Session() as session:
        session.get(address, timeout=10)
        fields = {"email": email, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        assert session.post(address, data=fields, timeout=10).ok


def test_a_second_run_says_where_the_first_is_and_leaves_it_alone(tmp_path: Path, demo: Demo) -> None:
    demo.wait_until_ready()
    second = Demo(tmp_path)
    assert second.wait() == 1
    assert f"it runs already in this folder, at {demo.url} (process {demo.process.pid})" in second.output
    assert "Traceback" not in second.output
    assert requests.get(f"{demo.url}/readyz", timeout=10).status_code == 200
    assert demo.end(signal.SIGINT) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell a child of its parent's end")
def test_a_run_that_was_killed_stands_in_nobodys_way(tmp_path: Path, demo: Demo) -> None:
    demo.wait_until_ready()
    assert demo.end(signal.SIGKILL) == -signal.SIGKILL
    # Its output ends once its last process has, and with that the port is free.
    demo.reader.join(timeout=20)
    assert not demo.reader.is_alive()
    second = Demo(tmp_path, PORT=str(demo.port))
    try:
        second.wait_until_ready()
        assert f"ready at {demo.url}" in second.output
    finally:
        second.end()


def test_a_port_in_use_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        demo = Demo(tmp_path, PORT=str(port))
        assert demo.wait() == 1
    assert f"port {port} is in use by" in demo.output
    assert re.search(r"make run PORT=\d+", demo.output)
    assert "Traceback" not in demo.output
    assert "The fake Twilio listens" not in demo.output


def test_what_is_not_there_and_what_is_refused_look_as_in_the_product(demo: Demo) -> None:
    demo.wait_until_ready()
    for response, status, words in (
        (requests.get(f"{demo.url}/nowhere/", timeout=10), 404, "Nobody answers here"),
        (requests.post(f"{demo.url}/accounts/login/", timeout=10), 403, "This form has grown old"),
    ):
        assert response.status_code == status
        assert words in response.text
        assert "DEBUG" not in response.text and "Traceback" not in response.text
    style = requests.get(f"{demo.url}/static/look.css", timeout=10)
    assert style.status_code == 200
    assert "--ground" in style.text


def test_given_an_address_for_twilio_the_demo_starts_no_fake(tmp_path: Path) -> None:
    demo = Demo(tmp_path, TWILIO_BASE_URL="http://127.0.0.1:9", TWILIO_SIGNALLING="127.0.0.1:9")
    try:
        demo.wait_until_ready()
        assert "No fake Twilio was started" in demo.output
        assert "The fake Twilio listens" not in demo.output
        assert requests.get(f"{demo.url}/rehearsal/", timeout=10).status_code == 404
    finally:
        demo.end()
