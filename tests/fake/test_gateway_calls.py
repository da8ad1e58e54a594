"""Calls of browsers, with aiortc in the browser's place: the frames, and the sound that flows."""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs

import pytest

from fake_twilio import catalogue, device_end
from fake_twilio.switchboard import SWITCHBOARD
from tests.fake.browser_peer import Peer, call_out
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.device import Device
from tests.fake.tokens import DEMO_SID, build_access_token, build_capability_token


def dial(inner: str, **attributes: str) -> str:
    attributes = {"answerOnBridge": "true", "callerId": catalogue.DEMO_NUMBER, **attributes}
    written = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f"<Dial {written}>{inner}</Dial>"


ECHO = dial(f"<Number>{catalogue.ECHO_NUMBER}</Number>")
CLIENT_EVENTS = 'statusCallback="/events" statusCallbackEvent="initiated ringing answered completed"'
BOB = dial(
    f"<Client {CLIENT_EVENTS}><Identity>bob</Identity>"
    '<Parameter name="display" value="Alice &amp; co"/></Client>',
    action="/done",
)


async def statuses(fake: Fake) -> list[str]:
    return [leg["status"] for leg in await fake.control("GET", "calls")]


async def connect_alice_and_bob(open_device: OpenDevice, open_peer: OpenPeer) -> tuple[Any, ...]:
    """Alice calls, bob answers; their devices, their peers, and the names of both legs."""
    alice, bob = await open_device(), await open_device()
    alices, bobs = open_peer(), open_peer(900)
    await alice.register(build_access_token("alice"))
    await bob.register(build_access_token("bob"))
    await alice.send("invite", callsid="TJSa", sdp=await alices.offer(), twilio={"params": "To=bob"})
    ringing = await alice.expect("ringing")
    invited = await bob.expect("invite")
    await bob.send("answer", callsid=invited["callsid"], sdp=await bobs.answer(invited["sdp"]))
    assert (await bob.expect("answer"))["reconnect"]
    answered = await alice.expect("answer")
    assert answered["callsid"] == ringing["callsid"]
    await alices.accept(answered["sdp"])
    return alice, bob, alices, bobs, answered, invited


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


async def invite_bob(open_device: OpenDevice, open_peer: OpenPeer) -> tuple[Device, Device, str, str]:
    alice, bob = await open_device(), await open_device()
    await alice.register(build_access_token("alice"))
    await bob.register(build_access_token("bob"))
    await alice.send("invite", callsid="TJSa", sdp=await open_peer().offer(), twilio={})
    name = (await alice.expect("ringing"))["callsid"]
    return alice, bob, name, (await bob.expect("invite"))["callsid"]


