"""Recordings, in the making and kept.

https://www.twilio.com/docs/voice/api/recording. What is spoken on a leg and what its other side says is
recorded, prompts and music are not. A recording that comes to less than half a second is too short and
one without a sound in it is silent: both are `absent` (16101, 16102).
"""

import asyncio
import io
import wave
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Literal

from aiohttp import web

from fake_twilio.alerts import add_alert
from fake_twilio.calls import CallSwitchboard
from fake_twilio.sounds import FRAME_BYTES, SAMPLE_RATE, get_energy
from fake_twilio.store import Account, make_sid, now
from fake_twilio.twiml import Verb
from fake_twilio.webhooks import Hook, WebhookFailed

AUDIBLE = 1e-5
SHORTEST_SECONDS = 0.5
TOO_SHORT, SILENT = 16101, 16102
HOST = "https://api.twilio.com"

Status = Literal["in-progress", "paused", "stopped", "processing", "completed", "absent", "deleted"]


@dataclass(frozen=True)
class RecordingWish:
    """How a recording is asked for, whatever asks for it."""

    source: str
    channels: int = 1
    track: str = "both"
    trims: bool = True
    hook: Hook | None = None
    events: frozenset[str] = frozenset({"completed"})

    @classmethod
    def of_verb(cls, verb: Verb, hook: Hook | None, source: str, channels: int = 1) -> "RecordingWish":
        """By the attributes of <Record>, <Dial> or <Conference>; `hook` is its recordingStatusCallback."""
        events = frozenset(verb.get("recordingStatusCallbackEvent", "completed").split())
        trims = verb.get("trim", "trim-silence") == "trim-silence"
        return cls(source, channels, trims=trims, hook=hook, events=events)

    @classmethod
    def of_params(cls, params: Mapping[str, Any], prefix: str, source: str) -> "RecordingWish":
        """By parameters of a REST request that begin with `prefix`."""
        url = params.get(f"{prefix}StatusCallback")
        return cls(
            source,
            2 if params.get("RecordingChannels") == "dual" else 1,
            str(params.get("RecordingTrack") or "both"),
            params.get("Trim", "do-not-trim") == "trim-silence",
            Hook(url, params.get(f"{prefix}StatusCallbackMethod", "POST")) if url else None,
            frozenset(" ".join(params.get(f"{prefix}StatusCallbackEvent", ["completed"])).split()),
        )


@dataclass(eq=False)
class Recording:
    account: Account
    call_sid: str
    wish: RecordingWish
    conference_sid: str | None = None
    sid: str = field(default_factory=lambda: make_sid("RE"))
    status: Status = "in-progress"
    error_code: int | None = None
    # While paused: whether silence takes the place of what is said.
    keeps_time: bool = False
    pcm: list[bytearray] = field(default_factory=list)
    started_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    is_asked_to_stop: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.pcm = [bytearray() for _ in range(self.wish.channels)]

    @property
    def created_at(self) -> datetime:
        return self.started_at

    @property
    def is_live(self) -> bool:
        return self.status in ("in-progress", "paused")

    @property
    def length(self) -> float:
        return len(self.pcm[0]) / 2 / SAMPLE_RATE

    @property
    def seconds(self) -> int:
        return round(self.length)

    @property
    def url(self) -> str:
        return f"{HOST}/2010-04-01/Accounts/{self.account.sid}/Recordings/{self.sid}"

    def add(self, frames: list[bytes]) -> None:
        """20 ms of each channel."""
        for channel, frame in zip(self.pcm, frames, strict=True):
            channel += frame

    def trim(self) -> None:
        """Takes the silence off both ends."""
        count = len(self.pcm[0]) // FRAME_BYTES
        loud = [place for place in range(count) if any(self._is_loud(one, place) for one in self.pcm)]
        first, last = (loud[0], loud[-1] + 1) if loud else (0, 0)
        self.pcm = [one[first * FRAME_BYTES : last * FRAME_BYTES] for one in self.pcm]

    def _is_loud(self, channel: bytearray, place: int) -> bool:
        frame = bytes(channel[place * FRAME_BYTES : (place + 1) * FRAME_BYTES])
        return get_energy(frame) > AUDIBLE

    def conclude(self) -> None:
        """What has been recorded is all there is: completed, or absent with the reason."""
        was_silent = not any(get_energy(bytes(one)) > AUDIBLE / 100 for one in self.pcm)
        was_long = self.length >= SHORTEST_SECONDS
        if self.wish.trims:
            self.trim()
        if self.length < SHORTEST_SECONDS:
            self.status = "absent"
            self.error_code = SILENT if was_silent and was_long else TOO_SHORT
        else:
            self.status = "completed"
        self.updated_at = now()
        self.done.set()

    def as_wav(self) -> bytes:
        """The channels side by side: the leg that was recorded, then its other side."""
        samples = bytearray(len(self.pcm[0]) * len(self.pcm))
        for place, channel in enumerate(self.pcm):
            for byte in (0, 1):
                samples[2 * place + byte :: 2 * len(self.pcm)] = channel[byte::2]
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(len(self.pcm))
            writer.setsampwidth(2)
            writer.setframerate(SAMPLE_RATE)
            writer.writeframes(bytes(samples))
        return file.getvalue()

    def params(self) -> dict[str, str]:
        """The fields of a recordingStatusCallback."""
        fields = {
            "AccountSid": self.account.sid,
            "CallSid": self.call_sid,
            "RecordingSid": self.sid,
            "RecordingUrl": self.url,
            "RecordingStatus": self.status,
            "RecordingChannels": str(len(self.pcm)),
            "RecordingSource": self.wish.source,
            "RecordingTrack": self.wish.track,
            "RecordingStartTime": format_datetime(self.started_at),
            "ErrorCode": str(self.error_code or 0),
        }
        if self.status in ("completed", "absent"):
            fields["RecordingDuration"] = str(self.seconds)
        if self.conference_sid:
            fields["ConferenceSid"] = self.conference_sid
        return fields


RECORDINGS: web.AppKey[dict[str, Recording]] = web.AppKey("recordings", dict)


def begin(switchboard: CallSwitchboard, recording: Recording) -> Recording:
    """Keeps it among the account's, and tells that it is in progress."""
    switchboard.app[RECORDINGS][recording.sid] = recording
    tell(switchboard, recording)
    return recording


def conclude(switchboard: CallSwitchboard, recording: Recording) -> None:
    recording.conclude()
    tell(switchboard, recording)


def tell(switchboard: CallSwitchboard, recording: Recording) -> None:
    hook = recording.wish.hook
    if hook is not None and recording.status in recording.wish.events:
        switchboard.spawn(send(switchboard, recording.account, hook, recording.params()))


async def send(switchboard: CallSwitchboard, account: Account, hook: Hook, params: Mapping[str, str]) -> None:
    """A request whose answer does not matter; a failure is an alert."""
    try:
        await switchboard.webhooks.fetch(account, hook, params)
    except WebhookFailed as failure:
        add_alert(account, code=failure.code, text=failure.message, call_sid=params["CallSid"], url=hook.url)
