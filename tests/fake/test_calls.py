"""Calls from the telephone network and over REST, and every verb of TwiML, with a customer's server
that checks each signature."""

import asyncio
import io
import wave
from typing import Any

import pytest
from aiohttp import encode_basic_auth, web

from fake_twilio import catalogue, originate
from fake_twilio.calls import LivingCall
from fake_twilio.originate import start_outgoing_call, update_call
from fake_twilio.sounds import FRAME_BYTES, SILENCE, build_tone, get_energy
from fake_twilio.store import Account, Application, CallRecord, IncomingPhoneNumber, make_sid
from fake_twilio.switchboard import SWITCHBOARD
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer, run_customer
from tests.fake.device import PATIENCE
from tests.fake.tokens import APPLICATION_SID, DEMO_SID, build_access_token

STRANGER_HOLDS = '<Pause length="60"/>'


@pytest.fixture
def account(fake: Fake) -> Account:
    return fake.store.accounts[DEMO_SID]


async def ring(fake: Fake, **body: Any) -> LivingCall:
    """A stranger calls the demo number."""
    answer = await fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER, **body)
    return fake.app[SWITCHBOARD].calls[answer["call_sid"]]


async def over(call: LivingCall) -> CallRecord:
    async with asyncio.timeout(PATIENCE):
        await call.wait_until_over()
    return call.record


async def until_bridged(call: LivingCall) -> LivingCall:
    async with asyncio.timeout(PATIENCE):
        while call.bridged_with is None:
            await asyncio.sleep(0.01)
    return call.bridged_with


def codes(account: Account) -> list[str]:
    return [alert["error_code"] for alert in account.alerts]


# Calls that come in


async def test_a_stranger_reaches_the_numbers_voice_url(
    fake: Fake, customer: Customer, account: Account
) -> None:
    customer.answers["/voice"] = "<Hangup/>"
    call = await ring(fake)
    assert (await over(call)).status == "completed"
    asked = customer.asked("/voice")[0]
    assert asked["From"] == catalogue.STRANGER_NUMBER
    assert asked["To"] == catalogue.DEMO_NUMBER
    assert (asked["Direction"], asked["CallStatus"]) == ("inbound", "ringing")
    assert (asked["FromCountry"], asked["AccountSid"]) == ("US", DEMO_SID)
    assert (await customer.wait_for("/status"))["CallStatus"] == "completed"
    assert account.alerts == []


async def test_a_numbers_application_wins_over_its_voice_url(
    fake: Fake, customer: Customer, account: Account
) -> None:
    app = Application(make_sid("AP"), fields={"voice_url": f"{customer.url}/app"})
    account.applications[app.sid] = app
    next(iter(account.incoming_phone_numbers.values())).fields["voice_application_sid"] = app.sid
    await over(await ring(fake))
    assert customer.asked("/voice") == []
    assert customer.asked("/app")[0]["ApplicationSid"] == app.sid


