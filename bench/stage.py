"""The product as its own process with a database of its own, and the fake Twilio beside it."""

import http.client
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from demo.environment import build_demo_environment
from demo.ports import get_free_port
from demo.processes import Child, Children, is_answering, wait_until

FORM = "application/x-www-form-urlencoded"


class BenchFailed(Exception):
    """An answer was not the one that was to be timed."""


@dataclass
class Browser:
    """A keep-alive connection to one server, with cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("localhost", self.port, timeout=30)

    def get(self, path: str) -> str:
        return self.request("GET", path, "", {}, {200})

    def post(self, path: str, fields: dict[str, str], status: set[int], **headers: str) -> str:
        """Posts a form as a signed-in page does. Raises BenchFailed for another status."""
        body = urlencode(fields)
        csrf = {"X-CSRFToken": self.cookies.get("csrftoken", ""), "Content-Type": FORM}
        return self.request("POST", path, body, {**csrf, **headers}, status)

    def request(self, method: str, path: str, body: str, headers: dict[str, str], status: set[int]) -> str:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, path, body or None, {"Cookie": cookies, **headers})
        response = self.connection.getresponse()
        text = response.read().decode()
        for header in response.headers.get_all("Set-Cookie") or ():
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.status not in status:
            raise BenchFailed(f"{method} {path} answered {response.status}")
        return text

    def sign_in(self, email: str, password: str) -> None:
        self.get("/accounts/login/")
        self.post("/accounts/login/", {"login": email, "password": password}, {302})


@dataclass(frozen=True)
class Stage:
    port: int
    fake_port: int
    # Where a browser finds it.
    url: str


@contextmanager
def set_stage() -> Iterator[Stage]:
    """Starts both servers, with the demo's people connected, and sets Django up in this process too."""
    children = Children()
    with tempfile.TemporaryDirectory(prefix="dognbone-bench-") as folder:
        try:
            yield start(children, Path(folder))
        finally:
            children.stop()


def start(
    children: Children,
    folder: Path,
    settings: str = "bench.settings",
    before_serving: Callable[[int], None] = lambda fake_port: None,
    **given: str,
) -> Stage:
    """`given` are settings of the product's."""
    port = get_free_port(after=8100)
    fake_port = get_free_port(after=port)
    set_environment(folder, port, twilio=f"127.0.0.1:{fake_port}", gateway=f"127.0.0.1:{fake_port}", **given)
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    fake = children.start("The fake Twilio", "-m", "fake_twilio", "--port", str(fake_port), env={})
    wait_until(fake, lambda: is_answering(f"http://127.0.0.1:{fake_port}/_fake/state"))
    make_people()
    before_serving(fake_port)
    wait_for_server(start_server(children, port), port)
    return Stage(port, fake_port, os.environ["PUBLIC_URL"])


def set_environment(folder: Path, port: int, *, twilio: str, gateway: str, **given: str) -> None:
    """This process's and its children's: where the product is, and where it finds Twilio."""
    given = {"PORT": str(port), "LOG_LEVEL": "ERROR", **given}
    environment = build_demo_environment(given, dotenv=folder / "none.env", var=folder)
    os.environ.update(environment.values)
    os.environ["ENV_FILE"] = os.devnull
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    os.environ["TWILIO_BASE_URL"] = f"http://{twilio}"
    os.environ["TWILIO_SIGNALLING"] = gateway


def start_server(children: Children, port: int) -> Child:
    return children.start(
        "The server",
        *("-m", "uvicorn", "dognbone.asgi:application", "--port", str(port)),
        *("--ws-per-message-deflate", "false", "--lifespan", "on", "--log-level", "error"),
        env={},
    )


def wait_for_server(server: Child, port: int) -> None:
    wait_until(server, lambda: is_answering(f"http://127.0.0.1:{port}/healthz", host=f"localhost:{port}"))


def make_people() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from demo import people

    people.make_people()
    for person, verdict in people.connect_people():
        if not verdict.is_ok:
            raise BenchFailed(f"{person.name} could not be connected: {verdict.title}")
