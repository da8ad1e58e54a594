"""What reached an ear, frame by frame, and when: voices are tones, and what else sounds is music."""

import array
import asyncio
import math
import time
from bisect import bisect_left
from collections.abc import Callable

from bench.stage import BenchFailed
from fake_twilio.ends import BaseEnd
from fake_twilio.sounds import FRAME_SECONDS, MAX_SAMPLE, SAMPLE_RATE, get_energy

PATIENCE = 10.0
LOOK_SECONDS = 0.004
QUIET = 0.0002
# The share of a frame's energy that a voice has, alone and with one other.
ALONE, WITH_ANOTHER = 0.5, 0.3
Heard = list[tuple[float, bytes]]


class Ear:
    """At the end of a telephone on the network: takes in a frame every 20 ms, as whoever holds it would."""

    def __init__(self, end: object) -> None:
        if not isinstance(end, BaseEnd):
            raise BenchFailed(f"{end} is no telephone")
        self.end = end
        self.heard: Heard = []
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        number, due = self.end.frames_heard, time.monotonic()
        while True:
            frame, number = self.end.read_heard(number)
            self.heard.append((time.monotonic(), frame))
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def close(self) -> None:
        self.task.cancel()


def measure_share(pcm: bytes, hertz: int, energy: float) -> float:
    """The part of a frame's energy that one tone has (Goertzel)."""
    samples = array.array("h", pcm)
    factor = 2 * math.cos(2 * math.pi * hertz / SAMPLE_RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + factor * last - before, last
    power = last * last + before * before - factor * last * before
    amplitude = 2 * math.sqrt(max(0.0, power)) / len(samples) / MAX_SAMPLE
    return amplitude * amplitude / 2 / energy


def says(hertz: int, *, least: float = ALONE) -> Callable[[bytes], bool]:
    """Whether a frame is somebody's voice; with another's in it for a smaller share."""

    def is_voice(pcm: bytes) -> bool:
        energy = get_energy(pcm)
        return energy > QUIET and measure_share(pcm, hertz, energy) > least

    return is_voice


def plays_instead_of(hertz: int) -> Callable[[bytes], bool]:
    """Whether a frame is music, and not that voice."""

    def is_music(pcm: bytes) -> bool:
        energy = get_energy(pcm)
        return energy > QUIET and measure_share(pcm, hertz, energy) < ALONE

    return is_music


async def wait_for(heard: Heard, since: float, is_it: Callable[[bytes], bool]) -> float:
    """When the first such frame came in after `since`. Raises BenchFailed where none does."""
    place = bisect_left(heard, (since, b""))
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        while place < len(heard):
            at, pcm = heard[place]
            place += 1
            if pcm and is_it(pcm):
                return at
        await asyncio.sleep(LOOK_SECONDS)
    raise BenchFailed("what was waited for was never heard")


def find_last(heard: Heard, since: float, until: float, is_it: Callable[[bytes], bool]) -> float:
    """When the last such frame between the two came in; `since` where there was none."""
    found = [at for at, pcm in heard if since <= at < until and is_it(pcm)]
    return max(found, default=since)


def find_gap(heard: Heard, since: float, until: float, is_it: Callable[[bytes], bool]) -> float:
    """The longest time without such a frame between the two, in seconds."""
    found = [since, *(at for at, pcm in heard if since <= at < until and is_it(pcm))]
    pauses = [later - earlier for earlier, later in zip(found, found[1:], strict=False)]
    return max(0.0, max(pauses, default=until - since) - FRAME_SECONDS)
