"""Whom one can call and who can call: each number behaves as its kind, in TwiML and over REST."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientResponseError
from twilio.rest import Client

from fake_twilio import catalogue
from fake_twilio.numbers import PEOPLE, find_refusal, vary
from fake_twilio.store import Account
from fake_twilio.switchboard import SWITCHBOARD
from fake_twilio.variation import Variation
from tests.fake.conftest import Fake
from tests.fake.customer import Customer
from tests.fake.device import PATIENCE
from tests.fake.living_calls import codes, over, ring, until_bridged
from tests.fake.package import Package
from tests.fake.who_hears import measure, until

EVENTS = 'statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed"'


def dial(number: str, timeout: int = 1) -> str:
    return f'<Dial action="/done" timeout="{timeout}"><Number {EVENTS}>{number}</Number></Dial>'


def test_every_number_one_can_call_is_somebody_or_is_refused() -> None:
    for number in catalogue.NUMBERS:
        assert (number in PEOPLE) is (find_refusal(number) is None), number


@pytest.mark.parametrize(
    ("number", "status", "sip"),
    [
        (catalogue.BUSY_NUMBER, "busy", "486"),
        (catalogue.DECLINING_NUMBER, "busy", "603"),
        (catalogue.UNREACHABLE_NUMBER, "no-answer", "480"),
        (catalogue.UNANSWERED_NUMBER, "no-answer", "487"),
        (catalogue.UNALLOCATED_NUMBER, "failed", "404"),
        (catalogue.WARY_NUMBER, "failed", "608"),
        (catalogue.FORBIDDEN_NUMBER, "failed", "403"),
        (catalogue.CUT_OFF_NUMBER, "failed", "503"),
        (catalogue.CROWDED_NUMBER, "busy", "600"),
        (catalogue.UNWILLING_NUMBER, "busy", "607"),
        (catalogue.RETIRED_NUMBER, "failed", "410"),
        ("client:nobody", "no-answer", "480"),
    ],
)
async def test_a_leg_that_fails_tells_its_sip_response(
    fake: Fake, customer: Customer, number: str, status: str, sip: str
) -> None:
    noun = "Client" if number.startswith("client:") else "Number"
    name = number.removeprefix("client:")
    customer.answers["/voice"] = f'<Dial action="/done" timeout="1"><{noun} {EVENTS}>{name}</{noun}></Dial>'
    await ring(fake)
    assert (await customer.wait_for("/done"))["DialCallStatus"] == status
    last = await customer.wait_for("/leg", CallStatus=status)
    assert last["SipResponseCode"] == sip
    assert all("SipResponseCode" not in leg for leg in customer.asked("/leg") if leg != last)


async def test_a_leg_that_was_answered_tells_200(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = dial(catalogue.HASTY_NUMBER)
    await over(await ring(fake))
    done = await customer.wait_for("/done")
    assert (done["DialCallStatus"], done["DialBridged"]) == ("completed", "true")
    assert (await customer.wait_for("/leg", CallStatus="completed"))["SipResponseCode"] == "200"


async def test_a_seed_may_call_the_same_answer_by_another_status(fake: Fake, customer: Customer) -> None:
    person = PEOPLE[catalogue.DECLINING_NUMBER]
    outcomes = {seed: vary(Variation(seed), person).outcome for seed in range(40)}
    assert set(outcomes.values()) == {"busy", "no-answer", "failed"}
    seed = next(seed for seed, outcome in outcomes.items() if outcome == "failed")
    await fake.control("POST", "variation", seed=seed)
    customer.answers["/voice"] = dial(catalogue.DECLINING_NUMBER)
    await ring(fake)
    assert (await customer.wait_for("/done"))["DialCallStatus"] == "failed"
    assert (await customer.wait_for("/leg", CallStatus="failed"))["SipResponseCode"] == "603"


@pytest.mark.parametrize(
    ("number", "rest_code", "alert"),
    [
        (catalogue.GEO_BLOCKED_NUMBER, 21215, "13227"),
        ("+88210000000", 21215, "13227"),
        (catalogue.PREMIUM_NUMBER, 21216, "13225"),
        (catalogue.NOT_A_NUMBER, 21217, "13223"),
    ],
)
async def test_what_twilio_does_not_call_is_refused_over_rest_and_an_alert_in_a_dial(
    fake: Fake,
    customer: Customer,
    account: Account,
    package: Package,
    number: str,
    rest_code: int,
    alert: str,
) -> None:
    customer.answers["/voice"] = dial(number)
    call = await ring(fake)
    done = await customer.wait_for("/done")
    assert (done["DialCallStatus"], "DialCallSid" in done) == ("failed", False)
    assert codes(account) == [alert]
    (noted,) = await package.ask(lambda it: it.calls(call.record.sid).notifications.list(log=0))
    assert noted.error_code == alert
    same = await package.ask(lambda it: it.calls(call.record.sid).notifications(noted.sid).fetch())
    assert same.message_text == noted.message_text
    assert await package.ask(lambda it: it.calls(call.record.sid).notifications.list(log=1)) == []

    def create(it: Client) -> Any:
        return it.calls.create(to=number, from_=catalogue.DEMO_NUMBER, twiml="<Response/>")

    assert await package.refuses(create) == (400, rest_code)

    def add(it: Client) -> Any:
        return it.conferences("room").participants.create(to=number, from_=catalogue.DEMO_NUMBER)

    assert await package.refuses(add) == (400, rest_code)


@pytest.mark.parametrize(("fault", "code"), [("too many calls", 10004), ("voice disabled", 10005)])
async def test_an_account_that_may_not_call_gets_an_alert_for_a_dial_and_a_refusal_over_rest(
    fake: Fake, customer: Customer, account: Account, package: Package, fault: str, code: int
) -> None:
    await fake.control("PATCH", f"accounts/{account.sid}", call_fault=fault)
    customer.answers["/voice"] = dial(catalogue.ECHO_NUMBER)
    await ring(fake)
    assert (await customer.wait_for("/done"))["DialCallStatus"] == "failed"
    assert codes(account) == [str(code)]
    wanted = {"to": catalogue.ECHO_NUMBER, "from_": catalogue.DEMO_NUMBER, "twiml": "<Response/>"}
    assert await package.refuses(lambda it: it.calls.create(**wanted)) == (400, code)
    await fake.control("PATCH", f"accounts/{account.sid}", call_fault="")
    await package.ask(lambda it: it.calls.create(**wanted))


async def test_a_caller_id_that_is_taken_away_may_not_be_shown_until_it_is_back(
    fake: Fake, customer: Customer, account: Account
) -> None:
    [sid] = account.outgoing_caller_ids
    address = f"accounts/{account.sid}/resources/{sid}"
    customer.answers["/voice"] = (
        f'<Dial action="/done" callerId="{catalogue.DEMO_VERIFIED_NUMBER}" timeout="1">'
        f"<Number>{catalogue.BUSY_NUMBER}</Number></Dial>"
    )
    await fake.control("DELETE", address)
    assert (await fake.control("GET", f"accounts/{account.sid}"))["set_aside"] == [sid]
    await over(await ring(fake))
    assert codes(account) == ["13214"]
    await fake.control("PUT", address)
    await over(await ring(fake))
    assert codes(account) == ["13214"]
    for method in ("PUT", "DELETE"):
        with pytest.raises(ClientResponseError, match="404"):
            await fake.control(method, f"accounts/{account.sid}/resources/PN{'0' * 32}")


async def test_a_seed_has_callbacks_late_and_twice_and_each_call_in_its_own_order(
    fake: Fake, customer: Customer
) -> None:
    repeated = set()
    for seed in range(4):
        customer.requests.clear()
        await fake.control("POST", "variation", seed=seed)
        customer.answers["/voice"] = dial(catalogue.BUSY_NUMBER)
        await over(await ring(fake))
        await customer.wait_for("/leg", CallStatus="busy")
        numbers = [int(leg["SequenceNumber"]) for leg in customer.asked("/leg")]
        assert numbers == sorted(numbers)
        repeated.add(len(numbers) > len(set(numbers)))
    assert repeated == {True, False}


async def test_a_slow_number_rings_for_long(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = dial(catalogue.SLOW_NUMBER)
    await ring(fake)
    assert (await customer.wait_for("/done"))["DialCallStatus"] == "no-answer"
    began = asyncio.get_running_loop().time()
    customer.answers["/voice"] = dial(catalogue.SLOW_NUMBER, timeout=10)
    async with asyncio.timeout(2 * PATIENCE):
        call = await ring(fake)
        while call.bridged_with is None:
            await asyncio.sleep(0.05)
    assert asyncio.get_running_loop().time() - began >= 3.5
    call.hang_up()
    await over(call)


async def test_who_is_called_may_press_keys(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = dial(catalogue.KEYPAD_NUMBER)
    call = await ring(fake)
    await until(lambda: call.digits == "123#")
    call.hang_up()


@pytest.mark.parametrize(
    ("detection", "number", "answered_by"),
    [
        ("Enable", catalogue.MACHINE_NUMBER, "machine_start"),
        ("DetectMessageEnd", catalogue.MACHINE_NUMBER, "machine_end_beep"),
        ("Enable", catalogue.STRANGER_NUMBER, "human"),
    ],
)
async def test_a_machine_is_told_from_a_person(
    fake: Fake, customer: Customer, package: Package, detection: str, number: str, answered_by: str
) -> None:
    wanted = {"url": f"{customer.url}/answered", "machine_detection": detection}
    call = await package.ask(lambda it: it.calls.create(to=number, from_=catalogue.DEMO_NUMBER, **wanted))
    assert (await customer.wait_for("/answered"))["AnsweredBy"] == answered_by
    assert (await package.ask(lambda it: it.calls(call.sid).fetch())).answered_by == answered_by


async def test_detection_beside_the_twiml_tells_another_address(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/answered"] = "<Pause length='30'/>"
    wanted = {
        "url": f"{customer.url}/answered",
        "machine_detection": "Enable",
        "async_amd": "true",
        "async_amd_status_callback": f"{customer.url}/detected",
    }
    to = catalogue.MACHINE_NUMBER
    await package.ask(lambda it: it.calls.create(to=to, from_=catalogue.DEMO_NUMBER, **wanted))
    assert "AnsweredBy" not in await customer.wait_for("/answered")
    assert (await customer.wait_for("/detected"))["AnsweredBy"] == "machine_start"


async def test_a_machine_greets_beeps_and_is_silent(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = dial(catalogue.MACHINE_NUMBER)
    call = await ring(fake)
    machine = await until_bridged(call)
    heard = bytearray()
    greeting = machine.end.greeting_seconds or 0
    while len(heard) < (greeting + 1) * 16000:
        heard += call.end.heard.read()  # type: ignore[attr-defined]
    assert any(measure(bytes(heard[at : at + 1600]), 1000) > 0.1 for at in range(0, len(heard), 1600))
    assert not any(heard[-3200:])
    call.hang_up()


async def test_who_calls_may_press_keys_withhold_the_number_and_be_verified(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/voice"] = '<Gather action="/keys" finishOnKey="#"/>'
    verstat = "TN-Validation-Passed-A"
    call = await ring(fake, press="12w3#", withheld=True, stir_verstat=verstat)
    assert (await customer.wait_for("/keys"))["Digits"] == "123"
    asked = customer.asked("/voice")[0]
    assert (asked["From"], asked["FromCountry"]) == ("+266696687", "")
    assert asked["StirVerstat"] == verstat
    fetched = await package.ask(lambda it: it.calls(call.record.sid).fetch())
    assert (fetched._from, fetched.parent_call_sid) == ("+266696687", None)
    customer.requests.clear()
    await ring(fake)
    assert "StirVerstat" not in await customer.wait_for("/voice")


async def test_who_calls_may_give_up_while_it_rings(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = (
        f'<Dial action="/done" answerOnBridge="true"><Number {EVENTS}>{catalogue.UNANSWERED_NUMBER}'
        "</Number></Dial>"
    )
    call = await ring(fake, give_up_after=0.5)
    assert (await over(call)).status == "no-answer"
    assert (await customer.wait_for("/leg", CallStatus="canceled"))["SipResponseCode"] == "487"
    assert (await customer.wait_for("/done"))["DialCallStatus"] == "canceled"


@pytest.mark.parametrize(
    "wrong",
    [{"press": "x"}, {"hertz": 7}, {"give_up_after": "soon"}, {"stir_verstat": "good"}, {"sound": "machine"}],
)
async def test_nobody_calls_by_a_wrong_request(fake: Fake, wrong: dict[str, Any]) -> None:
    body = {"to": catalogue.DEMO_NUMBER, **wrong}
    async with fake.session.post(f"{fake.url}/_fake/incoming", json=body) as answer:
        assert answer.status == 400
    assert fake.app[SWITCHBOARD].calls == {}
