"""Calls of browsers, with aiortc in the browser's place: the frames, and the sound that flows."""

import asyncio
from urllib.parse import parse_qs

from fake_twilio import catalogue
from fake_twilio.switchboard import SWITCHBOARD
from tests.fake.browser_calls import BOB, ECHO, connect_alice_and_bob, dial
from tests.fake.browser_peer import call_out
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.tokens import DEMO_SID, build_access_token, build_capability_token


async def test_a_call_to_the_echo_is_heard_and_hung_up(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token(params={"team": "sales"}))
    answer = await call_out(device, peer, "To=%2B12025550199&ticket=42%20%C3%A9&From=evil&team=mine")
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


async def test_a_muted_caller_hears_silence_from_the_echo(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    await call_out(device, peer)
    await peer.wait_for_sound()
    peer.speaker.sound = None
    await peer.wait_for_silence()


async def test_a_stranger_is_heard(customer: Customer, open_device: OpenDevice, open_peer: OpenPeer) -> None:
    customer.answers["/voice"] = dial(f"<Number>{catalogue.STRANGER_NUMBER}</Number>")
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    await call_out(device, peer)
    await peer.wait_for_sound()


async def test_two_browsers_hear_each_other_and_not_themselves(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = BOB
    alice, bob, alices, bobs, answered, invited = await connect_alice_and_bob(open_device, open_peer)
    assert invited["parameters"] == {
        "AccountSid": DEMO_SID,
        "ApiVersion": "2010-04-01",
        "CallSid": invited["callsid"],
        "From": catalogue.DEMO_NUMBER,
        "To": "client:bob",
        "Params": "display=Alice+%26+co",
    }
    assert parse_qs(invited["parameters"]["Params"]) == {"display": ["Alice & co"]}
    await asyncio.gather(alices.wait_for_sound(), bobs.wait_for_sound())

    alices.speaker.sound = None
    await bobs.wait_for_silence()
    await alices.wait_for_sound()

    await bob.send("hangup", callsid=invited["callsid"])
    assert await alice.expect("hangup") == {"callsid": answered["callsid"]}
    done = await customer.wait_for("/done")
    assert (done["DialCallStatus"], done["DialBridged"]) == ("completed", "true")
    assert done["DialCallSid"] == invited["callsid"]
    assert done["DialCallDuration"].isdigit()
    await customer.wait_for("/events", 4)
    events = customer.asked("/events")
    assert [event["CallStatus"] for event in events] == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    assert [event["SequenceNumber"] for event in events] == ["0", "1", "2", "3"]
    assert {event["ParentCallSid"] for event in events} == {answered["callsid"]}
    await customer.wait_for("/status", CallStatus="completed")


async def test_the_caller_may_hang_up_first(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = BOB
    alice, bob, *_, answered, invited = await connect_alice_and_bob(open_device, open_peer)
    await alice.send("hangup", callsid=answered["callsid"])
    assert (await bob.expect("hangup"))["callsid"] == invited["callsid"]
    assert (await customer.wait_for("/done"))["CallStatus"] == "completed"


async def test_a_hangup_by_the_browsers_own_name_counts_before_it_knows_another(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = '<Pause length="60"/>'
    device = await open_device()
    await device.register(build_access_token())
    await device.send("invite", callsid="TJSa", sdp=await open_peer().offer(), twilio={})
    await customer.wait_for("/voice")
    await device.send("hangup", callsid="TJSa")
    assert (await customer.wait_for("/status"))["CallStatus"] == "no-answer"


async def test_a_capability_token_makes_calls(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_capability_token())
    assert (await call_out(device, peer))["type"] == "answer"
    assert customer.asked("/voice")[0]["color"] == "blue"


async def test_a_message_is_acknowledged(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    answer = await call_out(device, peer)
    await device.send("message", callsid=answer["callsid"], content="{}", voiceeventsid="KX1")
    assert await device.expect("ack") == {
        "acktype": "message",
        "callsid": answer["callsid"],
        "voiceeventsid": "KX1",
    }


async def test_a_new_offer_on_the_same_call_is_answered(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    answer = await call_out(device, peer)
    await peer.wait_for_sound()
    await device.send("reinvite", callsid=answer["callsid"], sdp=await peer.offer())
    again = await device.expect("answer")
    await peer.accept(again["sdp"])
    await peer.wait_for_sound()


async def test_ending_the_fake_leaves_no_call_and_no_peer_connection(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    await call_out(device, peer)
    switchboard = fake.app[SWITCHBOARD]
    end = next(iter(switchboard.reconnecting.values()))
    await switchboard.end_all(patience=0)
    assert end.media is not None and end.media.connection.connectionState == "closed"
    assert not switchboard.calls and not switchboard.tasks and not switchboard.reconnecting
