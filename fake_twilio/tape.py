"""Fills recordings while somebody talks: 20 ms at a time, until what is recorded is over."""

import asyncio
from collections.abc import Callable

from fake_twilio.calls import LIVE, CallSwitchboard, LivingCall
from fake_twilio.sounds import FRAME_SECONDS, SILENCE, Mix, Sound
from fake_twilio.takes import Recording, RecordingWish, begin, conclude

# Makes the sound of one channel, or None while there is nobody to record there.
Source = Callable[[], Callable[[], Sound] | None]


class Tap:
    """Reads whoever `source` points at just now."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.made_by: Callable[[], Sound] | None = None
        self.sound: Sound | None = None

    def read(self) -> bytes:
        make = self.source()
        if make != self.made_by:
            self.close()
            self.made_by, self.sound = make, make() if make else None
        return self.sound.read() if self.sound else SILENCE

    def close(self) -> None:
        if self.sound is not None:
            self.sound.close()
        self.made_by = self.sound = None


class Blend:
    """Several taps as one sound: a recording with one channel."""

    def __init__(self, taps: list[Tap]) -> None:
        self.mix = Mix(taps)

    def read(self) -> bytes:
        return self.mix.read()

    def close(self) -> None:
        self.mix.close()


async def fill(recording: Recording, sources: list[Source], is_over: Callable[[], bool]) -> None:
    """Until `is_over`, or the recording is asked to stop."""
    taps = [Tap(source) for source in sources]
    channels: list[Sound] = [*taps] if len(recording.pcm) > 1 else [Blend(taps)]
    loop = asyncio.get_running_loop()
    due = loop.time()
    try:
        while not is_over() and not recording.is_asked_to_stop:
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - loop.time()))
            frames = [channel.read() for channel in channels]
            if recording.status == "in-progress":
                recording.add(frames)
            elif recording.keeps_time:
                recording.add([SILENCE] * len(frames))
    finally:
        for channel in channels:
            channel.close()


def record_call(call: LivingCall, wish: RecordingWish) -> Recording:
    """Records what the leg says and what its other side says, as far as `wish.track` goes."""
    switchboard = call.switchboard
    recording = begin(switchboard, Recording(call.account, call.record.sid, wish))

    def near() -> Callable[[], Sound] | None:
        return call.end.speech if call.is_answered and wish.track != "outbound" else None

    def far() -> Callable[[], Sound] | None:
        return call.far if wish.track != "inbound" else None

    def has_ended() -> bool:
        return call.record.status not in LIVE

    switchboard.spawn(keep(switchboard, recording, [near, far], has_ended))
    return recording


async def keep(
    switchboard: CallSwitchboard, recording: Recording, sources: list[Source], is_over: Callable[[], bool]
) -> None:
    await fill(recording, sources, is_over)
    conclude(switchboard, recording)


async def stop(recording: Recording) -> None:
    """Ends a recording under way, and waits until it is concluded."""
    recording.is_asked_to_stop = True
    await recording.done.wait()
