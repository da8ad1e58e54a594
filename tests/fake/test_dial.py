"""<Dial> to numbers: who may call whom, and how each takes the call."""

import asyncio

import pytest

from fake_twilio import catalogue
from fake_twilio.store import Account, IncomingPhoneNumber, make_sid
from fake_twilio.switchboard import SWITCHBOARD
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer, run_customer
from tests.fake.device import PATIENCE
from tests.fake.living_calls import STRANGER_HOLDS, codes, over, ring, until_bridged
from tests.fake.tokens import build_access_token

DIALS = {
    catalogue.ECHO_NUMBER: "completed",
    catalogue.STRANGER_NUMBER: "completed",
    catalogue.DEMO_VERIFIED_NUMBER: "completed",
    catalogue.BUSY_NUMBER: "busy",
    catalogue.UNANSWERED_NUMBER: "no-answer",
    "+12025550999": "failed",
    "12": "failed",
}


@pytest.mark.parametrize("number", DIALS)
async def test_each_number_takes_a_call_in_its_way(
    fake: Fake, customer: Customer, account: Account, number: str
) -> None:
    customer.answers["/voice"] = (
        f'<Dial action="/done" timeout="1" timeLimit="1"><Number>{number}</Number></Dial>'
    )
    await over(await ring(fake))
    done = customer.asked("/done")[0]
    assert done["DialCallStatus"] == DIALS[number]
    assert done["DialBridged"] == ("true" if DIALS[number] == "completed" else "false")
    assert codes(account) == {"+12025550999": ["13224"], "12": ["13223"]}.get(number, [])


async def test_a_client_must_show_an_owned_or_verified_caller_id(
    fake: Fake, customer: Customer, account: Account, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    dials = "".join(
        f'<Dial callerId="{shown}" timeLimit="0" timeout="1">{catalogue.BUSY_NUMBER}</Dial>'
        for shown in ("+12025550000", "", catalogue.DEMO_NUMBER, catalogue.DEMO_VERIFIED_NUMBER)
    )
    customer.answers["/voice"] = dials
    device = await open_device()
    await device.register(build_access_token())
    await device.send("invite", callsid="TJSa", sdp=await open_peer().offer(), twilio={})
    await device.expect("answer")
    await device.expect("hangup")
    assert codes(account) == ["13214", "13214"]
    assert [call.from_ for call in account.calls.values() if call.direction == "outbound-dial"] == [
        catalogue.DEMO_NUMBER,
        catalogue.DEMO_VERIFIED_NUMBER,
    ]


async def test_digits_are_keyed_once_the_number_has_answered_and_a_w_waits(
    fake: Fake, customer: Customer
) -> None:
    customer.answers["/voice"] = (
        f'<Dial timeLimit="5"><Number sendDigits="1ww2#">{catalogue.STRANGER_NUMBER}</Number></Dial>'
    )
    call = await ring(fake)
    other = await until_bridged(call)
    heard = []
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(PATIENCE):
        while other.digits != "12#":
            heard.append(other.digits)
            await asyncio.sleep(0.01)
    assert "1" in heard
    assert asyncio.get_running_loop().time() - began >= 0.9
    call.hang_up()
    await over(call)


async def test_digits_are_not_keyed_where_nobody_answers(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = (
        f'<Dial timeout="1"><Number sendDigits="12">{catalogue.UNANSWERED_NUMBER}</Number></Dial>'
    )
    call = await ring(fake)
    await over(call)
    children = [one for one in fake.app[SWITCHBOARD].calls.values() if one is not call]
    assert [child.digits for child in children] == [""]


async def test_a_trial_account_calls_verified_numbers_only(
    fake: Fake, customer: Customer, account: Account
) -> None:
    account.type = "Trial"
    customer.answers["/voice"] = (
        f"<Dial>{catalogue.ECHO_NUMBER}</Dial>"
        f'<Dial action="/done" timeLimit="1">{catalogue.DEMO_VERIFIED_NUMBER}</Dial>'
    )
    await over(await ring(fake, **{"from": catalogue.DEMO_VERIFIED_NUMBER}))
    assert codes(account) == ["21219"]
    assert customer.asked("/done")[0]["DialCallStatus"] == "completed"


async def test_one_accounts_number_can_call_anothers(fake: Fake, customer: Customer) -> None:
    other = fake.store.accounts[catalogue.account_sid("other")]
    async with run_customer(other.auth_token) as neighbour:
        neighbour.answers["/voice"] = (
            STRANGER_HOLDS.replace("60", "0") + "<Say>Welcome</Say><Pause length='9'/>"
        )
        number = IncomingPhoneNumber(make_sid("PN"), "+12025550133", {"voice_url": f"{neighbour.url}/voice"})
        other.incoming_phone_numbers[number.sid] = number
        customer.answers["/voice"] = '<Dial action="/done"><Number>+12025550133</Number></Dial>'
        call = await ring(fake)
        child = await until_bridged(call)
        asked = neighbour.asked("/voice")[0]
        assert (asked["From"], asked["To"]) == (catalogue.STRANGER_NUMBER, "+12025550133")
        inbound = next(iter(other.calls.values()))
        fake.app[SWITCHBOARD].calls[inbound.sid].hang_up()
        await over(call)
        assert customer.asked("/done")[0]["DialCallSid"] == child.record.sid
        assert (child.record.status, inbound.status) == ("completed", "completed")


async def test_answer_on_bridge_leaves_the_caller_ringing(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = (
        f'<Dial answerOnBridge="true" timeout="1" action="/done">{catalogue.UNANSWERED_NUMBER}</Dial>'
    )
    await over(await ring(fake))
    assert customer.asked("/done")[0]["CallStatus"] == "ringing"
    customer.answers["/voice"] = f'<Dial timeout="1" action="/done">{catalogue.UNANSWERED_NUMBER}</Dial>'
    await over(await ring(fake))
    assert customer.asked("/done")[1]["CallStatus"] == "in-progress"


async def test_without_an_action_the_next_verb_follows(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Dial>{catalogue.BUSY_NUMBER}</Dial><Redirect>/next</Redirect>"
    await over(await ring(fake))
    assert len(customer.asked("/next")) == 1
