"""People on the telephone network, all made up: how each takes a call, and what they do with it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fake_twilio.ends import BaseEnd, Echo
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
STRANGER_HERTZ = 440
KEY_SECONDS = 0.3
PAUSE_SECONDS = 0.5


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
