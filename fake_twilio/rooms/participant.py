"""One call's place in a room."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from fake_twilio.calls import CallInterrupted, LivingCall
from fake_twilio.prompts import PromptRun
from fake_twilio.rooms.room_sound import RoomSound
from fake_twilio.sounds import Clip, Sound, build_endless_tone
from fake_twilio.store import now
from fake_twilio.webhooks import Hook

MUSIC_HERTZ = 262
# Twilio's own music, where nobody names an address; None stands for silence.
MUSIC = Hook("")

ReasonLeft = Literal[
    "participant_hung_up",
    "participant_updated_via_api",
    "participant_add_failed",
    "moderator_ended_conference",
    "conference_ended_via_api",
]


class Insert(Clip):
    """A beep or an announcement, which goes on where it was when the room is mixed anew."""

    def __init__(self, pcm: bytes) -> None:
        super().__init__(pcm)
        self.ends_at = time.monotonic() + self.seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.ends_at

    def close(self) -> None:
        """Another mix takes it over."""


class Background:
    """Music that one participant hears in place of the room, until it is stopped."""

    def __init__(
        self, call: LivingCall, hook: Hook, params: Mapping[str, str], on_failure: Callable[[], None]
    ) -> None:
        self.call = call
        self.hook = hook
        self.params = params
        self.on_failure = on_failure
        self.is_on = True
        self.task = None if hook is MUSIC else call.switchboard.spawn(self._play())
        if self.task is None:
            call.end.hear(build_endless_tone(MUSIC_HERTZ))

    def hear(self, sound: Sound | None) -> None:
        if self.is_on:
            self.call.end.hear(sound)

    def stop(self) -> None:
        self.is_on = False
        if self.task is not None:
            self.task.cancel()

    async def _play(self) -> None:
        self.hear(None)
        run = PromptRun(self.call, self.hear, params=lambda: self.params)
        try:
            is_good = await run.play_all(self.hook, loops_files=True)
        except CallInterrupted:
            return
        if not is_good and self.is_on:
            self.on_failure()


@dataclass(eq=False)
class Participant:
    """`is_in` once it can be heard; until then its phone is called, and it is only listed."""

    call: LivingCall
    label: str = ""
    is_muted: bool = False
    is_held: bool = False
    starts_room: bool = True
    ends_room: bool = False
    beeps_on_enter: bool = True
    beeps_on_exit: bool = True
    # The only one who hears this participant, by CallSid; "" for everybody.
    coached: str = ""
    # What is heard before the room starts, and on hold.
    wait: Hook | None = MUSIC
    hold: Hook | None = MUSIC
    has_early_media: bool = False
    is_in: bool = False
    is_kicked: bool = False
    reason_left: ReasonLeft = "participant_hung_up"
    background: Background | None = None
    # What it hears while it hears the room.
    room_sound: RoomSound | None = None
    inserts: list[Insert] = field(default_factory=list)
    # Set when it has to leave, whoever decided so.
    out: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)

    @property
    def sid(self) -> str:
        return self.call.record.sid

    @property
    def status(self) -> str:
        """In the words of the Participant resource."""
        if self.call.record.status in ("queued", "ringing"):
            return self.call.record.status
        return "connected" if self.is_in else "connecting"

    def set_beep(self, beep: str) -> None:
        """By a word of `beep`: true, false, onEnter, onExit."""
        self.beeps_on_enter = beep in ("true", "onEnter")
        self.beeps_on_exit = beep in ("true", "onExit")

    def send_out(self, reason: ReasonLeft, *, is_kicked: bool = False) -> None:
        self.reason_left, self.is_kicked = reason, is_kicked
        self.out.set()
