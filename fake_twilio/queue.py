"""<Enqueue>, <Leave> and <Dial><Queue>: callers who wait, and whoever takes them, first come first served.

https://www.twilio.com/docs/voice/twiml/enqueue
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from fake_twilio.calls import CallEnded, LivingCall, Script
from fake_twilio.dialing import report_to_action, talk
from fake_twilio.sounds import build_endless_tone
from fake_twilio.store import make_sid
from fake_twilio.twiml import Verb
from fake_twilio.twiml_run import TwimlRun

MUSIC_HERTZ = 262


@dataclass
class Waiting:
    """A caller in a queue. `taken` when an agent has them, `released` when the agent is done."""

    call: LivingCall
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


QUEUES: web.AppKey[dict[tuple[str, str], deque[Waiting]]] = web.AppKey("queues", dict)


async def enqueue(run: TwimlRun, verb: Verb) -> Script | None:
    """Waits with music until an agent comes, and talks until the agent leaves."""
    call = run.call
    await call.answer()
    if verb.get("waitUrl"):
        text = "Schema validation warning: waitUrl of <Enqueue> is not played"
        run.note(12200, text, run.hook, is_warning=True)
    waiting = Waiting(call)
    queue = call.switchboard.app[QUEUES].setdefault((call.account.sid, verb.text), deque())
    queue.append(waiting)
    params = {"QueueSid": make_sid("QU", f"{call.account.sid} {verb.text}")}
    started = time.monotonic()
    call.end.hear(build_endless_tone(MUSIC_HERTZ))
    result = "hangup"
    try:
        await call.wait(waiting.taken.wait())
        params["QueueTime"] = str(round(time.monotonic() - started))
        result = "bridged"
        await call.wait(waiting.released.wait())
    except CallEnded:
        await report_to_action(run, verb, {**params, "QueueResult": result})
        raise
    finally:
        if waiting in queue:
            queue.remove(waiting)
            call.end.hear(None)
    return run.build_action(verb, QueueResult=result, **params)


async def leave(run: TwimlRun, verb: Verb) -> None:
    """Only leaves a queue from its waitUrl, which is not played here: outside it does nothing."""
    run.note(12200, "Schema validation warning: <Leave> outside a queue", run.hook, is_warning=True)


async def dial_queue(run: TwimlRun, verb: Verb) -> dict[str, str]:
    """Takes the caller who has waited longest; the fields of the action's request."""
    call = run.call
    queue = call.switchboard.app[QUEUES].get((call.account.sid, verb.text))
    if not queue:
        return {"DialCallStatus": "no-answer"}
    waiting = queue.popleft()
    waiting.taken.set()
    try:
        await talk(call, waiting.call)
    finally:
        waiting.released.set()
    sid = waiting.call.record.sid
    return {"DialCallStatus": "completed", "DialCallSid": sid, "DialBridged": "true"}


async def reset(app: web.Application) -> None:
    app[QUEUES].clear()
