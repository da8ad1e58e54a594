"""A line that loses sound, delays it, and is well again: what the browser's end measures of it."""

import asyncio
from typing import Any

import aiohttp
import pytest

from fake_twilio.line import Line, SpoiltTransport
from tests.fake.browser_calls import ECHO
from tests.fake.browser_peer import Peer, call_out
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.tokens import build_access_token

RTP, RTCP = b"\x80\x00" + bytes(10), b"\x80\xc9" + bytes(10)


def test_a_line_loses_sound_evenly_and_no_reports() -> None:
    sent: list[bytes] = []

    async def keep(data: bytes) -> None:
        sent.append(data)

    async def send_all() -> None:
        line = Line()
        line.loss = 0.25
        spoilt = SpoiltTransport(line, keep)
        for _ in range(40):
            await spoilt(RTP)
        await spoilt(RTCP)
        line.heal()
        await spoilt(RTP)

    asyncio.run(send_all())
    assert sent.count(RTP) == 31
    assert sent.count(RTCP) == 1


async def test_a_late_line_keeps_the_order() -> None:
    sent: list[bytes] = []

    async def keep(data: bytes) -> None:
        sent.append(data)

    line = Line()
    line.delay, line.jitter = 0.02, 0.03
    spoilt = SpoiltTransport(line, keep)
    packets = [b"\x80\x00" + bytes([number]) for number in range(6)]
    for packet in packets:
        await spoilt(packet)
    assert sent == []
    await asyncio.gather(*spoilt.late)
    assert sent == packets


async def test_a_call_that_is_up_suffers_and_recovers(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    await call_out(device, peer)
    await peer.wait_for_sound()
    await fake.control("POST", "line", loss=0.5)
    async with asyncio.timeout(10):
        while await count_lost(peer) < 10:
            await asyncio.sleep(0.05)
    assert await fake.control("POST", "line") == {"loss": 0.0, "delay": 0.0, "jitter": 0.0}
    with pytest.raises(aiohttp.ClientResponseError):
        await fake.control("POST", "line", loss=2)
    with pytest.raises(aiohttp.ClientResponseError):
        await fake.control("POST", "line", weather="bad")


async def count_lost(peer: Peer) -> int:
    reports: dict[str, Any] = await peer.connection.getReceivers()[0].getStats()
    return sum(one.packetsLost for one in reports.values() if one.type == "inbound-rtp")
