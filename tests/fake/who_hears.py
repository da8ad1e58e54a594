"""Who hears which tone: measured on what reaches the end of a call."""

import array
import asyncio
import math
from collections.abc import Callable
from functools import lru_cache
from operator import mul

from fake_twilio.calls import LivingCall
from fake_twilio.sounds import MAX_SAMPLE, SAMPLE_RATE, SILENCE
from tests.fake.device import PATIENCE

FRAMES = 10
# The share of a tone in what is heard, from which on it is heard.
AUDIBLE = 0.02


def measure(pcm: bytes, hertz: int) -> float:
    """The amplitude of one tone, from 0 to 1."""
    samples = array.array("h", pcm)
    cosines, sines = build_waves(hertz, len(samples))
    real, imaginary = sum(map(mul, samples, cosines)), sum(map(mul, samples, sines))
    return 2 * math.hypot(real, imaginary) / len(samples) / MAX_SAMPLE


@lru_cache(maxsize=200)
def build_waves(hertz: int, count: int) -> tuple[list[float], list[float]]:
    """Kept, because sound is measured in the loop that has to send the next of it in time."""
    turns = [2 * math.pi * hertz * place / SAMPLE_RATE for place in range(count)]
    return [math.cos(turn) for turn in turns], [math.sin(turn) for turn in turns]


def listen(call: LivingCall) -> bytes:
    """The next 200 ms at the end of a call."""
    heard = call.end.heard  # type: ignore[attr-defined]
    return b"".join(heard.read() if heard else SILENCE for _ in range(FRAMES))


def hears(call: LivingCall, *wanted: int, of: tuple[int, ...]) -> bool:
    """Whether of the tones `of` it hears those that are `wanted`, and no other."""
    pcm = listen(call)
    return {hertz for hertz in of if measure(pcm, hertz) > AUDIBLE} == set(wanted)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)