async def test_a_call_in_rings_a_browser_that_hears_the_stranger(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = '<Dial action="/done"><Client>alice</Client></Dial>'
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    call = await ring(fake, sound="tone", hang_up_after=30)
    invited = await device.expect("invite")
    assert invited["parameters"]["From"] == catalogue.STRANGER_NUMBER
    await device.send("answer", callsid=invited["callsid"], sdp=await peer.answer(invited["sdp"]))
    await device.expect("answer")
    await peer.wait_for_sound()
    call.hang_up()
    assert (await device.expect("hangup"))["callsid"] == invited["callsid"]
    assert (await over(call)).status == "completed"


async def test_a_stranger_hangs_up_when_told_to(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = f"<Say>Hello</Say>{STRANGER_HOLDS}"
    assert (await over(await ring(fake, hang_up_after=0.05))).status == "completed"


async def test_a_number_without_a_voice_url_fails_with_an_alert(fake: Fake, account: Account) -> None:
    assert (await over(await ring(fake))).status == "failed"
    assert codes(account) == ["11100"]


async def test_only_good_requests_make_a_stranger_call(fake: Fake) -> None:
    for body, status in (({"to": "+15550000000"}, 404), ({"to": catalogue.DEMO_NUMBER, "sound": "x"}, 400)):
        async with fake.session.post(f"{fake.url}/_fake/incoming", json=body) as answer:
            assert answer.status == status


async def test_only_verified_numbers_may_call_a_trial_account(fake: Fake, account: Account) -> None:
    account.type = "Trial"
    body = {"to": catalogue.DEMO_NUMBER}
    async with fake.session.post(f"{fake.url}/_fake/incoming", json=body) as answer:
        assert answer.status == 409
    await over(await ring(fake, **{"from": catalogue.DEMO_VERIFIED_NUMBER}))


# <Dial> to numbers


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


# Other verbs


async def test_digits_are_gathered_while_a_prompt_plays(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = (
        '<Gather numDigits="3" action="/digits"><Say>A very long prompt indeed it is</Say></Gather>'
    )
    call = await ring(fake)
    await customer.wait_for("/voice")
    async with asyncio.timeout(PATIENCE):
        while not call.is_answered:
            await asyncio.sleep(0.01)
    call.press("12w3")
    assert (await customer.wait_for("/digits"))["Digits"] == "123"
    await over(call)


async def test_a_gather_without_digits_goes_on_or_asks_as_told(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = (
        '<Gather timeout="0" action="/no"/><Gather timeout="0" action="/yes" actionOnEmptyResult="true"/>'
    )
    await over(await ring(fake))
    assert customer.asked("/no") == []
    assert customer.asked("/yes")[0]["Digits"] == ""


async def test_a_gather_ends_at_its_key(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = '<Gather finishOnKey="*" timeout="3" action="/digits"/>'
    call = await ring(fake)
    async with asyncio.timeout(PATIENCE):
        while not call.is_answered:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    call.press("4#*9")
    assert (await customer.wait_for("/digits"))["Digits"] == "4#"


async def test_a_recording_is_kept_reported_and_played_back(
    fake: Fake, customer: Customer, account: Account
) -> None:
    customer.answers["/voice"] = (
        '<Record maxLength="1" playBeep="false" action="/recorded" recordingStatusCallback="/kept"/>'
    )
    await over(await ring(fake, sound="tone"))
    recorded = customer.asked("/recorded")[0]
    assert recorded["RecordingDuration"] == "1"
    kept = await customer.wait_for("/kept")
    assert (kept["RecordingStatus"], kept["RecordingSid"]) == ("completed", recorded["RecordingSid"])

    path = recorded["RecordingUrl"].removeprefix("https://api.twilio.com")
    auth = encode_basic_auth(DEMO_SID, catalogue.auth_token(catalogue.DEMO))
    async with fake.session.get(f"{fake.url}{path}.wav", headers={"Authorization": auth}) as answer:
        with wave.open(io.BytesIO(await answer.read())) as wav:
            assert wav.getframerate() == 8000
            assert get_energy(wav.readframes(wav.getnframes())) > 0.01
    wrong = encode_basic_auth(DEMO_SID, "wrong")
    for headers in ({}, {"Authorization": wrong}, {"Authorization": "Basic é"}):
        async with fake.session.get(f"{fake.url}{path}", headers=headers) as answer:
            assert answer.status == 401


async def test_silence_is_no_recording(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = '<Record timeout="1" playBeep="false" action="/recorded"/>'
    await over(await ring(fake, sound="silence"))
    assert customer.asked("/recorded") == []


async def test_a_recording_ends_when_the_caller_hangs_up(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = '<Record playBeep="false" action="/recorded"/>'
    await over(await ring(fake, sound="tone", hang_up_after=0.8))
    recorded = await customer.wait_for("/recorded")
    assert (recorded["Digits"], recorded["CallStatus"]) == ("hangup", "completed")


async def test_a_file_is_fetched_and_played(fake: Fake, customer: Customer, account: Account) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(build_tone(seconds=0.2).pcm)
    customer.answers["/tune.wav"] = web.Response(body=file.getvalue(), content_type="audio/wav")
    customer.answers["/voice"] = "<Play>/tune.wav</Play><Play>/voice</Play><Play digits='1w2'/>"
    await over(await ring(fake))
    assert len(customer.asked("/tune.wav")) == 1
    assert codes(account) == ["12300"]


@pytest.mark.parametrize(("reason", "status"), [("", "failed"), ("reason='busy'", "busy")])
async def test_a_rejected_call_is_never_answered(
    fake: Fake, customer: Customer, reason: str, status: str
) -> None:
    customer.answers["/voice"] = f"<Reject {reason}/>"
    record = await over(await ring(fake))
    assert (record.status, record.answered_at) == (status, None)


async def test_a_redirect_may_be_a_get(fake: Fake, customer: Customer) -> None:
    customer.answers["/voice"] = '<Redirect method="GET">/next?x=1</Redirect>'
    call = await ring(fake)
    await over(call)
    assert customer.asked("/next")[0]["CallSid"] == call.record.sid
    assert customer.asked("/next")[0]["x"] == "1"


async def test_what_is_not_supported_becomes_an_alert(
    fake: Fake, customer: Customer, account: Account
) -> None:
    customer.answers["/voice"] = "<Sing>la</Sing><Gather input='speech' timeout='0'/><Leave/>"
    await over(await ring(fake))
    assert codes(account) == ["12200", "12200", "12200"]
    assert {alert["log_level"] for alert in account.alerts} == {"warning"}


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


# When the customer's server fails


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


# Calls over REST


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


def test_a_frame_of_silence_has_no_energy() -> None:
    assert len(SILENCE) == FRAME_BYTES
    assert get_energy(SILENCE) == 0
