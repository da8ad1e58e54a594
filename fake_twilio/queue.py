"""<Enqueue>, <Leave> and <Dial><Queue>: callers who wait, and whoever takes them, first come first served.

https://www.twilio.com/docs/voice/twiml/enqueue
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from fake_twilio.calls import CallEnded, CallInterrupted, CallRedirected, LivingCall, Script
from fake_twilio.dialing import report_to_action, talk
from fake_twilio.prompts import PromptRun
from fake_twilio.sounds import build_endless_tone
from fake_twilio.store import make_sid
from fake_twilio.takes import send
from fake_twilio.twiml import Verb
from fake_twilio.twiml_run import TwimlRun

MUSIC_HERTZ = 262
WAIT_VERBS = ("Gather", "Hangup", "Leave", "Pause", "Play", "Redirect", "Say")


@dataclass
class Waiting:
    """A caller in a queue. `taken` when an agent has them, `released` when the agent is done."""

    call: LivingCall
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    # Set once the music has stopped, so that it cannot end what an agent says.
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    began: float = field(default_factory=time.monotonic)
    seconds: int | None = None

    def describe(self, queue_sid: str, result: str = "") -> dict[str, str]:
        """The fields that every request about it carries; QueueTime ends with the wait."""
        seconds = round(time.monotonic() - self.began) if self.seconds is None else self.seconds
        fields = {"QueueSid": queue_sid, "QueueTime": str(seconds)}
        return {**fields, "QueueResult": result} if result else fields


@dataclass
class Queue:
    callers: deque[Waiting] = field(default_factory=deque)
    # How long those who were served had waited.
    waits: list[int] = field(default_factory=list)

    def describe(self, waiting: Waiting) -> dict[str, str]:
        """What a waitUrl is told besides."""
        position = self.callers.index(waiting) + 1 if waiting in self.callers else 0
        average = round(sum(self.waits) / len(self.waits)) if self.waits else 0
        return {
            "QueuePosition": str(position),
            "CurrentQueueSize": str(len(self.callers)),
            "AvgQueueTime": str(average),
        }


QUEUES: web.AppKey[dict[tuple[str, str], Queue]] = web.AppKey("queues", dict)


class LeftQueue(Exception):
    """<Leave> in the document of a waitUrl."""


class QueueRun(PromptRun):
    """What a caller in a queue hears, from its waitUrl."""


async def enqueue(run: TwimlRun, verb: Verb) -> Script | None:
    """Waits with music until an agent comes, and talks until the agent leaves.

    The action is asked for also where its answer cannot count: after a hang-up and after a redirect.
    """
    call = run.call
    await call.answer()
    waiting = Waiting(call)
    queue = call.switchboard.app[QUEUES].setdefault((call.account.sid, verb.text), Queue())
    queue.callers.append(waiting)
    queue_sid = make_sid("QU", f"{call.account.sid} {verb.text}")
    music = call.switchboard.spawn(play_music(run, verb, queue, waiting, queue_sid))
    result = "hangup"
    try:
        result = await call.wait(wait_for_turn(waiting))
        await stop_music(call, music, queue, waiting)
        if result == "bridged":
            await call.wait(waiting.released.wait())
    except CallEnded:
        await report_to_action(run, verb, waiting.describe(queue_sid, result))
        raise
    except CallRedirected:
        result = "redirected-from-bridged" if result == "bridged" else "redirected"
        tell_action(run, verb, waiting.describe(queue_sid, result))
        raise
    finally:
        await stop_music(call, music, queue, waiting)
    return run.build_action(verb, **waiting.describe(queue_sid, result))


async def wait_for_turn(waiting: Waiting) -> str:
    """`QueueResult`: whichever comes first, an agent or <Leave>."""
    ways = {"bridged": waiting.taken, "leave": waiting.left}
    tasks = {asyncio.ensure_future(event.wait()): result for result, event in ways.items()}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return min(tasks[task] for task in done)
    finally:
        for task in tasks:
            task.cancel()


async def play_music(run: TwimlRun, verb: Verb, queue: Queue, waiting: Waiting, queue_sid: str) -> None:
    """Twilio's own music, what the waitUrl answers, or silence for an empty one."""
    call = run.call
    hook = run.build_hook(verb, "waitUrl", "waitUrlMethod")
    if hook is None:
        call.end.hear(None if "waitUrl" in verb.attributes else build_endless_tone(MUSIC_HERTZ))
        return
    verbs = {name: run.verbs[name] for name in WAIT_VERBS}

    def params() -> dict[str, str]:
        return waiting.describe(queue_sid) | queue.describe(waiting)

    try:
        await QueueRun(call, call.end.hear, verbs, params).play_all(hook, loops_files=True)
    except LeftQueue:
        waiting.left.set()
    except CallInterrupted:
        return


async def stop_music(call: LivingCall, music: "asyncio.Task[None]", queue: Queue, waiting: Waiting) -> None:
    """Takes the caller out of the queue; again does nothing."""
    if waiting.quiet.is_set():
        return
    music.cancel()
    await asyncio.wait([music])
    if waiting in queue.callers:
        queue.callers.remove(waiting)
    call.end.hear(None)
    waiting.quiet.set()


def tell_action(run: TwimlRun, verb: Verb, params: dict[str, str]) -> None:
    action = run.build_action(verb)
    if action is not None and action.hook is not None:
        call = run.call
        fields = {**call.webhook_params(), **params}
        call.switchboard.spawn(send(call.switchboard, call.account, action.hook, fields))


async def leave(run: TwimlRun, verb: Verb) -> None:
    """Only leaves a queue from its waitUrl; anywhere else it does nothing."""
    if isinstance(run, QueueRun):
        raise LeftQueue
    run.note(12200, "Schema validation warning: <Leave> outside a queue", run.hook, is_warning=True)


async def dial_queue(run: TwimlRun, verb: Verb) -> dict[str, str]:
    """Takes the caller who has waited longest; the fields of the action's request."""
    call = run.call
    queue = call.switchboard.app[QUEUES].get((call.account.sid, verb.text))
    if queue is None or not queue.callers:
        return {"DialCallStatus": "no-answer"}
    waiting = queue.callers.popleft()
    waiting.seconds = round(time.monotonic() - waiting.began)
    queue.waits.append(waiting.seconds)
    waiting.taken.set()
    await waiting.quiet.wait()
    try:
        await talk(call, waiting.call)
    finally:
        waiting.released.set()
    sid = waiting.call.record.sid
    return {"DialCallStatus": "completed", "DialCallSid": sid, "DialBridged": "true"}


async def reset(app: web.Application) -> None:
    app[QUEUES].clear()
