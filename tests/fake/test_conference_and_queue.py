"""Where calls wait for each other: <Conference>, <Enqueue> and <Queue>."""

import asyncio

from fake_twilio.sounds import get_energy
from tests.fake.conftest import Fake
from tests.fake.customer import Customer
from tests.fake.device import PATIENCE
from tests.fake.living_calls import over, ring, until_bridged


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
