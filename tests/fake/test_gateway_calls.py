"""Calls of browsers, with aiortc in the browser's place: the frames, and the sound that flows."""

from fake_twilio import catalogue
from tests.fake.browser_peer import call_out
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.tokens import build_access_token

ECHO = f'<Dial answerOnBridge="true" callerId="{catalogue.DEMO_NUMBER}"><Number>{catalogue.ECHO_NUMBER}</Number></Dial>'


async def test_a_call_to_the_echo_is_heard_and_hung_up(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token(params={"team": "sales"}))
    answer = await call_out(device, peer, f"To=%2B12025550199&ticket=42%20%C3%A9&From=evil")
    assert answer["type"] == "answer", answer
    await peer.wait_for_sound()

    asked = customer.asked("/voice")[0]
    assert asked["From"] == asked["Caller"] == "client:alice"
    assert asked["To"] == asked["Called"] == catalogue.ECHO_NUMBER
    assert (asked["ticket"], asked["team"]) == ("42 é", "sales")
    assert (asked["CallSid"], asked["CallStatus"]) == (answer["callsid"], "ringing")

    await device.send("dtmf", callsid=answer["callsid"], dtmf="4w2#")
    await device.send("hangup", callsid=answer["callsid"])
    status = await customer.wait_for("/status")
    assert (status["CallSid"], status["CallStatus"]) == (answer["callsid"], "completed")
    legs = await fake.control("GET", "calls")
    assert [leg["status"] for leg in legs] == ["completed", "completed"]
    assert [leg["digits"] for leg in legs] == ["", "42#"]
