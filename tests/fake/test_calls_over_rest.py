"""Calls that are made, ended and redirected over REST."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from fake_twilio import catalogue, originate
from fake_twilio.originate import start_outgoing_call, update_call
from fake_twilio.store import Account
from fake_twilio.switchboard import SWITCHBOARD
from fake_twilio.takes import RECORDINGS
from tests.fake.browser_peer import call_out
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.living_calls import STRANGER_HOLDS, over, ring, until_bridged
from tests.fake.package import Package
from tests.fake.tokens import build_access_token
from tests.fake.who_hears import until


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


async def make(customer: Customer, package: Package, **more: Any) -> str:
    """A call by the package; its SID."""
    wanted = {
        "to": catalogue.STRANGER_NUMBER,
        "from_": catalogue.DEMO_NUMBER,
        "url": f"{customer.url}/answered",
    }
    return str((await package.ask(lambda it: it.calls.create(**wanted | more))).sid)


async def test_canceling_ends_what_rings_and_leaves_alone_what_is_answered(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/answered"] = STRANGER_HOLDS
    ringing = await make(customer, package, to=catalogue.UNANSWERED_NUMBER)
    canceled = await package.ask(lambda it: it.calls(ringing).update(status="canceled"))
    assert (canceled.status, canceled.duration) == ("canceled", None)
    talking = await make(customer, package)
    await customer.wait_for("/answered")
    answered = await package.ask(lambda it: it.calls(talking).update(status="canceled"))
    assert answered.status == "in-progress"
    assert (await package.ask(lambda it: it.calls(talking).update(status="completed"))).status == "completed"
    assert await package.refuses(lambda it: it.calls(talking).update(status="completed")) == (400, 21220)


async def test_only_a_call_in_progress_is_redirected(
    fake: Fake, customer: Customer, package: Package
) -> None:
    ringing = await make(customer, package, to=catalogue.UNANSWERED_NUMBER)
    other = f"{customer.url}/elsewhere"
    assert await package.refuses(lambda it: it.calls(ringing).update(url=other)) == (400, 21220)
    assert customer.asked("/elsewhere") == []


async def test_a_parent_that_is_redirected_ends_its_dial_and_its_child_hangs_up(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/voice"] = f'<Dial action="/done">{catalogue.STRANGER_NUMBER}</Dial>'
    call = await ring(fake)
    child = await until_bridged(call)
    twiml = f"<Response>{STRANGER_HOLDS}</Response>"
    await package.ask(lambda it: it.calls(call.record.sid).update(twiml=twiml))
    assert (await over(child)).status == "completed"
    assert call.record.status == "in-progress" and customer.asked("/done") == []
    (listed,) = await package.ask(lambda it: it.calls.list(parent_call_sid=call.record.sid))
    assert (listed.sid, listed.direction, listed.to) == (
        child.record.sid,
        "outbound-dial",
        catalogue.STRANGER_NUMBER,
    )
    assert (listed.answered_by, listed.price, listed.queue_time) == (None, None, "0")


async def test_a_browsers_leg_is_redirected_and_hears_what_it_is_sent_to(
    fake: Fake, customer: Customer, package: Package, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = f'<Dial callerId="{catalogue.DEMO_NUMBER}">{catalogue.ECHO_NUMBER}</Dial>'
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    answered = await call_out(device, peer)
    await peer.wait_for_sound()
    sid = answered["callsid"]
    await package.ask(lambda it: it.calls(sid).update(twiml="<Response><Pause length='60'/></Response>"))
    await peer.wait_for_silence()
    live = await package.ask(lambda it: it.calls.list(from_="client:alice", status="in-progress"))
    assert [one.sid for one in live] == [sid]
    await package.ask(lambda it: it.calls(sid).update(status="completed"))
    assert (await device.expect("hangup"))["callsid"] == sid


async def test_calls_are_listed_by_day_status_and_ends(
    fake: Fake, customer: Customer, package: Package
) -> None:
    sid = await make(customer, package)
    await over(fake.app[SWITCHBOARD].calls[sid])
    (call,) = await package.ask(lambda it: it.calls.list(to=catalogue.STRANGER_NUMBER, status="completed"))
    day = call.start_time
    listed = await package.ask(lambda it: it.calls.list(start_time=day, from_=catalogue.DEMO_NUMBER))
    assert [one.sid for one in listed] == [sid]
    before = day - timedelta(days=1)
    assert await package.ask(lambda it: it.calls.list(start_time_before=before)) == []
    assert await package.ask(lambda it: it.calls.list(status="busy")) == []


async def test_digits_reach_the_far_end_once_it_answers(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/answered"] = STRANGER_HOLDS
    sid = await make(customer, package, send_digits="1w2#")
    await until(lambda: fake.app[SWITCHBOARD].calls[sid].digits == "12#")
    assert await package.refuses(
        lambda it: it.calls.create(
            to=catalogue.STRANGER_NUMBER, from_=catalogue.DEMO_NUMBER, twiml="<Response/>", send_digits="x"
        )
    ) == (400, 20001)


async def test_digits_reach_the_gather_of_whoever_is_called(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/voice"] = '<Gather action="/keys" numDigits="2"/>'
    customer.answers["/answered"] = STRANGER_HOLDS
    await make(
        customer, package, to=catalogue.DEMO_NUMBER, from_=catalogue.DEMO_VERIFIED_NUMBER, send_digits="w42"
    )
    assert (await customer.wait_for("/keys"))["Digits"] == "42"


async def test_a_call_over_rest_ends_with_its_time_limit_and_is_recorded(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/answered"] = STRANGER_HOLDS
    sid = await make(customer, package, time_limit=1, record=True)
    assert (await over(fake.app[SWITCHBOARD].calls[sid])).status == "completed"
    await until(lambda: all(one.done.is_set() for one in fake.app[RECORDINGS].values()))
    (recording,) = await package.ask(lambda it: it.calls(sid).recordings.list())
    assert (recording.status, recording.source) == ("completed", "OutboundAPI")


async def test_a_limit_that_is_set_during_a_call_takes_the_place_of_that_before_and_outlasts_its_twiml(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/answered"] = STRANGER_HOLDS
    sid = await make(customer, package, time_limit=600)
    call = fake.app[SWITCHBOARD].calls[sid]
    await until(lambda: call.is_answered)
    await package.ask(
        lambda it: it.calls(sid).update(time_limit=1, twiml=f"<Response>{STRANGER_HOLDS}</Response>")
    )
    assert (await over(call)).status == "completed"
