"""What becomes of a call when the customer's server fails."""

import asyncio

import pytest
from aiohttp import web

from fake_twilio.store import Account
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.device import PATIENCE
from tests.fake.living_calls import codes, over, ring
from tests.fake.tokens import APPLICATION_SID, build_access_token


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (web.Response(status=500), "11200"),
        (web.Response(text="<Response/>", content_type="text/plain"), "12300"),
        (web.Response(text="<Response>", content_type="text/xml"), "12100"),
        (web.Response(text="<html/>", content_type="text/xml"), "12102"),
        (web.Response(status=204), "12300"),
    ],
)
async def test_a_failing_server_is_excused_and_alerted(
    fake: Fake, customer: Customer, account: Account, answer: web.Response, code: str
) -> None:
    customer.answers["/voice"] = answer
    call = await ring(fake, hang_up_after=0.05)
    assert (await over(call)).status == "completed"
    assert codes(account) == [code]
    assert account.alerts[0]["resource_sid"] == call.record.sid
    assert account.alerts[0]["request_url"] == f"{customer.url}/voice"


async def test_a_fallback_is_asked_with_the_reason(fake: Fake, customer: Customer, account: Account) -> None:
    number = next(iter(account.incoming_phone_numbers.values()))
    number.fields["voice_fallback_url"] = f"{customer.url}/fallback"
    customer.answers["/voice"] = web.Response(status=500)
    await over(await ring(fake))
    asked = customer.asked("/fallback")[0]
    assert (asked["ErrorCode"], asked["ErrorUrl"]) == ("11200", f"{customer.url}/voice")


async def test_a_device_whose_voice_url_is_out_of_reach_is_told_so(
    fake: Fake, customer: Customer, account: Account, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    account.applications[APPLICATION_SID].fields["voice_url"] = "http://127.0.0.1:1/"
    device = await open_device()
    await device.register(build_access_token())
    await device.send("invite", callsid="TJSa", sdp=await open_peer().offer(), twilio={})
    hangup = await device.expect("hangup")
    assert (hangup["callsid"], hangup["error"]["code"]) == ("TJSa", 31503)
    assert codes(account) == ["11205"]


async def test_a_failing_status_callback_is_only_noted(
    fake: Fake, customer: Customer, account: Account
) -> None:
    customer.answers["/status"] = web.Response(status=500)
    await over(await ring(fake))
    await customer.wait_for("/status")
    async with asyncio.timeout(PATIENCE):
        while not account.alerts:
            await asyncio.sleep(0.01)
    assert codes(account) == ["15003"]
