"""A push service that takes messages over HTTP, and the browsers that it is of.

The product asks push services at public https addresses alone, so tests put a way of their own under the
product's session: what goes to ADDRESS is carried to a server on this machine. All before and after that is
the product's own; which hosts it would connect to otherwise is tested by itself.
"""

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from requests.adapters import HTTPAdapter

from phone.waking.endpoints import PublicAdapter, get_session

ADDRESS = "https://push.example.net"


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class PushedBrowser:
    """One browser that has subscribed, with the keys that only it has."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def endpoint(self) -> str:
        return f"{ADDRESS}/{self.name}"

    def subscription(self) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` has it."""
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": encode(point), "auth": encode(self.secret)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def read(self, body: bytes) -> dict[str, Any]:
        opened = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        told: dict[str, Any] = json.loads(opened)
        return told


@dataclass
class Pushed:
    """One request that the service has taken."""

    name: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PushService:
    taken: list[Pushed] = field(default_factory=list)
    # By a browser's name: what is answered in place of 201.
    answers: dict[str, int] = field(default_factory=dict)
    # What a hung service waits for before it answers.
    holds: dict[str, threading.Event] = field(default_factory=dict)

    def list_told(self, browser: PushedBrowser) -> list[dict[str, Any]]:
        return [browser.read(one.body) for one in self.taken if one.name == browser.name]


def build_handler(service: PushService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            name = self.path.strip("/")
            if hold := service.holds.get(name):
                hold.wait(10)
            headers = {key.lower(): value for key, value in self.headers.items()}
            service.taken.append(Pushed(name, headers, body))
            status = service.answers.get(name, 201)
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", f"{ADDRESS}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


class CarryingAdapter(HTTPAdapter):
    """Carries what goes to ADDRESS to a server on this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # type: ignore[override]
        assert request.url is not None and request.url.startswith(ADDRESS + "/")
        request.url = f"http://127.0.0.1:{self.port}" + request.url.removeprefix(ADDRESS)
        return super().send(request, **how)


@contextmanager
def run_push_service() -> Iterator[PushService]:
    service = PushService()
    server = ThreadingHTTPServer(("127.0.0.1", 0), build_handler(service))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    session = get_session()
    session.mount("https://", CarryingAdapter(server.server_port))
    try:
        yield service
    finally:
        session.mount("https://", PublicAdapter())
        for hold in service.holds.values():
            hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
