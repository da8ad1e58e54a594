"""Says something into a room, or to one participant alone."""

import asyncio
from collections.abc import Sequence

from fake_twilio.calls import CallInterrupted
from fake_twilio.prompts import PromptRun
from fake_twilio.rooms.hearing import insert_for
from fake_twilio.rooms.participant import Participant
from fake_twilio.rooms.room import Room
from fake_twilio.sounds import Clip, Sound
from fake_twilio.webhooks import Hook


class Announcement(PromptRun):
    """Goes on for the others when the one in whose name it is fetched has left meanwhile."""

    async def play(self, clip: Clip) -> None:
        self.hear(clip)
        await asyncio.sleep(clip.seconds)
        self.hear(None)


async def announce(room: Room, hook: Hook, listener: Participant | None) -> None:
    """To the end of what `hook` answers; None for everybody who is in the room then.

    An address that fails is an alert, not an event: Twilio keeps announcement-fail for its own faults.
    """
    anybody = listener or next(iter(room.present), None)
    if anybody is None:
        return

    def listeners() -> Sequence[Participant]:
        return room.present if listener is None else [one for one in room.present if one is listener]

    def say(sound: Sound | None) -> None:
        if isinstance(sound, Clip):
            insert_for(listeners(), sound.pcm)
        room.settle()

    try:
        is_good = await Announcement(anybody.call, say, params=room.base_params).play_all(hook)
    except CallInterrupted:
        return
    if is_good:
        room.tell("announcement-end", listener, AnnounceUrl=hook.url)
