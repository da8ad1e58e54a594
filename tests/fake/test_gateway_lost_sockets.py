"""Calls whose browser has lost its socket."""

import time

import pytest

from fake_twilio import device_end
from tests.fake.browser_calls import ECHO, statuses
from tests.fake.browser_peer import call_out
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.tokens import build_access_token


async def test_a_lost_socket_does_not_end_the_call_if_the_browser_comes_back(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token(), reconnectTimeout=10)
    answer = await call_out(device, peer)
    await fake.control("POST", "gateway", drop_sockets=True)

    stranger = await open_device()
    await stranger.register(build_access_token("mallory"))
    await stranger.send("invite", callsid=answer["callsid"], sdp="x", reconnect=answer["reconnect"])
    assert (await stranger.expect("hangup"))["error"]["code"] == 31209

    back = await open_device()
    await back.register(build_access_token())
    await back.send("invite", callsid=answer["callsid"], sdp="x", reconnect=answer["reconnect"], twilio={})
    again = await back.expect("answer")
    assert again == {"callsid": answer["callsid"], "reconnect": answer["reconnect"]}
    await peer.wait_for_sound()
    await back.send("hangup", callsid=answer["callsid"])
    await customer.wait_for("/status", CallStatus="completed")


async def test_a_lost_socket_that_stays_lost_ends_the_call(
    fake: Fake,
    customer: Customer,
    open_device: OpenDevice,
    open_peer: OpenPeer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device_end, "MIN_GRACE_SECONDS", 0.05)
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    await call_out(device, peer)
    await fake.control("POST", "gateway", drop_sockets=True)
    await customer.wait_for("/status", CallStatus="completed")


async def test_a_call_outlives_its_token_and_ends_with_its_sound(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token(valid_until=int(time.time()) + 2))
    await call_out(device, peer)
    assert (await device.expect("error"))["error"]["code"] == 31205
    await device.expect("close")
    await peer.wait_for_sound()
    assert await statuses(fake) == ["in-progress", "in-progress"]
    await peer.close()
    await customer.wait_for("/status", CallStatus="completed")


async def test_a_reconnect_token_that_is_none_is_refused(open_device: OpenDevice) -> None:
    device = await open_device()
    await device.register(build_access_token())
    await device.send("invite", callsid="CA1", sdp="x", reconnect="guess", twilio={})
    assert (await device.expect("hangup"))["error"]["code"] == 31209
