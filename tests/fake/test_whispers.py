"""What the `url` of a <Number> says to whoever answers, and what may go wrong with a recording's file."""

import asyncio

from fake_twilio import catalogue
from tests.fake.conftest import Fake
from tests.fake.customer import Customer
from tests.fake.living_calls import over, ring, until_bridged
from tests.fake.who_hears import until


async def test_who_answers_hears_it_before_they_are_connected_and_the_caller_does_not(
    fake: Fake, customer: Customer
) -> None:
    number = f'<Number url="/whisper">{catalogue.STRANGER_NUMBER}</Number>'
    customer.answers["/voice"] = f'<Dial answerOnBridge="true" action="/done">{number}</Dial>'
    customer.answers["/whisper"] = "<Say>This call is recorded.</Say>"
    call = await ring(fake)
    asked = await customer.wait_for("/whisper")
    assert (asked["ParentCallSid"], asked["CallStatus"]) == (call.record.sid, "in-progress")
    assert not call.is_answered and call.bridged_with is None
    other = await until_bridged(call)
    assert call.is_answered and asked["CallSid"] == other.record.sid
    call.hang_up()
    await over(call)


async def test_a_whisper_that_cannot_be_fetched_connects_them_all_the_same(
    fake: Fake, customer: Customer
) -> None:
    number = f'<Number url="http://127.0.0.1:9/">{catalogue.STRANGER_NUMBER}</Number>'
    customer.answers["/voice"] = f"<Dial>{number}</Dial>"
    call = await ring(fake)
    await until_bridged(call)
    call.hang_up()
    await over(call)


async def test_whoever_hangs_up_during_it_ends_the_dial(fake: Fake, customer: Customer) -> None:
    number = f'<Number url="/whisper">{catalogue.STRANGER_NUMBER}</Number>'
    customer.answers["/voice"] = f'<Dial action="/done">{number}</Dial>'
    customer.answers["/whisper"] = '<Pause length="30"/>'
    call = await ring(fake)
    asked = await customer.wait_for("/whisper")
    other = call.switchboard.calls[asked["CallSid"]]  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    other.hang_up()
    done = await customer.wait_for("/done")
    assert done["DialCallSid"] == other.record.sid
    await until(lambda: other.is_over)
