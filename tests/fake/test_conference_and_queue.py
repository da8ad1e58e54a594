"""Where calls wait for each other: <Conference>, <Enqueue> and <Queue>."""

import asyncio

from fake_twilio.calls import Script
from fake_twilio.sounds import get_energy
from tests.fake.conftest import Fake
from tests.fake.customer import Customer
from tests.fake.device import PATIENCE
from tests.fake.living_calls import codes, over, ring, until_bridged
from tests.fake.who_hears import listen, until


async def test_three_in_a_conference_hear_each_other(fake: Fake, customer: Customer) -> None:
    room = "<Dial action='/left'><Conference {}>room</Conference></Dial>"
    customer.answers["/voice"] = room.format("endConferenceOnExit='true'")
    first = await ring(fake, sound="tone")
    await customer.wait_for("/voice")
    customer.answers["/voice"] = room.format("")
    others = [await ring(fake, sound="silence") for _ in range(2)]
    async with asyncio.timeout(PATIENCE):
        while not all(getattr(call.end, "heard", None) for call in others):
            await asyncio.sleep(0.01)
    for call in others:
        assert get_energy(call.end.heard.read()) > 0.01  # type: ignore[attr-defined]
    async with asyncio.timeout(PATIENCE):
        while get_energy(first.end.heard.read()) > 0:  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
    first.hang_up()
    for call in others:
        await over(call)
    assert len(customer.asked("/left")) == 3


async def test_a_queue_is_served_first_come_first_served(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = "<Enqueue action='/served'>line</Enqueue>"
    waiting = [await ring(fake) for _ in range(2)]
    await customer.wait_for("/voice", 2)
    customer.answers["/voice"] = "<Dial action='/done'><Queue>line</Queue></Dial>"
    agent = await ring(fake)
    assert await until_bridged(agent) is waiting[0]
    agent.hang_up()
    assert (await customer.wait_for("/served"))["QueueResult"] == "bridged"
    assert (await customer.wait_for("/done"))["DialCallStatus"] == "completed"
    waiting[1].hang_up()
    assert (await customer.wait_for("/served", 2))["QueueResult"] == "hangup"


async def test_a_queue_plays_what_its_wait_url_says_until_the_caller_leaves(
    fake: Fake, customer: Customer
) -> None:
    customer.answers["/voice"] = "<Enqueue action='/left' waitUrl='/wait'>line</Enqueue>"
    customer.answers["/wait"] = "<Say>You are first</Say><Gather action='/key' numDigits='1' timeout='30'/>"
    customer.answers["/key"] = "<Leave/>"
    call = await ring(fake)
    asked = await customer.wait_for("/wait")
    assert (asked["QueuePosition"], asked["CurrentQueueSize"], asked["AvgQueueTime"]) == ("1", "1", "0")
    await until(lambda: get_energy(listen(call)) > 0.01)
    await until(lambda: call.end.heard is None)  # type: ignore[attr-defined]
    call.press("1")
    left = await customer.wait_for("/left")
    assert (left["QueueResult"], left["QueueSid"]) == ("leave", asked["QueueSid"])
    assert (await customer.wait_for("/key"))["Digits"] == "1"
    await over(call)


async def test_a_queue_may_be_silent_and_its_documents_may_not_dial(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = "<Enqueue waitUrl=''>line</Enqueue>"
    silent = await ring(fake)
    await until(lambda: silent.is_answered)
    assert get_energy(listen(silent)) == 0
    customer.answers["/voice"] = "<Enqueue waitUrl='/wait'>line</Enqueue>"
    customer.answers["/wait"] = "<Dial>+12025550199</Dial>"
    call = await ring(fake)
    await until(lambda: codes(call.account) == ["13238"])
    assert call.record.status == "in-progress"


async def test_a_caller_may_be_sent_elsewhere_from_a_queue(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = "<Enqueue action='/left'>line</Enqueue>"
    call = await ring(fake)
    await until(lambda: get_energy(listen(call)) > 0.01)
    call.redirect(Script(twiml="<Response><Pause length='30'/></Response>"))
    assert (await customer.wait_for("/left"))["QueueResult"] == "redirected"
    await until(lambda: get_energy(listen(call)) == 0)
    customer.answers["/voice"] = "<Dial action='/done'><Queue>line</Queue></Dial>"
    await ring(fake)
    assert (await customer.wait_for("/done"))["DialCallStatus"] == "no-answer"
