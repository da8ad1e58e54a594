"""What can be at the end of a call: another call, and what that shares with `people.py`.

A browser is in `device_end.py`. All have the few methods of `parts.End`.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from fake_twilio.parts import Call, Outcome
from fake_twilio.sounds import SILENCE, Sound

LATEST_FRAMES = 10


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
