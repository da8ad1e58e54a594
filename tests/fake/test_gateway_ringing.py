"""Browsers that ring, and who of them answers."""

from tests.fake.browser_calls import BOB, dial, invite_bob
from tests.fake.browser_peer import call_out
from tests.fake.conftest import OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.tokens import build_access_token


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


async def test_a_callee_who_vanishes_while_it_rings_is_no_answer(
    customer: Customer, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    customer.answers["/voice"] = BOB
    alice, bob, _, _ = await invite_bob(open_device, open_peer)
    await bob.close()
    await alice.expect("hangup")
    assert (await customer.wait_for("/done"))["DialCallStatus"] == "no-answer"
