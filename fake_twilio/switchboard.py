"""All calls of all accounts, and the tasks that keep them alive."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web

from fake_twilio.alerts import add_alert
from fake_twilio.app_keys import STORE
from fake_twilio.calls import LivingCall, Script
from fake_twilio.parts import BrowserEnd
from fake_twilio.store import Store
from fake_twilio.webhooks import WEBHOOKS, Webhooks

# How many calls that are over `/_fake/calls` still shows.
MAX_REMEMBERED = 500

RunTwiml = Callable[[LivingCall, Script | None], Coroutine[Any, Any, None]]


class Switchboard:
    """All calls of all accounts, and the tasks that keep them alive."""

    def __init__(self, app: web.Application, run_twiml: RunTwiml) -> None:
        self.app = app
        self.run_twiml = run_twiml
        self.calls: dict[str, LivingCall] = {}
        self.reconnecting: dict[str, BrowserEnd] = {}
        self.tasks: set[asyncio.Task[Any]] = set()

    @property
    def store(self) -> Store:
        return self.app[STORE]

    @property
    def webhooks(self) -> Webhooks:
        return self.app[WEBHOOKS]

    def remember(self, call: LivingCall) -> None:
        self.calls[call.record.sid] = call
        over = [sid for sid, one in self.calls.items() if one.is_over]
        for sid in over[: max(0, len(self.calls) - MAX_REMEMBERED)]:
            del self.calls[sid]

    def follow(self, call: LivingCall, script: Script | None) -> None:
        """From now on the call does what TwiML says; without any it is over."""
        if script is None:
            text = "There is no Voice URL"
            add_alert(call.account, code=11100, text=text, call_sid=call.record.sid)
            call.hang_up("failed")
        self.spawn(self.run_twiml(call, script))

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs it beside everything else, until the fake ends."""
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self._settle)
        return task

    def _settle(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            context = {"message": "a call went wrong inside the fake", "exception": error}
            task.get_loop().call_exception_handler(context)

    async def end_all(self, patience: float) -> None:
        """Hangs up every call; the last webhooks have `patience` seconds, then all is cut off."""
        for call in list(self.calls.values()):
            call.hang_up()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while self.tasks and loop.time() < deadline:
            await asyncio.wait(self.tasks, timeout=deadline - loop.time())
        while self.tasks:
            for task in self.tasks:
                task.cancel()
            await asyncio.wait(self.tasks)
        for call in list(self.calls.values()):
            call.callbacks = None
            await call.finish()
        self.calls.clear()


SWITCHBOARD: web.AppKey[Switchboard] = web.AppKey("switchboard", Switchboard)
