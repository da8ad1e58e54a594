"""<Dial><Conference>: a room of an account's where everybody hears everybody else.

https://www.twilio.com/docs/voice/twiml/conference. A room begins when there are two, and whoever
has `startConferenceOnEnter` is among them; until then there is music.
"""

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from fake_twilio.calls import CallEnded, LivingCall, Script
from fake_twilio.dialing import dial, report_to_action
from fake_twilio.queue import dial_queue
from fake_twilio.sounds import Mix, build_endless_tone
from fake_twilio.twiml import Verb
from fake_twilio.twiml_run import TwimlRun

MUSIC_HERTZ = 262


@dataclass
class Room:
    participants: dict[LivingCall, Verb] = field(default_factory=dict)
    has_started: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def settle(self) -> None:
        """Decides anew what each participant hears."""
        starters = [verb.flag("startConferenceOnEnter", True) for verb in self.participants.values()]
        self.has_started = self.has_started or (len(starters) > 1 and any(starters))
        for call in self.participants:
            if not self.has_started:
                call.end.hear(build_endless_tone(MUSIC_HERTZ))
                continue
            others = [
                other.end.speech()
                for other, verb in self.participants.items()
                if other is not call and not verb.flag("muted")
            ]
            call.end.hear(Mix(others))


ROOMS: web.AppKey[dict[tuple[str, str], Room]] = web.AppKey("rooms", dict)


async def dial_or_join(run: TwimlRun, verb: Verb) -> Script | None:
    """<Dial>, with a conference or a queue inside or with people to ring."""
    for target in verb.all("Conference", "Queue"):
        await run.call.answer()
        join = join_conference if target.name == "Conference" else dial_queue
        try:
            params = await join(run, target)
        except CallEnded:
            await report_to_action(run, verb, {"DialCallStatus": "completed"})
            raise
        return run.build_action(verb, **params)
    return await dial(run, verb)


async def join_conference(run: TwimlRun, verb: Verb) -> dict[str, str]:
    """Until the caller leaves or the room is closed; the fields of the action's request."""
    call = run.call
    rooms = call.switchboard.app[ROOMS]
    key = (call.account.sid, verb.text)
    room = rooms.setdefault(key, Room())
    room.participants[call] = verb
    room.settle()
    try:
        await call.wait(room.ended.wait())
    finally:
        del room.participants[call]
        call.end.hear(None)
        if verb.flag("endConferenceOnExit"):
            room.ended.set()
        if not room.participants or room.ended.is_set():
            rooms.pop(key, None)
        room.settle()
    return {"DialCallStatus": "answered"}


async def reset(app: web.Application) -> None:
    app[ROOMS].clear()
