"""The least that does it: TwiML from a server that keeps nothing, and the REST requests alone.

`/plain` dials at once. `/conference` is a conference from the start: whoever calls is in the room, and the
other is called for it over REST in the same moment.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from aiohttp import BasicAuth, ClientSession, web

from bench.calls.listening import PATIENCE
from bench.stage import BenchFailed
from fake_twilio import catalogue

IDENTITY = "bench_bare"
API = {"X-Twilio-Host": "api.twilio.com"}


@dataclass
class Bare:
    """`url` and `rest` are both at the far end of a line; `music` is what is played on hold."""

    session: ClientSession
    url: str = ""
    rest: str = ""
    music: str = ""
    # Which room a leg goes to when its Dial ends, by Call SID.
    moving: dict[str, str] = field(default_factory=dict)
    # Who has joined which room, by its name: Call SIDs, and the room's own.
    joined: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    tasks: set["asyncio.Task[str]"] = field(default_factory=set)

    def build_app(self) -> web.Application:
        app = web.Application()
        for name in ("plain", "conference", "action", "room", "event", "dial"):
            app.router.add_post(f"/{name}", self.serve)
        return app

    async def serve(self, request: web.Request) -> web.Response:
        fields = {name: str(value) for name, value in (await request.post()).items()} | dict(request.query)
        twiml = getattr(self, f"answer_{request.path.strip('/')}")(fields)
        return web.Response(text=f"<Response>{twiml}</Response>", content_type="text/xml")

    def answer_plain(self, fields: dict[str, str]) -> str:
        dial = f'answerOnBridge="true" action="{self.url}/action"'
        if fields["From"].startswith("client:"):
            number = escape(fields["To"])
            return f'<Dial {dial} callerId="{catalogue.DEMO_NUMBER}"><Number>{number}</Number></Dial>'
        return f"<Dial {dial}><Client>{IDENTITY}</Client></Dial>"

    def answer_conference(self, fields: dict[str, str]) -> str:
        name = f"bare-{fields['CallSid']}"
        to = fields["To"] if fields["From"].startswith("client:") else f"client:{IDENTITY}"
        wanted = {"From": catalogue.DEMO_NUMBER, "To": to, "Beep": "false"}
        task = asyncio.create_task(self.ask(f"/Conferences/{name}/Participants.json", wanted))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return f'<Dial><Conference beep="false" waitUrl="">{name}</Conference></Dial>'

    def answer_action(self, fields: dict[str, str]) -> str:
        name = self.moving.pop(fields["CallSid"], "")
        return self.answer_room({"name": name}) if name else "<Hangup/>"

    def answer_room(self, fields: dict[str, str]) -> str:
        return (
            f'<Dial><Conference beep="false" waitUrl={quoteattr(self.music)} waitMethod="GET" '
            f'statusCallback="{self.url}/event" statusCallbackEvent="join">{fields["name"]}'
            "</Conference></Dial>"
        )

    def answer_event(self, fields: dict[str, str]) -> str:
        self.joined[fields["FriendlyName"]][fields["CallSid"]] = fields["ConferenceSid"]
        return ""

    def answer_dial(self, fields: dict[str, str]) -> str:
        return f'<Dial callerId="{catalogue.DEMO_NUMBER}"><Number>{escape(fields["to"])}</Number></Dial>'

    # Over REST

    async def ask(self, path: str, data: dict[str, str]) -> str:
        account = catalogue.account_sid(catalogue.DEMO)
        url = f"{self.rest}/2010-04-01/Accounts/{account}{path}"
        login = BasicAuth(account, catalogue.auth_token(catalogue.DEMO))
        async with self.session.post(url, data=data, headers=API, auth=login) as answer:
            if not answer.ok:
                raise BenchFailed(f"Twilio answered {answer.status} to {path}: {await answer.text()}")
            return await answer.text()

    async def redirect(self, call_sid: str, path: str) -> None:
        await self.ask(f"/Calls/{call_sid}.json", {"Url": f"{self.url}{path}"})

    async def move(self, parent: str, child: str) -> str:
        """Both legs of a Dial into a room: its SID, once they are there."""
        name = f"moved-{parent}"
        self.moving[parent] = name
        await self.redirect(child, f"/room?name={name}")
        return await self.wait_until_joined(name, parent, child)

    async def join(self, call_sid: str, name: str) -> None:
        await self.redirect(call_sid, f"/room?name={name}")
        await self.wait_until_joined(name, call_sid)

    async def wait_until_joined(self, name: str, *call_sids: str) -> str:
        async with asyncio.timeout(PATIENCE):
            while not set(call_sids) <= self.joined[name].keys():
                await asyncio.sleep(0.002)
        return self.joined[name][call_sids[0]]

    async def hold(self, room: str, call_sid: str, *, is_held: bool) -> None:
        music = {"HoldUrl": self.music, "HoldMethod": "GET"} if is_held else {}
        path = f"/Conferences/{room}/Participants/{call_sid}.json"
        await self.ask(path, {"Hold": "true" if is_held else "false", **music})
