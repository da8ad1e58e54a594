"""Calls that are going on all the while: nothing that befalls the server may end one."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import ClientSession

from bench.calls.handset import Handset
from bench.stage import BenchFailed
from fake_twilio import catalogue
from soak.browser import Browser
from soak.ledger import Ledger
from soak.stage import Stage

AGENT_HERTZ = 600
ESTABLISH_SECONDS = 90.0


@dataclass
class Calls:
    """`going_on`: the Call SID of each caller's leg, with what it is in words."""

    stage: Stage
    ledger: Ledger
    session: ClientSession
    people: dict[str, Browser]
    going_on: dict[str, str] = field(default_factory=dict)
    handsets: list[Handset] = field(default_factory=list)

    async def begin(self, between_colleagues: bool) -> None:
        """A call to a telephone, and one to a colleague. Raises TimeoutError where none comes to be."""
        async with asyncio.timeout(ESTABLISH_SECONDS):
            await self.talk("page00", catalogue.STRANGER_NUMBER)
            if between_colleagues:
                await self.talk("alice", "bob@example.com", await self.sit_down("bob"))

    async def sit_down(self, name: str) -> Handset:
        """A Device of somebody's, ready."""
        while (answer := await self.people[name].post("/phone/token/")).status != 200:
            await asyncio.sleep(0.5)
        gateway = self.stage.service.twilio.base_url
        handset = await Handset.open(self.session, gateway, json.loads(answer.text)["token"], AGENT_HERTZ)
        self.handsets.append(handset)
        return handset

    async def talk(self, name: str, to: str, callee: Handset | None = None) -> None:
        caller = await self.sit_down(name)
        while True:
            known = set(await self.read_statuses())
            answering = asyncio.create_task(callee.answer()) if callee is not None else None
            await caller.dial(quote(to))
            try:
                await caller.talk()
                if answering is not None:
                    await answering
                break
            except BenchFailed:
                # The server was ill when it was asked: whoever calls tries again.
                if answering is not None:
                    answering.cancel()
                    await asyncio.gather(answering, return_exceptions=True)
                    if callee is not None:
                        await callee.renew()
                await caller.renew()
                await asyncio.sleep(1)
        for call in await asyncio.to_thread(self.stage.service.twilio.control, "GET", "calls"):
            if call["sid"] not in known and call["status"] == "in-progress":
                self.going_on[call["sid"]] = f"a leg of {name}'s call to {to}"

    async def read_statuses(self) -> dict[str, str]:
        calls = await self.stage.twilio("GET", "calls")
        return {call["sid"]: call["status"] for call in calls}

    async def watch(self) -> None:
        """Until it is called off; a call that was cut is counted once."""
        while True:
            await asyncio.sleep(2)
            await self.check()

    async def check(self) -> None:
        for sid in self.ledger.check_calls(self.going_on, await self.read_statuses()):
            del self.going_on[sid]

    async def close(self) -> None:
        """Hangs all of them up, as people do."""
        for sid in list(self.going_on):
            with suppress(Exception):
                await self.stage.twilio("DELETE", f"calls/{sid}")
        for handset in self.handsets:
            with suppress(Exception):
                await handset.close()
