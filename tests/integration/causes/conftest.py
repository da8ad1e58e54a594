"""A running Dog n Bone that the fake Twilio calls back, and a Device without a browser that makes calls."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession
from django.db import connection

from accounts.people import User
from demo import people
from phone.calls.call import Call
from phone.causes.endings import is_settled
from tests.conftest import signed_in
from tests.connections import connect
from tests.fake.browser_peer import Peer
from tests.fake.device import Device
from tests.fake_control import FakeTwilio
from tests.site import run_site
from tests.tasks import run_tasks

PATIENCE = 15.0


@pytest.fixture
def site(transactional_db: None, settings: Any, fake_twilio: FakeTwilio) -> Iterator[str]:
    """The address of a running server, which is where Twilio calls back."""
    with run_site(settings) as url:
        yield url


@pytest.fixture
def alices_token(site: str, alice: User) -> str:
    connect(alice)
    people.allow_calls()
    return fetch_token(alice)


def fetch_token(user: User) -> str:
    return str(signed_in(user).post("/phone/token/").json()["token"])


class Exchange:
    """Devices of some people at the fake's gateway, for as long as one scene takes."""

    def __init__(self, session: ClientSession, host_port: str) -> None:
        self.session = session
        self.address = f"ws://{host_port}/signal"
        self.peers: list[Peer] = []

    async def register(self, token: str) -> Device:
        device = Device(await self.session.ws_connect(self.address))
        await device.register(token)
        return device

    async def call(self, device: Device, to: str, *, name: str = "TJSa", call_from: str = "") -> None:
        peer = Peer()
        self.peers.append(peer)
        params = urlencode({"To": to, "CallFrom": call_from})
        await device.send("invite", callsid=name, sdp=await peer.offer(), twilio={"params": params})

    async def answer(self, device: Device, invited: dict[str, Any]) -> None:
        peer = Peer()
        self.peers.append(peer)
        await device.send("answer", callsid=invited["callsid"], sdp=await peer.answer(invited["sdp"]))

    async def hang_up_when(self, device: Device, kind: str, seconds: float = 0.0) -> str:
        """Once the call rings or is answered; the Call SID, "" for a call that Twilio ended first."""
        found, payload = await device.next()
        while found not in (kind, "hangup"):
            found, payload = await device.next()
        if found == kind:
            await asyncio.sleep(seconds)
            await device.send("hangup", callsid=payload["callsid"])
            return str(payload["callsid"])
        return ""


Scene = Callable[[Exchange], Any]


@pytest.fixture
def play(fake_twilio: FakeTwilio, site: str) -> Callable[[Scene], Any]:
    """Plays a scene at the gateway to its end."""

    def play(scene: Scene) -> Any:
        async def run() -> Any:
            # Made here, for the whole scene: each of its tasks would make one of its own, and give none back.
            connection.ensure_connection()
            async with ClientSession() as session:
                exchange = Exchange(session, fake_twilio.host_port)
                try:
                    return await asyncio.wait_for(scene(exchange), 60)
                finally:
                    for peer in exchange.peers:
                        await peer.close()
                    connection.close()

        # As under Django's own test client, whatever loop there is.
        os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        return asyncio.run(run())

    return play


def wait_for_causes(calls: Sequence[str] | None = None, count: int = 1) -> dict[str, Call]:
    """The calls by whom they were for, once `count` have a cause that nothing will sharpen.

    The worker is at work meanwhile.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        run_tasks()
        found = [call for call in Call.objects.exclude(cause="") if is_settled(call)]
        if len(found) >= count:
            return {call.to_address: call for call in found}
        time.sleep(0.1)
    seen = [(call.to_address, call.status, call.cause, call.cause_facts) for call in Call.objects.all()]
    raise AssertionError(f"not {count} calls with a cause: {seen}")
