"""The product on a real port, in this process: for what Twilio calls back, and for what streams."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import requests
import uvicorn
from django.conf import settings as current
from django.db import close_old_connections

from accounts.people import User
from dognbone.asgi import application
from phone.calls.webhooks import TURNS as WEBHOOK_TURNS
from tests.conftest import signed_in
from tests.tasks import run_tasks

PATIENCE = 15.0


@contextmanager
def run_site(settings: Any, served: Any = application) -> Iterator[str]:
    """Its address, which is also the one that Twilio is told to call. `served`: the product, or more."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        # Whoever comes before the server does waits for it.
        listener.listen(100)
        url = f"http://localhost:{listener.getsockname()[1]}"
        settings.PUBLIC_URL = url
        settings.CSRF_TRUSTED_ORIGINS = [url]
        config = uvicorn.Config(served, lifespan="off", log_level="warning", ws="websockets-sansio")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(timeout=10)
            wait_until_idle()


def wait_until_idle() -> None:
    """Until nothing that Twilio told is being taken any more.

    What is, goes on in a thread of its own when whoever told it has left, and would write into the next test.
    """
    deadline = time.monotonic() + PATIENCE
    while WEBHOOK_TURNS.turns:
        assert time.monotonic() < deadline, f"still taken: {list(WEBHOOK_TURNS.turns)}"
        time.sleep(0.01)


def browse(url: str, person: User) -> requests.Session:
    """A browser of `person`'s, signed in at the site."""
    session = requests.Session()
    cookie = signed_in(person).cookies[current.SESSION_COOKIE_NAME]
    session.cookies.set(cookie.key, cookie.value, domain="localhost.local")
    session.headers["Cookie"] = f"{cookie.key}={cookie.value}"
    session.headers["Referer"] = url
    return session


def wait_until(is_so: Callable[[], Any], *, works: bool = False) -> Any:
    """What `is_so` comes to be, asked again and again; with `works`, after each time that tasks were done."""
    deadline = time.monotonic() + PATIENCE
    while not (found := is_so()):
        if time.monotonic() > deadline:
            raise AssertionError("it never came to be so")
        if works:
            run_tasks()
        close_old_connections()
        time.sleep(0.05)
    return found
