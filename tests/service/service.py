"""The whole service as it runs in production: workers of uvicorn, PostgreSQL, Redis, and their neighbours.

Twilio is the fake, as its own process; the mail server is one that takes connections and, unless told
otherwise, says nothing. Each neighbour can be slow, hung, away and back.
"""

import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import requests
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_socket
from websockets.typing import Origin

from fake_twilio import catalogue
from tests.fake_control import FakeTwilio, run_fake_twilio
from tests.machine import find_postgresql
from tests.migrated import migrate
from tests.servers import Server, get_free_port, keep_data, list_children, postgresql_server, redis_server
from tests.service.people import PASSWORD
from tests.webhook_requests import build_call_sid, sign

ROOT = Path(__file__).resolve().parents[2]
MIGRATED_VARIABLE = "MIGRATED_SERVICE"
START_SECONDS = 180.0
STOP_SECONDS = 25


@dataclass
class Service:
    """A running service; everything a test may ask of it or do to it."""

    port: int
    environment: dict[str, str]
    postgresql: Server
    redis: Server
    twilio: FakeTwilio
    mail: "MailServer"
    workers: int = 2
    webhook_keys: dict[str, str] = field(default_factory=dict)
    # What starts the workers, in place of uvicorn itself.
    begins: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    log: Path = Path(os.devnull)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str) -> str:
        """One management command, to its end; what it printed."""
        return self.run("manage.py", *arguments)

    def run(self, *arguments: str) -> str:
        result = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if result.returncode:
            raise RuntimeError(f"{' '.join(arguments)} ended with {result.returncode}: {result.stderr}")
        return result.stdout

    def start(self) -> None:
        """Starts the workers, and waits until the service answers."""
        self.begin()
        self.wait_for(lambda: self.is_answering("/healthz"), "an answer", START_SECONDS)

    def begin(self) -> None:
        """Starts the workers without waiting for them."""
        uvicorn: tuple[str, ...] = ("-m", "uvicorn", "dognbone.asgi:application")
        uvicorn += ("--workers", str(self.workers))
        uvicorn += ("--ws-per-message-deflate", "false", "--lifespan", "on")
        uvicorn += ("--timeout-graceful-shutdown", "5")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *(self.begins or uvicorn), "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in (*list_children(process.pid), process.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()

    def list_workers(self) -> list[int]:
        """The process ids of the workers that serve now."""
        if self.process is None:
            return []
        return [pid for pid in list_children(self.process.pid) if is_worker(pid)]

    def kill_worker(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)

    def read_log(self) -> str:
        return self.log.read_text(errors="replace")

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of the service's own database, past the service."""
        with psycopg.connect(self.postgresql.url, connect_timeout=5, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    # Asking

    def is_answering(self, path: str) -> bool:
        try:
            return requests.get(self.url + path, timeout=5).status_code < 500
        except requests.RequestException:
            return False

    def ready(self, seconds: float = 15) -> "Timed":
        return timed(lambda: requests.get(f"{self.url}/readyz", timeout=seconds))

    def sign_in(self, name: str) -> "Person":
        """`name`'s browser, signed in through the sign-in page."""
        person = Person(self, name)
        person.sign_in()
        return person

    def call_webhook(
        self,
        name: str = "alice",
        path: str = "voice",
        seconds: float = 20,
        by: Callable[..., requests.Response] | None = None,
        **params: str,
    ) -> "Timed":
        """A webhook of `name`'s account as Twilio would send it, signed; `by` posts it somewhere else."""
        account = {"alice": catalogue.DEMO, "bob": catalogue.DEMO, "carol": "other"}[name]
        form = {
            "AccountSid": catalogue.account_sid(account),
            "CallSid": build_call_sid(f"{time.monotonic_ns()}"),
            "ApiVersion": "2010-04-01",
            "CallStatus": "ringing",
            "Direction": "inbound",
            "From": catalogue.STRANGER_NUMBER,
            "To": catalogue.DEMO_NUMBER,
            **params,
        }
        address = f"/phone/webhooks/{self.webhook_keys[name]}/{path}/"
        public = self.environment["PUBLIC_URL"] + address
        headers = {"X-Twilio-Signature": sign(public, form, catalogue.auth_token(account))}
        if by is not None:
            return timed(lambda: by(address, form, headers=headers, timeout=seconds))
        return timed(lambda: requests.post(self.url + address, form, headers=headers, timeout=seconds))

    @staticmethod
    def wait_for(is_so: Callable[[], Any], what: str, seconds: float = 20) -> Any:
        """What `is_so` returns once it is true. Raises AssertionError after `seconds`."""
        deadline = time.monotonic() + seconds
        while not (found := is_so()):
            if time.monotonic() > deadline:
                raise AssertionError(f"never came to be within {seconds} s: {what}")
            time.sleep(0.05)
        return found


@dataclass
class Timed:
    """An answer, or the way in which none came; and how long that took."""

    seconds: float
    response: requests.Response | None = None
    error: str = ""

    @property
    def status(self) -> int:
        """The HTTP status; 0 where no answer came."""
        return self.response.status_code if self.response is not None else 0


def timed(ask: Callable[[], requests.Response]) -> Timed:
    begun = time.monotonic()
    try:
        response = ask()
    except requests.RequestException as error:
        return Timed(time.monotonic() - begun, error=type(error).__name__)
    return Timed(time.monotonic() - begun, response)


class Person:
    """One person's browser."""

    def __init__(self, service: Service, name: str) -> None:
        self.service = service
        self.email = f"{name}@example.com"
        self.session = requests.Session()

    def sign_in(self, password: str = PASSWORD) -> Timed:
        self.session.get(f"{self.service.url}/accounts/login/", timeout=15)
        return self.post("/accounts/login/", {"login": self.email, "password": password})

    def get(self, path: str, seconds: float = 20) -> Timed:
        return timed(
            lambda: self.session.get(self.service.url + path, timeout=seconds, allow_redirects=False)
        )

    def post(self, path: str, fields: dict[str, str] | None = None, seconds: float = 60) -> Timed:
        token = self.session.cookies.get("csrftoken", "")
        headers = {"X-CSRFToken": token, "Referer": self.service.url + path}
        return timed(
            lambda: self.session.post(
                self.service.url + path, fields or {}, headers=headers, timeout=seconds, allow_redirects=False
            )
        )

    def ask_token(self, seconds: float = 60) -> Timed:
        return self.post("/phone/token/", seconds=seconds)

    @contextmanager
    def socket(self, page_session: str = "") -> Iterator[ClientConnection]:
        """An open `/ws/device/`, as this browser's page would have it."""
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.session.cookies)
        address = self.service.url.replace("http", "ws", 1) + "/ws/device/"
        if page_session:
            address += f"?page_session={page_session}"
        with connect_socket(
            address,
            additional_headers={"Cookie": cookies},
            origin=Origin(self.service.url),
            open_timeout=15,
            close_timeout=2,
            compression=None,
        ) as connection:
            yield connection


