"""An agent at a Device: its frames as they come, and the sound of the call it has."""

import asyncio
import time
from typing import Any

from aiohttp import ClientSession

from bench.calls.listening import PATIENCE
from bench.stage import BenchFailed
from tests.fake.browser_peer import Peer
from tests.fake.device import Device


class Handset:
    def __init__(self, device: Device, hertz: int) -> None:
        self.device = device
        self.hertz = hertz
        self.peer = Peer(hertz)
        self.frames: asyncio.Queue[tuple[float, str, dict[str, Any]]] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None
        self.calls = 0

    @classmethod
    async def open(cls, session: ClientSession, gateway: str, token: str, hertz: int) -> "Handset":
        """A Device that is ready."""
        handset = cls(Device(await session.ws_connect(f"{gateway}/signal")), hertz)
        await handset.device.register(token)
        handset.task = asyncio.create_task(handset._read())
        return handset

    async def _read(self) -> None:
        while True:
            try:
                kind, payload = await self.device.next()
            except TimeoutError:
                continue
            self.frames.put_nowait((time.monotonic(), kind, payload))
            if not kind:
                return

    async def next(self, wanted: str) -> tuple[float, dict[str, Any]]:
        """When the next frame of a kind came, and its payload; others are passed over."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                frame = self.frames.get()
                at, kind, payload = await asyncio.wait_for(frame, deadline - time.monotonic())
            except TimeoutError as error:
                ended = self.task is not None and self.task.done()
                raise BenchFailed(f"no {wanted} came{'; the Device was closed' * ended}") from error
            if kind == wanted:
                return at, payload
            if not kind or kind == "hangup":
                raise BenchFailed(f"{kind or 'the end'} came in place of {wanted}: {payload}")

    async def dial(self, to: str) -> float:
        """Presses Call: when."""
        self.calls += 1
        sdp = await self.peer.offer()
        params = {"params": f"To={to.replace('+', '%2B')}"}
        pressed = time.monotonic()
        await self.device.send("invite", callsid=f"TJSbench{self.calls}", sdp=sdp, twilio=params)
        return pressed

    async def talk(self) -> None:
        """Once whom it dials has answered."""
        _, payload = await self.next("answer")
        await self.peer.accept(payload["sdp"])

    async def answer(self) -> tuple[float, float, str]:
        """Takes the call that rings next: when it rang, when it was taken, and its Call SID."""
        rang, payload = await self.next("invite")
        sdp = await self.peer.answer(payload["sdp"])
        taken = time.monotonic()
        await self.device.send("answer", callsid=payload["callsid"], sdp=sdp)
        return rang, taken, str(payload["callsid"])

    async def renew(self) -> None:
        """For the next call."""
        await self.peer.close()
        self.peer = Peer(self.hertz)
        while not self.frames.empty():
            self.frames.get_nowait()

    async def close(self) -> None:
        if self.task is not None:
            self.task.cancel()
        await self.peer.close()
        await self.device.close()
