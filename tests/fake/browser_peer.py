"""A Device with sound: aiortc in the browser's place, saying a tone and measuring what it hears."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from av import AudioResampler

from fake_twilio.media import Speaker
from fake_twilio.sounds import SAMPLE_RATE, build_endless_tone, get_energy
from tests.fake.device import PATIENCE, Device

AUDIBLE = 0.001


class Peer:
    """The browser's half of one call. It says a tone of `hertz` and keeps what it heard, at 8 kHz."""

    def __init__(self, hertz: int = 600) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.speaker = Speaker()
        self.speaker.sound = build_endless_tone(hertz)
        self.connection.addTrack(self.speaker)
        self.connection.on("track", self._listen)
        self.heard: list[tuple[float, bytes]] = []
        self.task: asyncio.Task[None] | None = None

    async def offer(self) -> str:
        """Without candidates, as the SDK sends it."""
        await self.connection.setLocalDescription()
        return without_candidates(self.connection.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def answer(self, offer: str) -> str:
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.connection.setLocalDescription()
        return without_candidates(self.connection.localDescription.sdp)

    def _listen(self, track: MediaStreamTrack) -> None:
        self.task = asyncio.create_task(self._hear(track))

    async def _hear(self, track: MediaStreamTrack) -> None:
        resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        while True:
            for part in resampler.resample(await track.recv()):
                self.heard.append((time.monotonic(), bytes(part.planes[0])[: part.samples * 2]))

    async def wait_until_it_hears(self, wanted: Callable[[bytes], bool]) -> None:
        """Until the last 100 ms satisfy `wanted`."""
        async with asyncio.timeout(PATIENCE):
            while not (len(self.heard) > 5 and wanted(b"".join(pcm for _, pcm in self.heard[-5:]))):
                await asyncio.sleep(0.02)

    async def wait_for_sound(self) -> None:
        await self.wait_until_it_hears(lambda pcm: get_energy(pcm) > AUDIBLE)

    async def wait_for_silence(self) -> None:
        await self.wait_until_it_hears(lambda pcm: get_energy(pcm) < AUDIBLE / 10)

    async def close(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
        await self.connection.close()


def without_candidates(sdp: str) -> str:
    lines = sdp.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(("a=candidate", "a=end-of-candidates")))


async def call_out(device: Device, peer: Peer, params: str = "", name: str = "TJSpeer") -> dict[str, Any]:
    """Invites and waits for the answer, which it accepts; the answer's payload."""
    await device.send("invite", callsid=name, sdp=await peer.offer(), twilio={"params": params})
    kind, payload = await device.next()
    if kind == "ringing":
        kind, payload = await device.next()
    if kind == "answer":
        await peer.accept(payload["sdp"])
    return {"type": kind, **payload}
