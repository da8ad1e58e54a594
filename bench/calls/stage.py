"""Everything that takes part in a call: the fake Twilio and telephones here, the product in its processes."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession, web
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from bench.calls.bare import IDENTITY, Bare
from bench.calls.handset import Handset
from bench.calls.line import HOST, Line
from bench.calls.listening import PATIENCE, Ear
from bench.calls.people import (
    AGENT,
    CONFERENCE,
    NUMBERS,
    OURS,
    PLAIN,
    add_numbers,
    settle_people,
)
from bench.stage import BenchFailed, Browser, make_people, set_environment, start_server, wait_for_server
from demo.ports import get_free_port
from demo.processes import START_SECONDS, Children
from fake_twilio import catalogue
from fake_twilio.app import build_app
from fake_twilio.app_keys import STORE
from fake_twilio.calls import LivingCall
from fake_twilio.store import Account, Application, make_sid
from fake_twilio.switchboard import SWITCHBOARD


@dataclass
class CallStage:
    fake: web.Application
    gateway: str
    site: str
    session: ClientSession
    bare: Bare
    handsets: dict[str, Handset] = field(default_factory=dict)
    page: dict[str, str] = field(default_factory=dict)
    ears: list[Ear] = field(default_factory=list)

    @property
    def account(self) -> Account:
        return self.fake[STORE].accounts[catalogue.account_sid(catalogue.DEMO)]

    @property
    def calls(self) -> list[LivingCall]:
        return list(self.fake[SWITCHBOARD].calls.values())

    def listen(self, call: LivingCall) -> Ear:
        self.ears.append(Ear(call.end))
        return self.ears[-1]

    async def ring(self, way: str, hertz: int, from_: str) -> tuple[float, LivingCall]:
        """Somebody outside calls: when, and their call."""
        body = {"to": NUMBERS[way], "sound": "tone", "hertz": hertz, "from": from_}
        begun = time.monotonic()
        async with self.session.post(f"{self.gateway}/_fake/incoming", json=body) as answer:
            if not answer.ok:
                raise BenchFailed(await answer.text())
            call_sid = (await answer.json())["call_sid"]
        return begun, self.fake[SWITCHBOARD].calls[call_sid]

    async def find(self, fits: Callable[[LivingCall], bool]) -> LivingCall:
        """The first living call that fits, once there is one."""
        found: list[LivingCall] = []

        def look() -> bool:
            found[:] = [call for call in self.calls if not call.is_over and fits(call)]
            return bool(found)

        await until(look)
        return found[0]

    async def do(self, call_sid: str, deed: str, **fields: str) -> None:
        """What alice's page asks for."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.page.items())
        headers = {"Cookie": cookies, "X-CSRFToken": self.page["csrftoken"]}
        url = f"{self.site}/phone/calls/{call_sid}/{deed}/"
        async with self.session.post(url, data=fields, headers=headers) as answer:
            if not answer.ok:
                raise BenchFailed(f"{deed} answered {answer.status}: {await answer.text()}")

    async def know(self, **fields: object) -> None:
        """Until a leg's row is as the fields say: what Twilio told of it has come."""
        from phone.calls.legs import CallLeg

        legs = CallLeg.objects.filter(**fields)
        deadline = time.monotonic() + PATIENCE
        while not await asyncio.to_thread(legs.exists):
            if time.monotonic() > deadline:
                raise BenchFailed(f"no leg with {fields}")
            await asyncio.sleep(0.02)

    async def clear(self) -> None:
        """Ends every call, and waits until the product knows."""
        from phone.calls.call import Call
        from phone.calls.legs import CallLeg

        for ear in self.ears:
            ear.close()
        self.ears.clear()
        for call in self.calls:
            if not call.is_over:
                call.hang_up()
        await until(lambda: all(call.is_over for call in self.calls))
        living = (Call.objects.filter(ended_at=None), CallLeg.objects.filter(ended_at=None))
        deadline = time.monotonic() + PATIENCE
        while await asyncio.to_thread(lambda: any(rows.exists() for rows in living)):
            if time.monotonic() > deadline:
                raise BenchFailed("the product did not hear of a call's end")
            await asyncio.sleep(0.02)
        for handset in self.handsets.values():
            await handset.renew()


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise BenchFailed("what was waited for did not come")
        await asyncio.sleep(0.002)


