"""Carries a browser's audio with aiortc: what it hears, and what it says.

The SDK's descriptions hold no ICE candidates and it never sends any later; ours hold the gateway's,
the browser checks them, and its address is learnt from the checks. telephone-event is never
offered, so digits arrive as signalling messages.
"""

import asyncio
import fractions
import time
from collections.abc import Callable

import aioice.ice
from aiortc import (
    AudioStreamTrack,
    InvalidAccessError,
    InvalidStateError,
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.exceptions import OperationError
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

from fake_twilio.line import Line, spoil
from fake_twilio.sounds import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE, SILENCE, Pipe, Sound

LOOPBACK = "127.0.0.1"
# What aiortc raises for a description that is none, or that does not fit.
DESCRIPTION_ERRORS = (
    *(InvalidAccessError, InvalidStateError, OperationError, ValueError, KeyError, IndexError),
    *(AttributeError, TypeError, AssertionError),
)

_get_other_addresses = aioice.ice.get_host_addresses


def get_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """This machine's IPv4 addresses, the loopback first: the demo and its browser are on one machine.

    aioice leaves loopback out, as ICE agents on a real network should, and has no option for it.
    """
    return [LOOPBACK, *_get_other_addresses(use_ipv4, False)]


aioice.ice.get_host_addresses = get_addresses


class DescriptionRefused(Exception):
    """The browser's SDP cannot be used."""


class Speaker(AudioStreamTrack):
    """Reads `sound` at the pace of a telephone, 20 ms at a time, and silence where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.sound: Sound | None = None
        self.started_at = 0.0
        self.frames = 0

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        if not self.frames:
            self.started_at = time.monotonic()
        ahead = self.started_at + self.frames * FRAME_SECONDS - time.monotonic()
        if ahead > 0:
            await asyncio.sleep(ahead)
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(self.sound.read() if self.sound else SILENCE)
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        frame.pts = self.frames * FRAME_SAMPLES
        self.frames += 1
        return frame


class BrowserMedia:
    """One peer connection to a browser. `on_lost` is called when its audio path has died."""

    def __init__(self, on_lost: Callable[[], None], line: Line) -> None:
        self.line = line
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.speaker = Speaker()
        self.connection.addTrack(self.speaker)
        self.listeners: set[Pipe] = set()
        self.listening: asyncio.Task[None] | None = None
        self.on_lost = on_lost
        self.connection.on("track", self._listen)
        self.connection.on("connectionstatechange", self._notice)

    async def answer(self, offer: str) -> str:
        """Our description for the browser's; also for a later offer on the same connection."""
        try:
            await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            self._follow_restart()
            await self.connection.setLocalDescription()
        except DESCRIPTION_ERRORS as error:
            raise DescriptionRefused("not a usable offer") from error
        return str(self.connection.localDescription.sdp)

    async def offer(self) -> str:
        await self.connection.setLocalDescription()
        return str(self.connection.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        """The browser's description for ours."""
        try:
            await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        except DESCRIPTION_ERRORS as error:
            raise DescriptionRefused("not a usable answer") from error

    def hear(self, sound: Sound | None) -> None:
        if self.speaker.sound is not None:
            self.speaker.sound.close()
        self.speaker.sound = sound

    def speech(self) -> Pipe:
        """What the browser says from now on, for one listener."""
        return Pipe(self.listeners)

    async def close(self) -> None:
        self.hear(None)
        self.connection.remove_all_listeners()
        await self.connection.close()
        if self.listening is not None:
            self.listening.cancel()
            await asyncio.wait([self.listening])

    def _follow_restart(self) -> None:
        """After an ICE restart our consent checks must carry the browser's new credentials."""
        for transceiver in self.connection.getTransceivers():
            remote = self.connection.remoteDescription.sdp
            ice = transceiver.receiver.transport.transport._connection
            for line in remote.splitlines():
                name, _, value = line.partition(":")
                if name == "a=ice-ufrag":
                    ice.remote_username = value.strip()
                elif name == "a=ice-pwd":
                    ice.remote_password = value.strip()

    def _listen(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio" and self.listening is None:
            self.listening = asyncio.create_task(self._pass_on(track))

    async def _pass_on(self, track: MediaStreamTrack) -> None:
        resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            for part in resampler.resample(frame):
                pcm = bytes(part.planes[0])[: part.samples * 2]
                for pipe in tuple(self.listeners):
                    pipe.write(pcm)

    def _notice(self) -> None:
        if self.connection.connectionState == "connected":
            # Not before: which transport it is may change with the browser's description.
            for sender in self.connection.getSenders():
                spoil(sender.transport, self.line)
        if self.connection.connectionState in ("failed", "closed"):
            self.on_lost()
