"""The signalling that Twilio's browser SDK speaks: JSON frames over the WebSocket at `/signal`.

Undocumented by Twilio; read from `@twilio/voice-sdk` 2.18.5 (`lib/twilio/pstream.ts`) and compared
with public logs of the real gateway. A frame is `{"type", "version", "payload"}`; a heartbeat is a
frame that is exactly a newline, from the gateway, which the SDK returns.
"""

import asyncio
import contextlib
import json
import time
from typing import Any

from aiohttp import WSMsgType, web

from fake_twilio.app_keys import STORE
from fake_twilio.device_calls import HANDLERS, lose_socket
from fake_twilio.gateway import GATEWAY, REFUSALS, RETRY_AFTER_SECONDS
from fake_twilio.parts import BrowserEnd, RingingBrowser
from fake_twilio.tokens import MESSAGES, Bearer, TokenRefused, verify_token

MAX_FRAME_BYTES = 256 * 1024
MAX_GRACE_SECONDS = 30
# What `connected` says of each region: the gateway's long name, and the edge.
REGION_NAMES = {
    "us1": ("US_EAST_VIRGINIA", "ashburn"),
    "ie1": ("EU_IRELAND", "dublin"),
    "au1": ("AU_SYDNEY", "sydney"),
}


class DeviceSocket:
    """One connected Device: who it is, once `listen` told, and whether it rings."""

    def __init__(self, request: web.Request, connection: web.WebSocketResponse) -> None:
        self.app = request.app
        self.request = request
        self.connection = connection
        self.gateway = request.app[GATEWAY]
        self.bearer: Bearer | None = None
        self.token: object = None
        self.is_registered = False
        self.is_expired = False
        self.is_silent = self.gateway.fault == "gateway silent"
        self.grace_seconds = 0
        # The calls of this browser, by the names that it knows them by, and those that ring here.
        self.ends: dict[str, BrowserEnd] = {}
        self.ringing: dict[str, RingingBrowser] = {}
        self.opened_at = time.monotonic()
        self._watch: asyncio.Task[None] | None = None

    @property
    def rings(self) -> bool:
        return self.is_registered and self.bearer is not None and self.bearer.may_receive

    @property
    def fault(self) -> str:
        return self.gateway.fault_of(self.bearer.account_sid if self.bearer else None)

    async def send(self, kind: str, **payload: Any) -> None:
        """Sends one frame; a Device that is gone misses it, as it would anywhere."""
        await self.send_text(json.dumps({"type": kind, "version": "", "payload": payload}))

    async def send_text(self, text: str) -> None:
        with contextlib.suppress(ConnectionError):
            await self.connection.send_str(text)

    async def send_error(self, code: int, message: str, **payload: Any) -> None:
        error: dict[str, Any] = {"code": code, "message": message}
        if code in RETRY_AFTER_SECONDS:
            error["retryAfter"] = RETRY_AFTER_SECONDS[code]
        await self.send("error", error=error, **payload)

    async def refuse(self, code: int, message: str) -> None:
        """`error`, then `close`: the only way that leaves the SDK neither stuck nor redialling."""
        self.is_registered = False
        await self.send_error(code, message)
        await self.send("close")
        await self.connection.close()

    def abort(self) -> None:
        """Cuts the TCP connection; the browser sees 1006."""
        self.is_registered = False
        if self.request.transport is not None:
            self.request.transport.abort()

    async def run(self) -> None:
        """Until the Device or the gateway ends the connection."""
        self.gateway.sockets.add(self)
        self.watch()
        try:
            async for frame in self.connection:
                if frame.type is WSMsgType.TEXT and frame.data != "\n":
                    await self.take(frame.data)
        finally:
            self.gateway.sockets.discard(self)
            lose_socket(self)
            await self.stop_watching()

    async def take(self, text: str) -> None:
        """One frame of the Device's."""
        try:
            frame = json.loads(text)
            kind, payload = frame["type"], frame.get("payload") or {}
        except (ValueError, TypeError, KeyError, AttributeError):
            await self.send_error(31100, "Malformed request")
            return
        if not isinstance(payload, dict):
            await self.send_error(31100, "Malformed request")
        elif kind == "listen":
            await self.listen(payload)
        elif self.is_silent or self.fault == "gateway silent":
            return
        elif self.bearer is None:
            await self.send_error(31204, MESSAGES[31204])
        elif kind == "register":
            await self.register(payload)
        elif kind in HANDLERS:
            await HANDLERS[kind](self, payload)

    async def listen(self, payload: dict[str, Any]) -> None:
        """Who the Device is; sent first on every connection, and again with a renewed token."""
        await asyncio.sleep(self.gateway.round_trip)
        try:
            bearer = verify_token(self.app[STORE], payload.get("token"), time.time())
        except TokenRefused as refusal:
            if not await self.suffer(self.gateway.fault):
                await self.refuse(refusal.code, refusal.message)
            return
        if await self.suffer(self.gateway.fault_of(bearer.account_sid)):
            return
        if self.bearer and self.bearer.identity != bearer.identity:
            self.is_registered = False
        self.bearer, self.token = bearer, payload["token"]
        grace = payload.get("reconnectTimeout")
        self.grace_seconds = min(grace, MAX_GRACE_SECONDS) if isinstance(grace, int) else 0
        self.watch()
        await self.send("connected", **build_connected(bearer))

    async def suffer(self, fault: str) -> bool:
        """Answers `listen` as `fault` has it; False for a fault that lets it through."""
        self.is_silent = fault == "gateway silent"
        if fault in REFUSALS:
            await self.refuse(REFUSALS[fault], MESSAGES[REFUSALS[fault]])
        elif fault == "gateway drop":
            self.abort()
        return self.is_silent or fault in REFUSALS or fault == "gateway drop"

    async def register(self, payload: dict[str, Any]) -> None:
        media = payload.get("media")
        wants = isinstance(media, dict) and media.get("audio") is True
        self.is_registered = wants and self.fault != "gateway never ready"
        if self.is_registered:
            await self.send("ready")
        elif not wants:
            await self.send("offline")

    def watch(self) -> None:
        """Begins the heartbeats, and the wait for the token's end, anew."""
        if self._watch is not None:
            self._watch.cancel()
        self._watch = asyncio.create_task(self._beat_until_expiry())

    async def stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch

    async def _beat_until_expiry(self) -> None:
        while True:
            left = self.bearer.expires_at - time.time() if self.bearer else self.gateway.heartbeat
            if left <= 0:
                self.is_expired = True
                await self.refuse(31205, MESSAGES[31205])
                return
            await asyncio.sleep(min(left, self.gateway.heartbeat))
            if not self.is_silent and self.fault not in ("gateway silent", "gateway no heartbeat"):
                await self.send_text("\n")


def build_connected(bearer: Bearer) -> dict[str, Any]:
    region, edge = REGION_NAMES[bearer.region]
    ttl = max(0, int(bearer.expires_at - time.time()))
    return {
        "region": region,
        "edge": edge,
        "home": bearer.region,
        "gateway": "fake-twilio",
        "token": {"identity": bearer.identity, "ttl": ttl},
    }


async def signal(request: web.Request) -> web.WebSocketResponse:
    await asyncio.sleep(request.app[GATEWAY].round_trip)
    connection = web.WebSocketResponse(max_msg_size=MAX_FRAME_BYTES)
    await connection.prepare(request)
    await DeviceSocket(request, connection).run()
    return connection


async def close_sockets(app: web.Application) -> None:
    for socket in list(app[GATEWAY].sockets):
        await socket.connection.close(code=1001)


def add_routes(app: web.Application) -> None:
    app.on_shutdown.append(close_sockets)
    app.router.add_get("/signal", signal)
