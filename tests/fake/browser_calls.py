"""Calls of browsers, with aiortc in the browser's place: what they dial, and two who call each other."""

from typing import Any

from fake_twilio import catalogue
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.device import Device
from tests.fake.tokens import build_access_token


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


async def invite_bob(open_device: OpenDevice, open_peer: OpenPeer) -> tuple[Device, Device, str, str]:
    alice, bob = await open_device(), await open_device()
    await alice.register(build_access_token("alice"))
    await bob.register(build_access_token("bob"))
    await alice.send("invite", callsid="TJSa", sdp=await open_peer().offer(), twilio={})
    name = (await alice.expect("ringing"))["callsid"]
    return alice, bob, name, (await bob.expect("invite"))["callsid"]
