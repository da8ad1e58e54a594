"""What can be at the end of a call: somebody on the telephone network, or another call.

A browser is in `device_end.py`. All have the few methods of `parts.End`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fake_twilio.parts import Call, Outcome
from fake_twilio.sounds import (
    FRAME_BYTES,
    FRAME_SECONDS,
    SILENCE,
    Clip,
    Sound,
    build_endless_tone,
    build_murmur,
    build_tone,
)

Behaviour = Literal["tone", "echo", "silence", "machine"]
RING_SECONDS = 0.3
KEY_SECONDS = 0.3
PAUSE_SECONDS = 0.5
LATEST_FRAMES = 10
STRANGER_HERTZ = 440


class Echo:
    """Whatever another one hears at the time, for one of several listeners."""

    def __init__(self, end: "BaseEnd") -> None:
        self.end = end
        self.next = end.frames_heard

    def read(self) -> bytes:
        frame, self.next = self.end.read_heard(self.next)
        return frame

    def close(self) -> None:
        """Nothing to give back: what is heard belongs to the one who hears it."""


class BaseEnd:
    """The parts that ends off the browser share."""

    sip_code = 0
    greeting_seconds: float | None = None

    def __init__(self) -> None:
        self.call: Call | None = None
        self.heard: Sound | None = None
        # How many frames were heard, and the last of them, for listeners who are not as far.
        self.frames_heard = 0
        self.latest: deque[bytes] = deque(maxlen=LATEST_FRAMES)

    def read_heard(self, number: int) -> tuple[bytes, int]:
        """The frame of that number, and the number of the next: the foremost listener hears a new one."""
        if number >= self.frames_heard:
            self.latest.append(self.heard.read() if self.heard else SILENCE)
            self.frames_heard += 1
            number = self.frames_heard - 1
        number = max(number, self.frames_heard - len(self.latest))
        return self.latest[number - self.frames_heard], number + 1

    def join(self, call: Call) -> None:
        self.call = call

    def hear(self, sound: Sound | None) -> None:
        if self.heard is not None:
            self.heard.close()
        self.heard = sound

    async def show_ringing(self) -> None:
        """Nobody looks."""

    def receive_digit(self, digit: str) -> None:
        """Nobody listens for it."""


@dataclass(frozen=True)
class Person:
    """Somebody on the telephone network: how they take a call, and what they do with it."""

    sound: Behaviour = "tone"
    hertz: int = STRANGER_HERTZ
    ring_seconds: float = RING_SECONDS
    # How ringing ends, and the SIP response that says so.
    outcome: Outcome = "answered"
    sip_code: int = 0
    # Seconds from the answer, or from the first ring for whoever gives up before there is one.
    hang_up_after: float | None = None
    give_up_after: float | None = None
    # Keyed once the call is answered; a "w" waits for half a second.
    presses: str = ""


class PhoneEnd(BaseEnd):
    """A made-up person on the telephone network."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        self.person = person
        self.sip_code = person.sip_code
        self.greeting_seconds = build_greeting().seconds if person.sound == "machine" else None
        self.answered_at = 0.0
        self.timers: list[asyncio.TimerHandle] = []

    def join(self, call: Call) -> None:
        super().join(call)
        if self.person.give_up_after is not None:
            self._later(self.person.give_up_after, self._give_up)

    def speech(self) -> Sound:
        match self.person.sound:
            case "tone":
                return build_endless_tone(self.person.hertz)
            case "echo":
                return Echo(self)
            case "machine":
                clip = build_greeting()
                clip.position = int((time.monotonic() - self.answered_at) / FRAME_SECONDS) * FRAME_BYTES
                return clip
            case _:
                return Clip(SILENCE, loops=True)

    async def ring(self) -> Outcome:
        if self.person.outcome == "no-answer" and not self.person.sip_code:
            await asyncio.Event().wait()
        await asyncio.sleep(self.person.ring_seconds)
        if self.person.outcome == "answered":
            self._begin()
        return self.person.outcome

    async def show_answered(self) -> None:
        self._begin()

    async def release(self, error: tuple[int, str] | None) -> None:
        self.hear(None)
        for timer in self.timers:
            timer.cancel()

    def _begin(self) -> None:
        """The call is answered."""
        self.answered_at = time.monotonic()
        if self.call is None:
            return
        if self.person.hang_up_after is not None:
            self._later(self.person.hang_up_after, self.call.hang_up)
        seconds = KEY_SECONDS
        for digit in self.person.presses:
            if digit in "wW":
                seconds += PAUSE_SECONDS * (2 if digit == "W" else 1)
            else:
                self._later(seconds, self.call.press, digit)
                seconds += KEY_SECONDS

    def _give_up(self) -> None:
        if self.call is not None and self.call.record.answered_at is None:
            self.call.hang_up("no-answer")

    def _later(self, seconds: float, do: Callable[..., None], *arguments: str) -> None:
        self.timers.append(asyncio.get_running_loop().call_later(seconds, do, *arguments))


def build_greeting() -> Clip:
    """What an answering machine says, and its beep; silence follows."""
    words = build_murmur("You have reached a machine please leave a message")
    return Clip(words.pcm + build_tone(1000, seconds=0.4).pcm)


class TrunkEnd(BaseEnd):
    """One side of two calls joined back to back: an account's call out is another's call in."""

    def __init__(self, begin: "Callable[[TrunkEnd], None] | None" = None) -> None:
        """`begin` makes the other side's call, with the end that it is given, when this side rings."""
        super().__init__()
        self.begin = begin
        self.other = self if begin is None else TrunkEnd()
        self.other.other = self
        self.answered = asyncio.Event()

    def speech(self) -> Sound:
        return Echo(self.other)

    async def ring(self) -> Outcome:
        """Until the other side's call is answered, or over."""
        if self.begin is not None:
            self.begin(self.other)
        other = self.other.call
        if other is None:
            return "failed"
        answered = asyncio.create_task(self.other.answered.wait())
        over = asyncio.create_task(other.wait_until_over())
        try:
            await asyncio.wait({answered, over}, return_when=asyncio.FIRST_COMPLETED)
            if answered.done():
                return "answered"
            return "busy" if other.record.status == "busy" else "no-answer"
        finally:
            answered.cancel()
            over.cancel()

    async def show_answered(self) -> None:
        self.answered.set()

    def receive_digit(self, digit: str) -> None:
        """Reaches whoever runs the other side's call."""
        if self.other.call is not None:
            self.other.call.press(digit)

    async def release(self, error: tuple[int, str] | None) -> None:
        self.hear(None)
        if self.other.call is not None:
            self.other.call.hang_up()