def hear(connection: ClientConnection, kind: str, seconds: float = 15) -> dict[str, Any]:
    """The next frame of this type; frames of other types are passed over. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while True:
        frame: dict[str, Any] = json.loads(connection.recv(timeout=max(0.0, deadline - time.monotonic())))
        if frame.get("type") == kind:
            return frame


class MailServer:
    """A mail server that takes connections; it says nothing until `speak()`, then takes all mail."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.mails: list[str] = []
        self.connections = 0
        self._may_speak = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def speak(self) -> None:
        self._may_speak.set()

    def fall_silent(self) -> None:
        self._may_speak.clear()

    def close(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """SMTP (RFC 5321) as far as Django speaks it."""
        with connection, suppress(OSError, ValueError):
            self._may_speak.wait()
            lines = connection.makefile("rwb")
            self._say(lines, "220 ready")
            while line := lines.readline().decode("utf-8", "replace").rstrip("\r\n"):
                verb = line[:4].upper()
                if verb == "DATA":
                    self._say(lines, "354 go on")
                    self.mails.append(read_mail(lines))
                self._say(lines, "221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    return

    @staticmethod
    def _say(lines: Any, words: str) -> None:
        lines.write(f"{words}\r\n".encode())
        lines.flush()


def read_mail(lines: Any) -> str:
    mail = []
    while (line := lines.readline().decode("utf-8", "replace").rstrip("\r\n")) != ".":
        mail.append(line)
    return "\n".join(mail)


def back_up(url: str, file: Path) -> None:
    """As docs/operations.md has it, of one that leaves the house: without anybody's session."""
    left_out = [f"--exclude-table-data={one}" for one in ("django_session", "usersessions_usersession")]
    run_tool("pg_dump", "--format=custom", "--no-owner", *left_out, f"--file={file}", url)


def restore(file: Path, url: str) -> None:
    run_tool(
        "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={url}", str(file)
    )


def run_tool(name: str, *arguments: str) -> None:
    subprocess.run([f"{find_postgresql()}/{name}", *arguments], check=True, capture_output=True)


def is_worker(pid: int) -> bool:
    """Whether a child of uvicorn's parent process serves, rather than tracks resources."""
    with suppress(OSError):
        return re.search(r"spawn_main", Path(f"/proc/{pid}/cmdline").read_text()) is not None
    return False


@cache
def make_migrated() -> Path:
    """A PostgreSQL's data with all tables and nothing in them: made once, and each service begins with it.

    Another process may have made it, and says where it is.
    """
    if made := os.environ.get(MIGRATED_VARIABLE):
        return Path(made)
    folder = Path(tempfile.mkdtemp(prefix="dognbone-service-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with postgresql_server() as server:
        migrate({"ENV_FILE": os.devnull, "DEBUG": "false", "DATABASE_URL": server.url})
        keep_data(server, folder / "data")
    return folder / "data"


def build_environment(
    postgresql: Server, redis: Server, twilio: FakeTwilio, mail: MailServer
) -> dict[str, str]:
    """What the processes of a service are told of their neighbours."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.service.settings",
        "ENV_FILE": os.devnull,
        "DEBUG": "false",
        "DATABASE_URL": postgresql.url,
        "REDIS_URL": redis.url,
        "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
        "TWILIO_BASE_URL": twilio.base_url,
        "TWILIO_SIGNALLING": twilio.host_port,
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def run_service(*, workers: int = 2, begins: tuple[str, ...] = (), **environment: str) -> Iterator[Service]:
    """A service with its people (`tests/service/people.py`), started; `environment` adds settings."""
    with (
        tempfile.TemporaryDirectory(prefix="dognbone-service-") as folder,
        postgresql_server(like=make_migrated()) as postgresql,
        redis_server() as redis,
        run_fake_twilio() as twilio,
    ):
        mail, port = MailServer(), get_free_port()
        values = build_environment(postgresql, redis, twilio, mail)
        values |= {"PUBLIC_URL": f"http://127.0.0.1:{port}", "WEB_CONCURRENCY": str(workers), **environment}
        log = Path(folder) / "log"
        service = Service(port, values, postgresql, redis, twilio, mail, workers, begins=begins, log=log)
        try:
            service.webhook_keys = json.loads(service.run("-m", "tests.service.people").splitlines()[-1])
            service.start()
            yield service
        finally:
            service.stop()
            mail.close()
