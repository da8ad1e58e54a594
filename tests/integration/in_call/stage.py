"""A company with the fake Twilio around it: people at their phones, callers, and what each of them hears.

The fake runs in the test's own event loop, the product as a server in a thread, with a worker in another:
every webhook, REST request and task goes its real way.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from fake_twilio.app_keys import JOURNAL
from fake_twilio.calls import LivingCall
from fake_twilio.rooms.registry import ROOMS
from fake_twilio.rooms.room import Room
from fake_twilio.store import Application
from fake_twilio.switchboard import SWITCHBOARD
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from tests.conftest import signed_in
from tests.fake.browser_peer import Peer
from tests.fake.conftest import Fake
from tests.fake.device import Device
from tests.fake.tokens import APPLICATION_SID, DEMO_SID, build_access_token
from tests.fake.who_hears import AUDIBLE, hears, measure
from tests.tasks import run_tasks

PATIENCE = 15.0
# The tones of people, each their own; none of them is in the hold music.
AGENT, COLLEAGUE, CALLER, SECOND = 600, 750, 900, 440
VOICES = (AGENT, COLLEAGUE, CALLER, SECOND)
CSRF = "c" * 32


@dataclass
class Agent:
    """One of ours at their phone: a Device, and the sound of the call it has."""

    user: User
    device: Device
    peer: Peer
    leg_sid: str = ""

    def hears(self, *wanted: int) -> bool:
        """Whether of all voices these are heard now, and no other."""
        pcm = b"".join(pcm for _, pcm in self.peer.heard[-10:])
        return bool(pcm) and {one for one in VOICES if measure(pcm, one) > AUDIBLE} == set(wanted)

    async def answer(self) -> str:
        """Takes the call that rings next; the name that the call's own SID goes by in its parameters."""
        while True:
            kind, payload = await self.device.next()
            assert kind, "the Device's socket was closed"
            if kind == "invite":
                break
        sdp = await self.peer.answer(payload["sdp"])
        await self.device.send("answer", callsid=payload["callsid"], sdp=sdp)
        self.leg_sid = payload["callsid"]
        return str(payload["parameters"].get("Params", ""))


