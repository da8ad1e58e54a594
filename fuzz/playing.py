"""Sends inputs to the product's own ASGI application, in this process."""

import asyncio
import json
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict
from django.utils.encoding import escape_uri_path, iri_to_uri
from twilio.request_validator import RequestValidator

from dognbone.asgi import application
from fuzz.inputs import Frames, Input, Request
from fuzz.stage import AUTH_TOKEN, Stage
from fuzz.watching import Fault

HOST = "testserver"
CSRF = "c" * 32
# Nothing takes as long but what never ends.
PATIENCE_SECONDS = 120
MOST_ANSWER_BYTES = 30_000_000
# What a socket is closed with on purpose.
CLOSED_ON_PURPOSE = frozenset({4401, 4429})
PIECE_BYTES = 65_536


@dataclass
class Answer:
    status: int = 0
    text: bytes = b""
    size: int = 0


def build_wire(stage: Stage, given: Input) -> dict[str, Any]:
    """An input as it goes over the wire, which costs more than the product's part of some."""
    return build_scope(stage, given) if isinstance(given, Request) else build_socket_scope(stage, given)


def play(scope: dict[str, Any], given: Input, loop: asyncio.Runner) -> tuple[Answer, list[Fault]]:
    """Sends one input; what came of it, and what was wrong with the answer itself."""
    work = ask(scope, given) if isinstance(given, Request) else talk(scope, given)
    try:
        return loop.run(asyncio.wait_for(work, PATIENCE_SECONDS))
    except TimeoutError:
        return Answer(), [Fault("no answer", f"within {PATIENCE_SECONDS} s")]


async def ask(scope: dict[str, Any], given: Request) -> tuple[Answer, list[Fault]]:
    answer = Answer()
    pieces = [given.body[at : at + PIECE_BYTES] for at in range(0, len(given.body), PIECE_BYTES)] or [b""]
    pieces.reverse()

    async def receive() -> dict[str, Any]:
        if not pieces:
            await asyncio.Event().wait()
        piece = pieces.pop()
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        answer.status = message.get("status", answer.status)
        answer.size += len(message.get("body", b""))
        if answer.size < MOST_ANSWER_BYTES:
            answer.text += message.get("body", b"")

    await application(scope, receive, send)
    faults = []
    if answer.status >= 500 and not is_said(answer):
        faults.append(Fault(f"status {answer.status}"))
    if not answer.status:
        faults.append(Fault("no status"))
    if answer.size >= MOST_ANSWER_BYTES:
        faults.append(Fault("an answer without end", f"{answer.size} bytes"))
    return answer, faults


def is_said(answer: Answer) -> bool:
    """A refusal in words that are for a person or a page: somebody else, such as Twilio, was of no help."""
    if answer.status not in (502, 503, 504):
        return False
    try:
        told = json.loads(answer.text)
    except ValueError:
        return b" data-verdict=" in answer.text
    return isinstance(told, dict) and bool({"verdict", "cause"} & told.keys())


def build_scope(stage: Stage, given: Request) -> dict[str, Any]:
    path, query = given.address
    headers = {
        "host": HOST,
        "content-type": given.content_type,
        "content-length": str(len(given.body)),
        "cookie": build_cookies(stage, given.actor),
        "x-csrftoken": CSRF,
        "accept-encoding": "identity",
        **dict(given.headers),
    }
    if given.is_signed:
        headers["x-twilio-signature"] = sign(given)
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": given.method,
        "path": path_as_told(given),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [
            (name.encode("latin-1", "replace"), value.encode("utf-8", "surrogatepass"))
            for name, value in headers.items()
        ],
        "client": ("192.0.2.7", 40000),
        "server": (HOST, 80),
    }


def path_as_told(given: Request) -> str:
    """As uvicorn decodes it."""
    return given.path.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def build_cookies(stage: Stage, actor: str) -> str:
    cookies = {"csrftoken": CSRF}
    if actor in stage.cookies:
        cookies[settings.SESSION_COOKIE_NAME] = stage.cookies[actor]
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def sign(given: Request) -> str:
    """As Twilio signs, over what the product will read: https://www.twilio.com/docs/usage/security."""
    _, query = given.address
    path = escape_uri_path(path_as_told(given)) + (f"?{iri_to_uri(query.decode())}" if query else "")
    params = QueryDict()
    with suppress(SuspiciousOperation):
        params = QueryDict(given.body if given.encoding == "form" else b"")
    return str(RequestValidator(AUTH_TOKEN).compute_signature(settings.PUBLIC_URL + path, params))


def build_socket_scope(stage: Stage, given: Frames) -> dict[str, Any]:
    return {
        "type": "websocket",
        "path": "/ws/device/",
        "query_string": Request("", "", "GET", "", given.query).address[1],
        "headers": [
            (b"host", HOST.encode()),
            (b"origin", f"http://{HOST}".encode()),
            (b"cookie", build_cookies(stage, given.actor).encode()),
        ],
        "subprotocols": [],
        "client": ("192.0.2.7", 40000),
    }


async def talk(scope: dict[str, Any], given: Frames) -> tuple[Answer, list[Fault]]:
    """Says all frames, and in the end one that has to be answered."""
    socket = ApplicationCommunicator(application, scope)
    await socket.send_input({"type": "websocket.connect"})
    opened = await socket.receive_output(timeout=PATIENCE_SECONDS)
    faults = []
    if opened["type"] == "websocket.accept":
        echo = str(uuid.UUID(int=1))
        for frame in given.frames:
            await socket.send_input(
                {"type": "websocket.receive", "bytes" if isinstance(frame, bytes) else "text": frame}
            )
        await socket.send_input(
            {"type": "websocket.receive", "text": json.dumps({"type": "echo", "id": echo})}
        )
        fault = await hear_until(socket, echo)
        faults += [fault] if fault else []
    await socket.send_input({"type": "websocket.disconnect", "code": 1001})
    await socket.wait(timeout=PATIENCE_SECONDS)
    return Answer(101), faults


async def hear_until(socket: Any, echo: str) -> Fault | None:
    while True:
        message = await socket.receive_output(timeout=PATIENCE_SECONDS)
        if message["type"] == "websocket.close":
            code = message.get("code")
            return None if code in CLOSED_ON_PURPOSE else Fault("a socket was closed", str(code))
        told = json.loads(message["text"])
        if told.get("type") == "echo" and told.get("id") == echo:
            return None
