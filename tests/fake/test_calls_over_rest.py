"""Calls that are made, ended and redirected over REST."""

import asyncio
from typing import Any

import pytest

from fake_twilio import catalogue, originate
from fake_twilio.originate import start_outgoing_call, update_call
from fake_twilio.store import Account
from fake_twilio.switchboard import SWITCHBOARD
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.living_calls import STRANGER_HOLDS, over, ring, until_bridged
from tests.fake.tokens import build_access_token


def outgoing(customer: Customer, **params: Any) -> dict[str, Any]:
    return {
        "To": catalogue.STRANGER_NUMBER,
        "From": catalogue.DEMO_NUMBER,
        "Url": f"{customer.url}/answered",
        "StatusCallback": f"{customer.url}/progress",
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        **params,
    }


async def test_a_call_over_rest_rings_and_then_follows_its_twiml(
    fake: Fake, customer: Customer, account: Account
) -> None:
    record = await start_outgoing_call(fake.app, account, outgoing(customer))
    assert (record.status, record.direction) == ("queued", "outbound-api")
    await over(fake.app[SWITCHBOARD].calls[record.sid])
    assert record.status == "completed"
    assert customer.asked("/answered")[0]["CallStatus"] == "in-progress"
    await customer.wait_for("/progress", 4)
    events = customer.asked("/progress")
    assert [event["CallStatus"] for event in events] == ["initiated", "ringing", "in-progress", "completed"]
    assert [event["SequenceNumber"] for event in events] == ["0", "1", "2", "3"]
    assert events[3]["CallDuration"] == "0" and events[3]["CallbackSource"] == "call-progress-events"


@pytest.mark.parametrize(
    ("to", "status"),
    [
        (catalogue.BUSY_NUMBER, "busy"),
        (catalogue.UNANSWERED_NUMBER, "no-answer"),
        ("client:nobody", "no-answer"),
        ("+12025550999", "failed"),
    ],
)
async def test_a_call_over_rest_that_nobody_takes_ends_by_name(
    fake: Fake, customer: Customer, account: Account, to: str, status: str
) -> None:
    record = await start_outgoing_call(fake.app, account, outgoing(customer, To=to, Timeout=1))
    await over(fake.app[SWITCHBOARD].calls[record.sid])
    assert record.status == status
    assert customer.asked("/answered") == []


async def test_a_call_over_rest_rings_a_browser(
    fake: Fake, customer: Customer, account: Account, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    twiml = f"<Response><Dial>{catalogue.STRANGER_NUMBER}</Dial></Response>"
    await start_outgoing_call(fake.app, account, outgoing(customer, To="client:alice", Url=None, Twiml=twiml))
    invited = await device.expect("invite")
    await device.send("answer", callsid=invited["callsid"], sdp=await peer.answer(invited["sdp"]))
    await device.expect("answer")
    await peer.wait_for_sound()


async def test_a_call_is_ended_over_rest(fake: Fake, customer: Customer, account: Account) -> None:
    customer.answers["/voice"] = STRANGER_HOLDS
    call = await ring(fake)
    await customer.wait_for("/voice")
    await update_call(fake.app, account, call.record, {"Status": "completed"})
    assert call.is_over
    await update_call(fake.app, account, call.record, {"Status": "completed"})


async def test_ending_a_call_does_not_wait_for_a_slow_action(
    fake: Fake, customer: Customer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(originate, "UPDATE_SECONDS", 0.05)
    released = asyncio.Event()
    customer.late["/done"] = released.wait
    customer.answers["/voice"] = f'<Dial action="/done">{catalogue.STRANGER_NUMBER}</Dial>'
    call = await ring(fake)
    child = await until_bridged(call)
    await update_call(fake.app, account, call.record, {"Status": "completed"})
    assert child.is_over and not call.is_over
    released.set()
    assert (await over(call)).status == "completed"


async def test_a_call_is_redirected_over_rest(fake: Fake, customer: Customer, account: Account) -> None:
    customer.answers["/voice"] = f"<Say>Hello</Say>{STRANGER_HOLDS}"
    call = await ring(fake)
    await customer.wait_for("/voice")
    await update_call(fake.app, account, call.record, {"Url": f"{customer.url}/elsewhere"})
    await over(call)
    assert customer.asked("/elsewhere")[0]["CallSid"] == call.record.sid


async def test_a_dialled_leg_that_is_redirected_lives_on_while_its_caller_goes_to_the_action(
    fake: Fake, customer: Customer, account: Account
) -> None:
    customer.answers["/voice"] = f'<Dial action="/done">{catalogue.STRANGER_NUMBER}</Dial>'
    call = await ring(fake)
    child = await until_bridged(call)
    customer.answers["/hold"] = STRANGER_HOLDS
    await update_call(fake.app, account, child.record, {"Url": f"{customer.url}/hold"})
    assert (await over(call)).status == "completed"
    assert len(customer.asked("/done")) == 1
    await customer.wait_for("/hold")
    assert child.record.status == "in-progress"
    child.hang_up()
    await over(child)
