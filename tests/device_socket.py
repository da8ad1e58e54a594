"""A page's socket in tests: signed in by a real session, through the whole ASGI application."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings
from django.test import Client

from accounts.people import User
from dognbone.asgi import application
from phone.device import watching
from tests.conftest import signed_in

ORIGIN = "http://testserver"
ANSWER_SECONDS = 10


class Heard(asyncio.Queue[dict[str, Any]]):
    """What the server sends, without what it tells every page of its own accord: in `told` by type."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, list[dict[str, Any]]] = {
            "calls": [],
            "counts": [],
            "presence": [],
            "recents": [],
        }

    async def put(self, item: dict[str, Any]) -> None:
        frame = json.loads(item.get("text") or "{}")
        if frame.get("type") in self.told:
            self.told[frame["type"]].append(frame)
        else:
            await super().put(item)


class DeviceSocket(ApplicationCommunicator):  # type: ignore[misc]
    """The server's side of the ASGI WebSocket protocol; speaks the contract's frames."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._output_queue = Heard()

    @property
    def of_calls(self) -> list[dict[str, Any]]:
        """The frames about calls, the oldest first."""
        return self._output_queue.told["calls"]

    @property
    def of_presence(self) -> list[dict[str, Any]]:
        """The frames about how colleagues are, the oldest first."""
        return self._output_queue.told["presence"]

    @property
    def of_counts(self) -> list[dict[str, Any]]:
        """The frames about what was not seen, the oldest first."""
        return self._output_queue.told["counts"]

    async def connect(self) -> bool:
        """Whether the handshake was accepted."""
        await self.send_input({"type": "websocket.connect"})
        message = await self.receive_output(timeout=ANSWER_SECONDS)
        return bool(message["type"] == "websocket.accept")

    async def disconnect(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1001})
        await self.wait(timeout=ANSWER_SECONDS)

    async def send_text(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        await self.send_input({"type": "websocket.receive", "bytes": data})

    async def tell(self, **frame: Any) -> None:
        await self.send_text(json.dumps(frame))

    async def hear(self) -> dict[str, Any]:
        message = await self.receive_output(timeout=ANSWER_SECONDS)
        assert message["type"] == "websocket.send", message
        frame: dict[str, Any] = json.loads(message["text"])
        return frame

    async def hear_close(self) -> int:
        message = await self.receive_output(timeout=ANSWER_SECONDS)
        assert message["type"] == "websocket.close", message
        return int(message.get("code", 1000))

    async def report(self, **fields: Any) -> dict[str, Any]:
        """Sends one event and returns the server's answer."""
        await self.tell(**build_event(**fields))
        return await self.hear()


def hasten(monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
    """Has the watcher look at its pages often, and each after so many `seconds` (`watching.py`)."""
    for name, value in {"TICK_SECONDS": 0.02, **seconds}.items():
        monkeypatch.setattr(watching, name, value)


def build_event(**fields: Any) -> dict[str, Any]:
    return {
        "type": "event",
        "id": str(uuid.uuid4()),
        "seq": 1,
        "state": "ready",
        "sdk_event": "registered",
        "code": None,
        "original_code": None,
        "message": "",
        "at": "2026-11-23T10:42:00.123Z",
        **fields,
    }


def build_error(code: int, original_code: int | None = None, **fields: Any) -> dict[str, Any]:
    return build_event(
        **{"state": "error", "sdk_event": "error", "code": code, "original_code": original_code, **fields}
    )


def build_socket(
    client: Client | None,
    *,
    origin: str | None = ORIGIN,
    host: str = "testserver",
    query: str = "",
    user_agent: str = "Chromium in a test",
    language: str = "",
) -> DeviceSocket:
    headers = [(b"host", host.encode()), (b"user-agent", user_agent.encode())]
    if language:
        headers.append((b"accept-language", language.encode()))
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    if client is not None:
        cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        headers.append((b"cookie", cookie.encode()))
    scope = {
        "type": "websocket",
        "path": "/ws/device/",
        "query_string": query.encode(),
        "headers": headers,
        "subprotocols": [],
        "client": ("192.0.2.7", 40000),
    }
    return DeviceSocket(application, scope)


@asynccontextmanager
async def open_socket(user: User, page_session: uuid.UUID | None = None) -> AsyncIterator[DeviceSocket]:
    client = await database_sync_to_async(signed_in)(user)
    socket = build_socket(client, query=f"page_session={page_session}" if page_session else "")
    assert await socket.connect()
    yield socket
    await socket.disconnect()