async def test_a_rejected_call_is_busy(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = BOB
    alice, bob, name, bobs_name = await invite_bob(open_device, open_peer)
    await bob.send("reject", callsid=bobs_name)
    assert await alice.expect("hangup") == {"callsid": name}
    done = await customer.wait_for("/done")
    assert (done["DialCallStatus"], done["DialBridged"]) == ("busy", "false")


async def test_a_caller_who_gives_up_while_it_rings_cancels_it(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = BOB
    alice, bob, name, bobs_name = await invite_bob(open_device, open_peer)
    await alice.send("hangup", callsid=name)
    assert await bob.expect("cancel") == {"callsid": bobs_name}
    assert (await customer.wait_for("/done"))["DialCallStatus"] == "canceled"
    assert (await customer.wait_for("/events", CallStatus="canceled"))["SequenceNumber"] == "2"


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


async def test_nobody_there_is_no_answer(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = BOB
    device = await open_device()
    await device.register(build_access_token())
    assert (await call_out(device, open_peer()))["type"] == "hangup"
    assert (await customer.wait_for("/done"))["DialCallStatus"] == "no-answer"


async def test_all_devices_of_all_identities_ring_and_the_first_to_answer_wins(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = dial("<Client>bob</Client><Client>carol</Client>")
    alice, *others = [await open_device() for _ in range(4)]
    await alice.register(build_access_token("alice"))
    for device, identity in zip(others, ("bob", "bob", "carol"), strict=True):
        await device.register(build_access_token(identity))
    alices, peer = open_peer(), open_peer()
    await alice.send("invite", callsid="TJSa", sdp=await alices.offer(), twilio={})
    await alice.expect("ringing")
    invites = [await device.expect("invite") for device in others]
    assert invites[0]["callsid"] == invites[1]["callsid"] != invites[2]["callsid"]
    await others[1].send("answer", callsid=invites[1]["callsid"], sdp=await peer.answer(invites[1]["sdp"]))
    assert await others[0].expect("cancel") == {"callsid": invites[0]["callsid"]}
    assert await others[2].expect("cancel") == {"callsid": invites[2]["callsid"]}
    await alice.expect("answer")


async def test_a_device_without_incoming_permission_does_not_ring(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = BOB
    alice, bob = await open_device(), await open_device()
    await alice.register(build_access_token("alice"))
    await bob.register(build_access_token("bob", incoming=False))
    assert (await call_out(alice, open_peer()))["type"] == "hangup"
    assert await bob.is_silent()


async def test_a_capability_token_makes_calls(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_capability_token())
    assert (await call_out(device, peer))["type"] == "answer"
    assert customer.asked("/voice")[0]["color"] == "blue"


REFUSED_CALLS: dict[str, tuple[int, dict[str, Any], str]] = {
    "an app that is not in the account": (21218, {"application_sid": "AP" + "0" * 32}, ""),
    "no app in the token": (31201, {"application_sid": None}, ""),
    "an app without a Voice URL": (
        31404,
        {"application_sid": catalogue.make_sid("AP", "demo without voice url")},
        "",
    ),
    "too many parameters": (31103, {}, "x=" + "y" * 900),
}


@pytest.mark.parametrize("kind", REFUSED_CALLS)
async def test_a_call_that_cannot_be_made_is_hung_up_with_its_code(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer, kind: str
) -> None:
    code, fields, params = REFUSED_CALLS[kind]
    device = await open_device()
    await device.register(build_access_token(**fields))
    payload = await call_out(device, open_peer(), params)
    assert (payload["type"], payload["callsid"], payload["error"]["code"]) == ("hangup", "TJSpeer", code)


async def test_a_suspended_account_makes_no_calls(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    device = await open_device()
    await device.register(build_access_token())
    fake.store.accounts[DEMO_SID].status = "suspended"
    assert (await call_out(device, open_peer()))["error"]["code"] == 31203


async def test_an_invite_without_a_description_is_an_error(open_device: OpenDevice) -> None:
    device = await open_device()
    await device.register(build_access_token())
    await device.send("invite", callsid="TJSa")
    assert (await device.expect("error"))["error"]["code"] == 31100


async def test_a_description_that_is_none_ends_the_call(customer: Customer, open_device: OpenDevice) -> None:
    customer.answers["/voice"] = "<Say>Hello</Say>"
    device = await open_device()
    await device.register(build_access_token())
    await device.send("invite", callsid="TJSa", sdp="v=0\r\nnonsense", twilio={})
    assert (await device.expect("hangup"))["error"]["code"] == 31400


async def test_a_lost_socket_does_not_end_the_call_if_the_browser_comes_back(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token(), reconnectTimeout=10)
    answer = await call_out(device, peer)
    await fake.control("POST", "gateway", drop_sockets=True)

    stranger = await open_device()
    await stranger.register(build_access_token("mallory"))
    await stranger.send("invite", callsid=answer["callsid"], sdp="x", reconnect=answer["reconnect"])
    assert (await stranger.expect("hangup"))["error"]["code"] == 31209

    back = await open_device()
    await back.register(build_access_token())
    await back.send("invite", callsid=answer["callsid"], sdp="x", reconnect=answer["reconnect"], twilio={})
    again = await back.expect("answer")
    assert again == {"callsid": answer["callsid"], "reconnect": answer["reconnect"]}
    await peer.wait_for_sound()
    await back.send("hangup", callsid=answer["callsid"])
    await customer.wait_for("/status", CallStatus="completed")


async def test_a_lost_socket_that_stays_lost_ends_the_call(
    fake: Fake,
    customer: Customer,
    open_device: OpenDevice,
    open_peer: OpenPeer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device_end, "MIN_GRACE_SECONDS", 0.05)
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token())
    await call_out(device, peer)
    await fake.control("POST", "gateway", drop_sockets=True)
    await customer.wait_for("/status", CallStatus="completed")


async def test_a_call_outlives_its_token_and_ends_with_its_sound(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, peer = await open_device(), open_peer()
    await device.register(build_access_token(valid_until=int(time.time()) + 2))
    await call_out(device, peer)
    assert (await device.expect("error"))["error"]["code"] == 31205
    await device.expect("close")
    await peer.wait_for_sound()
    assert await statuses(fake) == ["in-progress", "in-progress"]
    await peer.close()
    await customer.wait_for("/status", CallStatus="completed")


async def test_a_reconnect_token_that_is_none_is_refused(open_device: OpenDevice) -> None:
    device = await open_device()
    await device.register(build_access_token())
    await device.send("invite", callsid="CA1", sdp="x", reconnect="guess", twilio={})
    assert (await device.expect("hangup"))["error"]["code"] == 31209


async def test_a_callee_who_vanishes_while_it_rings_is_no_answer(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = BOB
    alice, bob, _, _ = await invite_bob(open_device, open_peer)
    await bob.close()
    await alice.expect("hangup")
    assert (await customer.wait_for("/done"))["DialCallStatus"] == "no-answer"


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


async def test_calls_of_other_browsers_cannot_be_touched(
    fake: Fake, customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = ECHO
    device, other = await open_device(), await open_device()
    peer: Peer = open_peer()
    await device.register(build_access_token())
    await other.register(build_access_token())
    answer = await call_out(device, peer)
    for kind in ("hangup", "reject", "dtmf", "reinvite", "answer"):
        await other.send(kind, callsid=answer["callsid"], dtmf="1", sdp="x")
    await other.send("message", callsid=answer["callsid"])
    await other.expect("error")
    assert await statuses(fake) == ["in-progress", "in-progress"]
