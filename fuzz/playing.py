"""Sends inputs to the product's own ASGI application, in this process."""

import asyncio
import json
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict
from django.utils.encoding import escape_uri_path, iri_to_uri
from twilio.request_validator import RequestValidator

from dognbone.asgi import application
from fuzz.inputs import Frames, Input, Request, encode_pairs, to_bytes
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
    messages = list_messages(given)
    messages.reverse()

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop()

    async def send(message: dict[str, Any]) -> None:
        answer.status = message.get("status", answer.status)
        answer.size += len(message.get("body", b""))
        if answer.size < MOST_ANSWER_BYTES:
            answer.text += message.get("body", b"")

    await application(scope, receive, send)
    faults = []
    if answer.status >= 500 and not is_said(answer):
        faults.append(Fault(f"status {answer.status}"))
    if not answer.status and given.delivery != "cut":
        faults.append(Fault("no status"))
    if answer.size >= MOST_ANSWER_BYTES:
        faults.append(Fault("an answer without end", f"{answer.size} bytes"))
    return answer, faults


def list_messages(given: Request) -> list[dict[str, Any]]:
    """The body, as a server hands it on."""
    size = PIECE_BYTES if given.delivery == "whole" else max(1, min(PIECE_BYTES, len(given.body) // 3))
    pieces = [given.body[at : at + size] for at in range(0, len(given.body), size)] or [b""]
    if given.delivery == "chunked":
        pieces.insert(1, b"")
    said: list[dict[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": at < len(pieces)}
        for at, piece in enumerate(pieces, 1)
    ]
    if given.delivery == "cut":
        said[-1] = {"type": "http.disconnect"}
    return said


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
    own = {
        "host": HOST,
        "content-type": given.content_type,
        "content-length": str(len(given.body)),
        "x-csrftoken": CSRF,
        "accept-encoding": "identity",
    }
    if given.is_signed:
        own["x-twilio-signature"] = sign(given)
    if given.delivery == "chunked":
        del own["content-length"]
        own["transfer-encoding"] = "chunked"
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": given.method,
        "path": path_as_told(given.path),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": encode_headers(own, stage, given),
        "client": ("192.0.2.7", 40000),
        "server": (HOST, 80),
    }


def encode_headers(own: dict[str, str], stage: Stage, given: Input) -> list[tuple[bytes, bytes]]:
    """Those of the input in place of its `own`, and its cookies behind those of its actor."""
    told = [(name, value) for name, value in given.headers if name != "cookie"]
    cookies = [
        build_cookies(stage, given.actor),
        *(value for name, value in given.headers if name == "cookie"),
    ]
    own = {name: value for name, value in own.items() if name not in dict(told)}
    every = [*own.items(), *told, ("cookie", "; ".join(cookies))]
    return [(name.encode(), to_bytes(value)) for name, value in every]


def path_as_told(path: str) -> str:
    """As uvicorn decodes it."""
    return to_bytes(path).decode("utf-8", "replace")


def build_cookies(stage: Stage, actor: str) -> str:
    cookies = {"csrftoken": CSRF}
    if actor in stage.cookies:
        cookies[settings.SESSION_COOKIE_NAME] = stage.cookies[actor]
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def sign(given: Request) -> str:
    """As Twilio signs, over what the product will read: https://www.twilio.com/docs/usage/security."""
    _, query = given.address
    path = escape_uri_path(path_as_told(given.path)) + (f"?{iri_to_uri(query.decode())}" if query else "")
    params = QueryDict(mutable=True)
    if given.encoding == "multipart":
        for name, value in given.fields:
            params.appendlist(name, value)
    with suppress(SuspiciousOperation):
        params = QueryDict(given.body) if given.encoding == "form" else params
    with suppress(UnicodeEncodeError):
        return str(RequestValidator(AUTH_TOKEN).compute_signature(settings.PUBLIC_URL + path, params))
    # Of what cannot even be signed nothing is read.
    return "A" * 27 + "="


def build_socket_scope(stage: Stage, given: Frames) -> dict[str, Any]:
    own = {"host": HOST, "origin": f"http://{HOST}"}
    return {
        "type": "websocket",
        "path": path_as_told(given.path),
        "raw_path": quote(to_bytes(given.path)).encode(),
        "query_string": encode_pairs(given.query),
        "headers": encode_headers(own, stage, given),
        "subprotocols": [],
        "client": ("192.0.2.7", 40000),
    }


async def talk(scope: dict[str, Any], given: Frames) -> tuple[Answer, list[Fault]]:
    """Says all frames, and in the end one that has to be answered."""
    socket = ApplicationCommunicator(application, scope)
    await socket.send_input({"type": "websocket.connect"})
    opened = await hear(socket)
    faults, is_open = [], opened["type"] == "websocket.accept"
    if is_open:
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
    return Answer(101 if is_open else 403), faults


async def hear_until(socket: Any, echo: str) -> Fault | None:
    while True:
        message = await hear(socket)
        if message["type"] == "websocket.close":
            code = message.get("code")
            return None if code in CLOSED_ON_PURPOSE else Fault("a socket was closed", str(code))
        told = json.loads(message["text"])
        if told.get("type") == "echo" and told.get("id") == echo:
            return None


async def hear(socket: ApplicationCommunicator) -> dict[str, Any]:
    """The next message to the page. Raises what the application has ended with, and TimeoutError."""
    told = asyncio.ensure_future(socket.output_queue.get())
    try:
        await asyncio.wait(
            {told, socket.future}, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE_SECONDS
        )
        if told.done():
            return told.result()
        if socket.future.done():
            socket.future.result()
        raise TimeoutError
    finally:
        told.cancel()
