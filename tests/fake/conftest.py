"""The fake in the test's own event loop, and Devices that speak its protocol by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from twilio.rest import Client

from fake_twilio.app import build_app
from fake_twilio.app_keys import STORE
from fake_twilio.store import Account, Application, Store
from tests.fake.browser_peer import Peer
from tests.fake.customer import Customer, run_customer
from tests.fake.device import Device
from tests.fake.package import Package
from tests.fake.rest_fake import DEMO_LOGIN, OriginRewriter, RestFake, run_rest_fake
from tests.fake.tokens import APPLICATION_SID, DEMO_SID


class Fake:
    """A running fake: its application, its address, and its controls."""

    def __init__(self, app: web.Application, url: str, session: ClientSession) -> None:
        self.app = app
        self.url = url
        self.session = session

    @property
    def store(self) -> Store:
        return self.app[STORE]

    async def control(self, method: str, path: str, **body: Any) -> Any:
        async with self.session.request(method, f"{self.url}/_fake/{path}", json=body or None) as answer:
            answer.raise_for_status()
            return await answer.json() if answer.content_type == "application/json" else None


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    server = TestServer(build_app())
    await server.start_server()
    async with ClientSession() as session:
        yield Fake(server.app, str(server.make_url("")).rstrip("/"), session)
    await server.close()


@pytest.fixture
async def package(fake: Fake) -> AsyncIterator[Package]:
    """The official package, on the demo account of the fake that runs in the test's own event loop."""
    http_client = OriginRewriter(fake.url)
    yield Package(Client(*DEMO_LOGIN, http_client=http_client, environment={"_": "_"}))
    http_client.session.close()


@pytest.fixture
def account(fake: Fake) -> Account:
    """The demo account."""
    return fake.store.accounts[DEMO_SID]


OpenDevice = Callable[[], Awaitable[Device]]


@pytest.fixture
async def open_device(fake: Fake) -> AsyncIterator[OpenDevice]:
    devices: list[Device] = []

    async def open_one() -> Device:
        device = Device(await fake.session.ws_connect(f"{fake.url}/signal"))
        devices.append(device)
        return device

    yield open_one
    for device in devices:
        await device.close()


@pytest.fixture(scope="session")
def running_rest_fake() -> Iterator[RestFake]:
    with run_rest_fake() as fake:
        yield fake


@pytest.fixture
def rest(running_rest_fake: RestFake) -> RestFake:
    """The fake's REST API over HTTP, as new."""
    running_rest_fake.control("POST", "reset").raise_for_status()
    return running_rest_fake


@pytest.fixture
async def customer(account: Account) -> AsyncIterator[Customer]:
    """The demo account's server, at `/voice` of which its TwiML App and its number point."""
    async with run_customer(account.auth_token) as customer:
        fields = {"voice_url": f"{customer.url}/voice", "status_callback": f"{customer.url}/status"}
        account.applications[APPLICATION_SID] = Application(APPLICATION_SID, fields=fields)
        for number in account.incoming_phone_numbers.values():
            number.fields |= fields
        yield customer
        assert not customer.bad_signatures


OpenPeer = Callable[..., Peer]


@pytest.fixture
async def open_peer() -> AsyncIterator[OpenPeer]:
    peers: list[Peer] = []

    def open_one(hertz: int = 600) -> Peer:
        peers.append(Peer(hertz))
        return peers[-1]

    yield open_one
    for peer in peers:
        await peer.close()
