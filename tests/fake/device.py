"""A Device without a browser: the frames that the SDK would send, one by one."""

import asyncio
import json
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

PATIENCE = 5.0


class Device:
    def __init__(self, connection: ClientWebSocketResponse) -> None:
        self.connection = connection

    async def send(self, kind: str, **payload: Any) -> None:
        await self.connection.send_str(json.dumps({"type": kind, "version": "1.6", "payload": payload}))

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The next frame's type and payload; ("", {}) once the connection has ended."""
        while True:
            frame = await asyncio.wait_for(self.connection.receive(), PATIENCE)
            if frame.type is not WSMsgType.TEXT:
                return "", {}
            if frame.data != "\n":
                message = json.loads(frame.data)
                return message["type"], message["payload"]
            await self.connection.send_str("\n")

    async def expect(self, kind: str) -> dict[str, Any]:
        found, payload = await self.next()
        assert found == kind, (found, payload)
        return payload

    async def listen(self, token: object, **payload: Any) -> None:
        await self.send("listen", token=token, browserinfo={}, **payload)

    async def register(self, token: object, **payload: Any) -> dict[str, Any]:
        """Up to `ready`; what `connected` said."""
        await self.listen(token, **payload)
        connected = await self.expect("connected")
        await self.send("register", media={"audio": True})
        await self.expect("ready")
        return connected

    async def is_silent(self, seconds: float = 0.2) -> bool:
        """Whether nothing comes for a while."""
        try:
            await asyncio.wait_for(self.connection.receive(), seconds)
        except TimeoutError:
            return True
        return False

    async def close(self) -> None:
        await self.connection.close()