@dataclass
class Stage:
    fake: Fake
    site: str
    account: TwilioAccount
    open_device: Any
    open_peer: Any
    cookies: dict[int, str] = field(default_factory=dict)

    def point_here(self) -> None:
        """The demo account's app and number ask this site."""
        store = self.fake.store.accounts[DEMO_SID]
        fields = {
            "voice_url": self.address("voice_webhook"),
            "status_callback": self.address("call_status"),
        }
        store.applications[APPLICATION_SID] = Application(APPLICATION_SID, fields=fields)
        for number in store.incoming_phone_numbers.values():
            number.fields |= fields

    def address(self, name: str) -> str:
        return self.site + reverse(name, args=[self.account.webhook_key])

    # People

    def find_child(self, call: Call) -> LivingCall:
        """The leg that the call's own has dialled."""
        legs = self.fake.app[SWITCHBOARD].calls.values()
        return next(leg for leg in legs if leg.record.parent_call_sid == call.call_sid)

    async def sit_down(self, user: User, hertz: int = AGENT) -> Agent:
        """`user` with a phone that is ready."""
        device = await self.open_device()
        await device.register(build_access_token(user.identity))
        return Agent(user, device, self.open_peer(hertz))

    async def ring(self, hertz: int = CALLER, **body: Any) -> LivingCall:
        """Somebody outside calls the demo number."""
        body = {"sound": "tone", "hertz": hertz, **body}
        answer = await self.fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER, **body)
        return self.living(answer["call_sid"])

    def living(self, call_sid: str) -> LivingCall:
        return self.fake.app[SWITCHBOARD].calls[call_sid]

    async def dial(self, agent: Agent, to: str, name: str = "TJSout") -> Call:
        """`agent` calls `to` and is answered."""
        params = f"To={to.replace('+', '%2B')}"
        sdp = await agent.peer.offer()
        await agent.device.send("invite", callsid=name, sdp=sdp, twilio={"params": params})
        while True:
            kind, payload = await agent.device.next()
            assert kind not in ("", "hangup"), payload
            if kind == "answer":
                break
        await agent.peer.accept(payload["sdp"])
        # Twilio's word of the answer may come after the sound.
        call = await self.row(user=agent.user, answered_at__isnull=False)
        agent.leg_sid = call.call_sid
        return call

    async def talk(self, agent: Agent, hertz: int = CALLER) -> tuple[LivingCall, Call]:
        """Somebody outside calls, and `agent` answers; both hear each other."""
        caller = await self.ring(hertz)
        await self.answer(agent)
        await self.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(hertz))
        await self.wait(lambda: Call.objects.filter(call_sid=caller.record.sid, answered_at__isnull=False))
        return caller, Call.objects.get(call_sid=caller.record.sid)

    async def answer(self, agent: Agent) -> None:
        """`agent` takes the call that rings next."""
        try:
            await agent.answer()
        except TimeoutError as error:
            raise AssertionError(f"It did not ring.\n{self.describe()}") from error

    # What a page asks, and what it is answered

    async def do(self, user: User, call_sid: str, deed: str, **fields: str) -> tuple[int, dict[str, Any]]:
        if user.pk not in self.cookies:
            self.cookies[user.pk] = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
        cookies = f"{settings.SESSION_COOKIE_NAME}={self.cookies[user.pk]}; csrftoken={CSRF}"
        async with ClientSession() as session:
            url = self.site + reverse("call_deed", args=[call_sid, deed])
            headers = {"Cookie": cookies, "X-CSRFToken": CSRF, "Referer": self.site}
            async with session.post(url, data=fields, headers=headers) as answer:
                is_json = answer.content_type == "application/json"
                return answer.status, await answer.json() if is_json else {}

    async def done(self, user: User, call_sid: str, deed: str, **fields: str) -> dict[str, Any]:
        """The call as it is after a deed, which has to succeed."""
        status, body = await self.do(user, call_sid, deed, **fields)
        assert status == 200, (status, body)
        return dict(body["call"])

    # What goes wrong at Twilio

    async def lay_fault(self, **fault: Any) -> str:
        url = f"{self.fake.url}/_fake/faults"
        async with self.fake.session.post(url, json=fault) as answer:
            return str((await answer.json())["id"])

    async def remove_fault(self, laid: str) -> None:
        await self.fake.control("DELETE", f"faults/{laid}")

    # What becomes true

    async def until(self, condition: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            raise AssertionError(self.describe()) from error

    def describe(self) -> str:
        """What went on so far: rows, rooms, alerts and webhooks, for a test that waits in vain."""
        alerts = [alert["alert_text"] for alert in self.fake.store.accounts[DEMO_SID].alerts]
        legs = [
            (one.role, one.status, str(one.joined_at), str(one.left_at), one.is_held, str(one.ended_at))
            for one in CallLeg.objects.all()
        ]
        journal = [
            (
                one.url[-60:],
                one.params.get("StatusCallbackEvent", ""),
                one.status,
                one.error,
            )
            for one in self.journal
        ]
        lines = [f"alerts {alerts}", *map(str, legs), *map(str, journal)]
        return "\n".join(lines)

    async def wait(self, query: Callable[[], Any]) -> None:
        """Until the query finds something."""
        await self.until(lambda: query().exists())

    async def row(self, **fields: Any) -> Call:
        await self.wait(lambda: Call.objects.filter(**fields))
        return Call.objects.get(**fields)

    async def over(self, call: Call) -> Call:
        """Until the call has ended in its row: the row."""
        await self.wait(lambda: Call.objects.filter(pk=call.pk, ended_at__isnull=False))
        call.refresh_from_db()
        return call

    def legs(self, call: Call) -> dict[str, CallLeg]:
        return {leg.role: leg for leg in call.legs.all()}

    @property
    def rooms(self) -> list[Room]:
        return list(self.fake.app[ROOMS].values())

    @property
    def journal(self) -> list[Any]:
        """The webhooks that the fake has sent."""
        return list(self.fake.app[SWITCHBOARD].webhooks.journal)

    def requests(self, method: str, ending: str) -> int:
        """How many REST requests of a kind the fake was asked."""
        entries = [entry.as_json() for entry in self.fake.app[JOURNAL].entries]
        return sum(one["method"] == method and one["path"].endswith(ending) for one in entries)


@contextmanager
def run_worker() -> Iterator[None]:
    """A worker in a thread, which looks for what is due ten times a second."""
    stop = threading.Event()

    def work() -> None:
        try:
            while not stop.wait(0.1):
                if DBTaskResult.objects.ready().exists():
                    run_tasks()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=20)