@asynccontextmanager
async def set_call_stage() -> AsyncIterator[CallStage]:
    children = Children()
    with tempfile.TemporaryDirectory(prefix="dognbone-bench-") as folder:
        settle_people()
        fake = build_app()
        runner = web.AppRunner(fake, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        fake_port = get_free_port(after=8200)
        await web.TCPSite(runner, HOST, fake_port).start()
        port = get_free_port(after=fake_port)
        to_twilio, to_product = Line(fake_port), Line(port)
        public_url = f"http://{await to_product.open()}"
        gateway = f"{HOST}:{fake_port}"
        set_environment(
            Path(folder), port, twilio=await to_twilio.open(), gateway=gateway, PUBLIC_URL=public_url
        )
        async with ClientSession() as session:
            try:
                bare = Bare(session, music=f"{public_url}/static/phone/sounds/hold.wav")
                await asyncio.to_thread(make_people)
                server = start_server(children, port)
                children.start("The worker", "manage.py", "db_worker", "--no-reload", "-v", "0", env={})
                await asyncio.to_thread(wait_for_server, server, port)
                stage = CallStage(fake, f"http://{gateway}", f"http://localhost:{port}", session, bare)
                bare_runner = await open_bare(bare, to_twilio)
                await sit_down(stage, port)
                yield stage
                for handset in stage.handsets.values():
                    await handset.close()
                await bare_runner.cleanup()
            finally:
                children.stop()
                await runner.cleanup()


async def open_bare(bare: Bare, to_twilio: Line) -> web.AppRunner:
    """The bare server, at the far end of a line as the product is."""
    runner = web.AppRunner(bare.build_app(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    port = get_free_port(after=8300)
    await web.TCPSite(runner, HOST, port).start()
    bare.url = f"http://{await Line(port).open()}"
    bare.rest = f"http://{await to_twilio.open()}"
    return runner


async def sit_down(stage: CallStage, port: int) -> None:
    """Alice at the product's phone, and the same person at each of the bare ways."""
    point_here = await asyncio.to_thread(read_addresses)
    add_numbers(stage.account)
    own = next(
        one for one in stage.account.incoming_phone_numbers.values() if one.phone_number == NUMBERS[OURS]
    )
    own.fields |= point_here
    browser = Browser(port)
    token = await asyncio.to_thread(sign_in, browser)
    stage.page = browser.cookies
    stage.handsets[OURS] = await Handset.open(stage.session, stage.gateway, token, AGENT)
    for way in (PLAIN, CONFERENCE):
        fields = {"voice_url": f"{stage.bare.url}/{way}"}
        app = Application(make_sid("AP", f"bench {way}"), fields={"friendly_name": way, **fields})
        stage.account.applications[app.sid] = app
        for number in stage.account.incoming_phone_numbers.values():
            if number.phone_number == NUMBERS[way]:
                number.fields |= fields
    await sit_down_bare(stage, PLAIN)


async def sit_down_bare(stage: CallStage, way: str) -> None:
    """One identity for the bare ways, whose Device calls by the app of `way`."""
    if (before := stage.handsets.pop("bare", None)) is not None:
        await before.close()
    token = mint(make_sid("AP", f"bench {way}"))
    stage.handsets["bare"] = await Handset.open(stage.session, stage.gateway, token, AGENT)


def mint(application_sid: str) -> str:
    token = AccessToken(
        catalogue.account_sid(catalogue.DEMO),
        catalogue.key_sid("demo standard"),
        catalogue.key_secret("demo standard"),
        identity=IDENTITY,
    )
    token.add_grant(VoiceGrant(incoming_allow=True, outgoing_application_sid=application_sid))
    return str(token.to_jwt())


def read_addresses() -> dict[str, str]:
    """Where a number that rings at the product points; waits until the worker has read the numbers."""
    from django.conf import settings
    from django.urls import reverse

    from accounts.twilio.credentials import PhoneNumber, TwilioAccount

    account = TwilioAccount.objects.get(account_sid=catalogue.account_sid(catalogue.DEMO))
    deadline = time.monotonic() + START_SECONDS
    while not PhoneNumber.objects.filter(account=account, phone_number=NUMBERS[OURS]).exists():
        if time.monotonic() > deadline:
            raise BenchFailed("the worker did not read the account's numbers")
        time.sleep(0.05)
    names = {"voice_url": "voice_webhook", "status_callback": "call_status"}
    return {
        name: settings.PUBLIC_URL + reverse(view, args=[account.webhook_key]) for name, view in names.items()
    }


def sign_in(browser: Browser) -> str:
    """Alice signed in, and the token that her page gets."""
    from demo.people import ALICE, PASSWORD

    browser.sign_in(ALICE.email, PASSWORD)
    return str(json.loads(browser.post("/phone/token/", {}, {200}))["token"])
