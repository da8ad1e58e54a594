"""Strangers who call a number, and what its Voice URL is asked."""

from fake_twilio import catalogue
from fake_twilio.store import Account, Application, make_sid
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.living_calls import STRANGER_HOLDS, codes, over, ring
from tests.fake.tokens import DEMO_SID, build_access_token


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


async def test_what_the_callers_carrier_vouches_for_is_told_to_the_voice_url_and_the_browser(
    fake: Fake, customer: Customer, open_device: OpenDevice
) -> None:
    customer.answers["/voice"] = (
        "<Dial><Client><Identity>alice</Identity>"
        '<Parameter name="called" value="Front desk"/></Client></Dial>'
    )
    device = await open_device()
    await device.register(build_access_token())
    call = await ring(fake, stir_verstat="TN-Validation-Passed-A", **{"from": "+266696687"})
    invited = await device.expect("invite")
    assert invited["parameters"]["StirStatus"] == "TN-Validation-Passed-A"
    assert invited["parameters"]["From"] == "+266696687"
    assert invited["parameters"]["Params"] == "called=Front+desk"
    assert customer.asked("/voice")[0]["StirVerstat"] == "TN-Validation-Passed-A"
    call.hang_up()
    await over(call)


async def test_a_call_without_attestation_says_nothing_of_it(
    fake: Fake, customer: Customer, open_device: OpenDevice
) -> None:
    customer.answers["/voice"] = "<Dial><Client>alice</Client></Dial>"
    device = await open_device()
    await device.register(build_access_token())
    call = await ring(fake)
    assert "StirStatus" not in (await device.expect("invite"))["parameters"]
    assert "StirVerstat" not in customer.asked("/voice")[0]
    call.hang_up()
    await over(call)
