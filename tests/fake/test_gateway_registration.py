"""Registering with the gateway, frame by frame, as the SDK does; and being refused."""

import time

import pytest

from fake_twilio import catalogue
from fake_twilio.gateway import REFUSALS
from tests.fake.conftest import Fake, OpenDevice
from tests.fake.test_tokens import BAD_TOKENS
from tests.fake.tokens import DEMO_SID, build_access_token, build_capability_token


async def test_a_device_listens_registers_and_unregisters(open_device: OpenDevice, fake: Fake) -> None:
    device = await open_device()
    connected = await device.register(build_access_token())
    assert connected["token"]["identity"] == "alice"
    assert 3590 < connected["token"]["ttl"] <= 3600
    assert (connected["region"], connected["edge"], connected["home"]) == (
        "US_EAST_VIRGINIA",
        "ashburn",
        "us1",
    )
    assert [row["identity"] for row in await fake.control("GET", "registrations")] == ["alice"]

    await device.send("register", media={"audio": False})
    await device.expect("offline")
    assert await fake.control("GET", "registrations") == []


async def test_one_identity_may_register_several_devices(open_device: OpenDevice, fake: Fake) -> None:
    for _ in range(2):
        await (await open_device()).register(build_access_token())
    await (await open_device()).register(build_capability_token("bob"))
    rows = await fake.control("GET", "registrations")
    assert [(row["identity"], row["token_kind"]) for row in rows] == [
        ("alice", "access"),
        ("alice", "access"),
        ("bob", "capability"),
    ]
    assert "token" not in rows[0]


async def test_a_region_shows_in_connected(open_device: OpenDevice) -> None:
    connected = await (await open_device()).register(build_access_token(key="demo ireland", region="ie1"))
    assert (connected["region"], connected["home"]) == ("EU_IRELAND", "ie1")


@pytest.mark.parametrize("kind", BAD_TOKENS)
async def test_a_bad_token_earns_error_then_close(open_device: OpenDevice, fake: Fake, kind: str) -> None:
    code, build = BAD_TOKENS[kind]
    device = await open_device()
    await device.listen(build())
    assert (await device.expect("error"))["error"]["code"] == code
    await device.expect("close")
    assert await device.next() == ("", {})
    assert await fake.control("GET", "registrations") == []


async def test_register_before_listen_is_an_error_but_not_the_end(open_device: OpenDevice) -> None:
    device = await open_device()
    await device.send("register", media={"audio": True})
    assert (await device.expect("error"))["error"]["code"] == 31204
    await device.register(build_access_token())


@pytest.mark.parametrize("text", ["{", "[]", "7", '"x"', '{"type": "listen", "payload": [1]}', "{}"])
async def test_a_frame_that_is_none_is_an_error_but_not_the_end(open_device: OpenDevice, text: str) -> None:
    device = await open_device()
    await device.connection.send_str(text)
    assert (await device.expect("error"))["error"]["code"] == 31100
    await device.register(build_access_token())


async def test_a_renewed_token_keeps_the_registration(open_device: OpenDevice, fake: Fake) -> None:
    device = await open_device()
    await device.register(build_access_token(ttl=100))
    await device.listen(build_access_token(ttl=3600))
    assert (await device.expect("connected"))["token"]["ttl"] > 3500
    assert len(await fake.control("GET", "registrations")) == 1


async def test_the_end_of_a_token_ends_the_registration(open_device: OpenDevice, fake: Fake) -> None:
    device = await open_device()
    await device.register(build_access_token(valid_until=int(time.time()) + 2))
    assert (await device.expect("error"))["error"]["code"] == 31205
    await device.expect("close")
    assert await fake.control("GET", "registrations") == []


async def test_the_gateway_sends_heartbeats(open_device: OpenDevice, fake: Fake) -> None:
    await fake.control("POST", "gateway", heartbeat=0.01)
    device = await open_device()
    for _ in range(3):
        assert (await device.connection.receive(timeout=5)).data == "\n"


@pytest.mark.parametrize("fault", REFUSALS)
@pytest.mark.parametrize("of_account", [True, False])
async def test_the_gateway_can_be_made_to_refuse(
    open_device: OpenDevice, fake: Fake, fault: str, of_account: bool
) -> None:
    await fake.control("POST", "gateway", fault=fault, **({"account_sid": DEMO_SID} if of_account else {}))
    device = await open_device()
    await device.listen(build_access_token())
    error = (await device.expect("error"))["error"]
    assert error["code"] == REFUSALS[fault]
    assert ("retryAfter" in error) == (fault == "gateway rate")
    await device.expect("close")


async def test_a_fault_of_one_account_spares_the_others(open_device: OpenDevice, fake: Fake) -> None:
    await fake.control("POST", "gateway", account_sid=DEMO_SID, fault="gateway signature")
    token = build_access_token(account_sid=catalogue.account_sid("other"), key="other standard")
    await (await open_device()).register(token)


async def test_a_silent_gateway_says_nothing_and_does_not_beat(open_device: OpenDevice, fake: Fake) -> None:
    await fake.control("POST", "gateway", fault="gateway silent", heartbeat=0.01)
    device = await open_device()
    await device.listen(build_access_token())
    assert await device.is_silent()


async def test_a_dropping_gateway_cuts_the_line(open_device: OpenDevice, fake: Fake) -> None:
    await fake.control("POST", "gateway", account_sid=DEMO_SID, fault="gateway drop")
    device = await open_device()
    await device.listen(build_access_token())
    assert await device.next() == ("", {})
    assert device.connection.close_code == 1006


async def test_a_gateway_that_is_never_ready_accepts_the_token(open_device: OpenDevice, fake: Fake) -> None:
    await fake.control("POST", "gateway", fault="gateway never ready")
    device = await open_device()
    await device.listen(build_access_token())
    await device.expect("connected")
    await device.send("register", media={"audio": True})
    assert await device.is_silent()
    assert await fake.control("GET", "registrations") == []


async def test_heartbeats_can_be_stopped(open_device: OpenDevice, fake: Fake) -> None:
    await fake.control("POST", "gateway", fault="gateway no heartbeat", heartbeat=0.01)
    assert await (await open_device()).is_silent()


async def test_all_sockets_can_be_dropped(open_device: OpenDevice, fake: Fake) -> None:
    device = await open_device()
    await device.register(build_access_token())
    assert await fake.control("POST", "gateway", drop_sockets=True) == {"dropped": 1, "refused": 0}
    assert await device.next() == ("", {})
    assert device.connection.close_code == 1006
    assert await fake.control("GET", "registrations") == []


async def test_a_deleted_key_stops_the_next_listen_and_on_demand_the_present_device(
    open_device: OpenDevice, fake: Fake
) -> None:
    registered, other = await open_device(), await open_device()
    await registered.register(build_access_token())
    await other.register(build_access_token(key="demo main"))
    del fake.store.accounts[DEMO_SID].keys[catalogue.key_sid("demo standard")]

    latecomer = await open_device()
    await latecomer.listen(build_access_token())
    assert (await latecomer.expect("error"))["error"]["code"] == 31204

    answer = await fake.control("POST", "gateway", account_sid=DEMO_SID, recheck=True)
    assert answer["refused"] == 1
    assert (await registered.expect("error"))["error"]["code"] == 31204
    await registered.expect("close")
    assert await other.is_silent()


async def test_an_unknown_fault_or_account_is_refused(fake: Fake) -> None:
    for body in ({"fault": "gateway hiccup"}, {"account_sid": "AC0", "fault": ""}):
        async with fake.session.post(f"{fake.url}/_fake/gateway", json=body) as answer:
            assert answer.status in (400, 404)
