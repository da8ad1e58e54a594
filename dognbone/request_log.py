"""Each request and each socket: its id, its line in the log, its time in the metrics.

Around the whole ASGI application, so that what the outermost middleware answers has them too. A line names
the route, never the address itself, in which keys of letters and webhooks stand, and numbers looked for.
"""

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import Resolver404, resolve
from structlog.contextvars import bound_contextvars

from accounts.metrics import REQUESTS

logger = logging.getLogger("dognbone.access")

Application = Callable[[Any, Any, Any], Awaitable[None]]

# As nginx makes them ($request_id), and UUIDs. Anything else that a stranger sends is not taken into the log.
REQUEST_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEADER = b"x-request-id"
UNKNOWN = "(no such address)"
STATIC = "static/(file)"
WEBHOOK = re.compile(r"\A(/phone/webhooks/)[^/]+(/)")
# Characters of an address whose route is kept. What a stranger makes up may be a megabyte.
LONGEST_KEPT = 200


class RequestLog:
    """`application` with an id for whatever it does; the answer carries it as `X-Request-ID`."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.application(scope, receive, send)
            return
        request_id = read_request_id(scope) or uuid.uuid4().hex
        with bound_contextvars(request_id=request_id):
            line = Line(scope, request_id, send)
            try:
                await self.application(scope, line.receiving(receive), line.send)
            finally:
                line.end()


class Line:
    """What is logged of one request: at the beginning of its answer, or when it goes away without one."""

    def __init__(self, scope: dict[str, Any], request_id: str, send: Any) -> None:
        self.scope = scope
        self.request_id = request_id
        self._send = send
        self._begun = time.perf_counter()
        self._status: int | None = None
        self._close_code: int | None = None

    async def send(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                message = self.with_id(message)
                self.answer(message["status"])
            case "websocket.accept":
                message = self.with_id(message)
                self.answer(101)
            case "websocket.close":
                if self._status is None:
                    # The server makes 403 of it.
                    self.answer(403)
                else:
                    self._close_code = message.get("code", 1000)
        await self._send(message)

    def receiving(self, receive: Any) -> Any:
        async def received() -> dict[str, Any]:
            message: dict[str, Any] = await receive()
            if message["type"] == "websocket.disconnect" and self._close_code is None:
                self._close_code = message.get("code")
            return message

        return received

    def with_id(self, message: dict[str, Any]) -> dict[str, Any]:
        return {**message, "headers": [*message.get("headers", ()), (HEADER, self.request_id.encode())]}

    def answer(self, status: int) -> None:
        self._status = status
        seconds = time.perf_counter() - self._begun
        method, route = self.scope.get("method", "WEBSOCKET"), name_route(self.scope["path"])
        if self.scope["type"] == "http":
            REQUESTS.labels(part=name_part(route), status=f"{status // 100}xx").observe(seconds)
        # Whoever asks every few seconds would drown all else.
        if self.scope["path"] in settings.HEALTH_PATHS and status < 400:
            return
        told = {"method": method, "route": route, "status": status, "seconds": round(seconds, 4)}
        logger.info("%s %s %s in %.0f ms", method, route, status, seconds * 1000, extra=told)

    def end(self) -> None:
        seconds = time.perf_counter() - self._begun
        route = name_route(self.scope["path"])
        if self._status is None:
            logger.info("%s %s ended without an answer after %.1f s", self.scope["type"], route, seconds)
        elif self._status == 101:
            logger.info("WEBSOCKET %s closed with %s after %.1f s", route, self._close_code, seconds)


def read_request_id(scope: dict[str, Any]) -> str:
    """The id that the server in front of this one has given; "" where there is none of the right shape."""
    for name, value in scope["headers"]:
        if name == HEADER:
            given = value.decode("latin-1")
            return given if REQUEST_ID.fullmatch(given) else ""
    return ""


def name_route(path: str) -> str:
    """The pattern that an address follows: what stands in its place of a key is the key's name."""
    if path.startswith(f"/{settings.STATIC_URL.lstrip('/')}"):
        return STATIC
    # Each account has a key of its own, and whose it is does not matter here.
    path = WEBHOOK.sub(r"\1key\2", path)
    return find_known_route(path) if len(path) <= LONGEST_KEPT else find_route(path)


# Django looks through all of its patterns each time.
@lru_cache(maxsize=1024)
def find_known_route(path: str) -> str:
    return find_route(path)


def find_route(path: str) -> str:
    if path == "/ws/device/":
        return "ws/device/"
    try:
        return resolve(path).route or "/"
    except Resolver404:
        return UNKNOWN


def name_part(route: str) -> str:
    """Which part of the product was asked: few words, for a label."""
    if route.startswith("phone/webhooks/"):
        return "webhook"
    if route == "phone/token/":
        return "token"
    if route == STATIC:
        return "static"
    if route == UNKNOWN:
        return "unknown"
    return "admin" if route.startswith("admin/") else "page"
