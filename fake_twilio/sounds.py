"""Sounds as everything inside the fake exchanges them: 16-bit mono PCM, 8000 samples a second.

Who listens reads, 20 ms at a time; whoever has nothing to say gives silence. So a tone, a browser
at the far end and a conference of five are all the same to the listener.
"""

import array
import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

SAMPLE_RATE = 8000
FRAME_SECONDS = 0.02
FRAME_SAMPLES = 160
FRAME_BYTES = 320
SILENCE = bytes(FRAME_BYTES)
MAX_SAMPLE = 32767


class Sound(Protocol):
    def read(self) -> bytes:
        """The next 20 ms: `FRAME_BYTES` bytes."""

    def close(self) -> None:
        """Nobody listens any more."""


class Clip:
    """Something that ends, or, when it loops, does not."""

    def __init__(self, pcm: bytes, *, loops: bool = False) -> None:
        self.pcm = pcm
        self.loops = loops
        self.position = 0

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / SAMPLE_RATE

    def read(self) -> bytes:
        if self.loops and self.position >= len(self.pcm):
            self.position = 0
        frame = self.pcm[self.position : self.position + FRAME_BYTES]
        self.position += FRAME_BYTES
        return frame.ljust(FRAME_BYTES, b"\0")

    def close(self) -> None:
        self.position = 0


class Pipe:
    """What somebody says, on its way to one listener: a small buffer that evens out the network."""

    PREFILL_BYTES = 2 * FRAME_BYTES
    MAX_BYTES = 10 * FRAME_BYTES

    def __init__(self, listeners: "set[Pipe]") -> None:
        self.listeners = listeners
        self.listeners.add(self)
        self.buffer = bytearray()
        self.flows = False

    def write(self, pcm: bytes) -> None:
        self.buffer += pcm
        if len(self.buffer) > self.MAX_BYTES:
            del self.buffer[: len(self.buffer) - self.PREFILL_BYTES]

    def read(self) -> bytes:
        self.flows = len(self.buffer) >= (FRAME_BYTES if self.flows else self.PREFILL_BYTES)
        if not self.flows:
            return SILENCE
        frame = bytes(self.buffer[:FRAME_BYTES])
        del self.buffer[:FRAME_BYTES]
        return frame

    def close(self) -> None:
        self.listeners.discard(self)


class Mix:
    """Several people at once."""

    def __init__(self, sounds: Iterable[Sound]) -> None:
        self.sounds = list(sounds)

    def read(self) -> bytes:
        frames = [array.array("h", sound.read()) for sound in self.sounds]
        mixed = (max(-MAX_SAMPLE, min(MAX_SAMPLE, sum(samples))) for samples in zip(*frames, strict=True))
        return array.array("h", mixed).tobytes() if frames else SILENCE

    def close(self) -> None:
        for sound in self.sounds:
            sound.close()


def build_tone(hertz: int = 440, *, seconds: float = 1.0, level: float = 0.3) -> Clip:
    """A sine; one second of a whole number of hertz loops without a click."""
    return Clip(sample_tone(hertz, seconds, level))


# Made while calls are connected, which must not wait for it.
@lru_cache(maxsize=64)
def sample_tone(hertz: int, seconds: float, level: float) -> bytes:
    count = int(SAMPLE_RATE * seconds)
    samples = (
        int(level * MAX_SAMPLE * math.sin(2 * math.pi * hertz * n / SAMPLE_RATE)) for n in range(count)
    )
    return array.array("h", samples).tobytes()


def build_endless_tone(hertz: int = 440) -> Clip:
    tone = build_tone(hertz)
    tone.loops = True
    return tone


def build_murmur(text: str) -> Clip:
    """Speech without a voice: one note for each word, as long as the word."""
    pcm = b""
    for position, word in enumerate(text.split()):
        pcm += build_tone(180 + 40 * (position % 4), seconds=0.05 + 0.02 * min(len(word), 12)).pcm
        pcm += bytes(FRAME_BYTES * 2)
    return Clip(pcm)


def get_energy(pcm: bytes) -> float:
    """The mean square of the samples, from 0 for silence to 1."""
    samples = array.array("h", pcm)
    return sum((sample / MAX_SAMPLE) ** 2 for sample in samples) / max(1, len(samples))
