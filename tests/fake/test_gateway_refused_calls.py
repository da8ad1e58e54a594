"""Frames about calls that a browser may not make or touch."""

from typing import Any

import pytest

from fake_twilio import catalogue
from tests.fake.browser_calls import ECHO, statuses
from tests.fake.browser_peer import Peer, call_out
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.tokens import DEMO_SID, build_access_token

REFUSED_CALLS: dict[str, tuple[int, dict[str, Any], str]] = {
    "an app that is not in the account": (21218, {"application_sid": "AP" + "0" * 32}, ""),
    "no app in the token": (31201, {"application_sid": None}, ""),
    "an app without a Voice URL": (
        31404,
        {"application_sid": catalogue.make_sid("AP", "demo without voice url")},
        "",
    ),
    "too many parameters": (31103, {}, "x=" + "y" * 900),
}


@pytest.mark.parametrize("kind", REFUSED_CALLS)
async def test_a_call_that_cannot_be_made_is_hung_up_with_its_code(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer, kind: str
) -> None:
    code, fields, params = REFUSED_CALLS[kind]
    device = await open_device()
    await device.register(build_access_token(**fields))
    payload = await call_out(device, open_peer(), params)
    assert (payload["type"], payload["callsid"], payload["error"]["code"]) == ("hangup", "TJSpeer", code)


async def test_a_suspended_account_makes_no_calls(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    device = await open_device()
    await device.register(build_access_token())
    fake.store.accounts[DEMO_SID].status = "suspended"
    assert (await call_out(device, open_peer()))["error"]["code"] == 31203


async def test_a_gateway_that_fails_at_every_call_says_so(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    device = await open_device()
    await device.register(build_access_token())
    fake.store.accounts[DEMO_SID].call_fault = "server error"
    assert (await call_out(device, open_peer()))["error"]["code"] == 31500


async def test_an_invite_without_a_description_is_an_error(open_device: OpenDevice) -> None:
    device = await open_device()
    await device.register(build_access_token())
    await device.send("invite", callsid="TJSa")
    assert (await device.expect("error"))["error"]["code"] == 31100


async def test_a_description_that_is_none_ends_the_call(customer: Customer, open_device: OpenDevice) -> None:
    customer.answers["/voice"] = "<Say>Hello</Say>"
    device = await open_device()
    await device.register(build_access_token())
    await device.send("invite", callsid="TJSa", sdp="v=0\r\nnonsense", twilio={})
    assert (await device.expect("hangup"))["error"]["code"] == 31400


async def test_calls_of_other_browsers_cannot_be_touched(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, other = await open_device(), await open_device()
    peer: Peer = open_peer()
    await device.register(build_access_token())
    await other.register(build_access_token())
    answer = await call_out(device, peer)
    for kind in ("hangup", "reject", "dtmf", "reinvite", "answer"):
        await other.send(kind, callsid=answer["callsid"], dtmf="1", sdp="x")
    await other.send("message", callsid=answer["callsid"])
    await other.expect("error")
    assert await statuses(fake) == ["in-progress", "in-progress"]
