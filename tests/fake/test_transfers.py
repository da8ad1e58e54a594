"""What is built of conferences: transfers, and a plain dial that becomes a conference. Who hears whom."""

from typing import Any

from fake_twilio import catalogue
from fake_twilio.calls import LivingCall, Script
from fake_twilio.rooms.participant import MUSIC_HERTZ
from fake_twilio.switchboard import SWITCHBOARD
from fake_twilio.webhooks import Hook
from tests.fake.browser_peer import Peer, call_out
from tests.fake.conftest import Fake, OpenDevice, OpenPeer
from tests.fake.customer import Customer
from tests.fake.device import Device
from tests.fake.living_calls import over, ring, until_bridged
from tests.fake.package import Package
from tests.fake.tokens import build_access_token
from tests.fake.who_hears import AUDIBLE, hears, measure, until

AGENT, CALLER, OTHER = 600, 350, 440
ALL = (AGENT, CALLER, OTHER, MUSIC_HERTZ)
ROOM = '<Dial><Conference beep="false" participantLabel="{}">room</Conference></Dial>'


def peer_hears(peer: Peer, *wanted: int) -> bool:
    """The same of a browser, by the last 200 ms that it heard."""
    pcm = b"".join(pcm for _, pcm in peer.heard[-10:])
    return bool(pcm) and {one for one in ALL if measure(pcm, one) > AUDIBLE} == set(wanted)


async def talk_in_a_room(
    fake: Fake, customer: Customer, package: Package, device: Device, peer: Peer
) -> tuple[LivingCall, str]:
    """A browser and a caller in a room: the caller's call, and the room's SID."""
    customer.answers["/voice"] = ROOM.format("agent")
    await device.register(build_access_token())
    await call_out(device, peer)
    customer.answers["/voice"] = ROOM.format("caller") + "<Pause length='60'/>"
    caller = await ring(fake, sound="tone", hertz=CALLER)
    await until(lambda: hears(caller, AGENT, of=ALL) and peer_hears(peer, CALLER))
    return caller, (await package.ask(lambda it: it.conferences.list()))[0].sid


async def change(package: Package, sid: str, label: str, **wanted: Any) -> None:
    await package.ask(lambda it: it.conferences(sid).participants(label).update(**wanted))


async def test_an_attended_transfer_leaves_the_two_others_talking(
    fake: Fake, customer: Customer, package: Package, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    device, peer = await open_device(), open_peer(AGENT)
    caller, sid = await talk_in_a_room(fake, customer, package, device, peer)
    await change(package, sid, "caller", hold=True)
    await until(lambda: hears(caller, MUSIC_HERTZ, of=ALL) and peer_hears(peer))
    added = await package.ask(
        lambda it: it.conferences(sid).participants.create(
            from_=catalogue.DEMO_NUMBER, to=catalogue.STRANGER_NUMBER, label="other", beep="false"
        )
    )
    other = fake.app[SWITCHBOARD].calls[added.call_sid]
    await until(lambda: hears(other, AGENT, of=ALL) and peer_hears(peer, OTHER))
    assert hears(caller, MUSIC_HERTZ, of=ALL)
    await change(package, sid, "caller", hold=False)
    await until(lambda: hears(caller, AGENT, OTHER, of=ALL) and peer_hears(peer, CALLER, OTHER))
    assert hears(other, AGENT, CALLER, of=ALL)
    await package.ask(lambda it: it.conferences(sid).participants("agent").delete())
    await device.expect("hangup")
    await until(lambda: hears(caller, OTHER, of=ALL) and hears(other, CALLER, of=ALL))


async def test_a_browser_that_dies_leaves_a_room_that_goes_on_with_music_for_who_is_held(
    fake: Fake, customer: Customer, package: Package, open_device: OpenDevice, open_peer: OpenPeer
) -> None:
    device, peer = await open_device(), open_peer(AGENT)
    caller, sid = await talk_in_a_room(fake, customer, package, device, peer)
    await change(package, sid, "caller", hold=True)
    agent = await package.ask(lambda it: it.conferences(sid).participants("agent").fetch())
    leg = fake.app[SWITCHBOARD].calls[agent.call_sid]
    leg.hang_up()
    await over(leg)
    await until(lambda: hears(caller, MUSIC_HERTZ, of=ALL))
    (left,) = await package.ask(lambda it: it.conferences(sid).participants.list())
    assert (left.label, left.hold) == ("caller", True)


async def test_somebody_who_was_added_is_sent_elsewhere_and_lives_on(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/voice"] = ROOM.format("caller")
    await ring(fake)
    added = await package.ask(
        lambda it: it.conferences("room").participants.create(
            from_=catalogue.DEMO_NUMBER, to=catalogue.STRANGER_NUMBER, label="other"
        )
    )
    call = fake.app[SWITCHBOARD].calls[added.call_sid]
    await until(lambda: call.is_answered and call.far is not None)
    customer.answers["/else"] = "<Hangup/>"
    await package.ask(lambda it: it.calls(added.call_sid).update(url=f"{customer.url}/else"))
    assert (await over(call)).status == "completed"
    assert customer.asked("/else")[0]["CallSid"] == added.call_sid


async def test_both_legs_of_a_dial_move_into_a_conference(
    fake: Fake, customer: Customer, package: Package
) -> None:
    customer.answers["/voice"] = f'<Dial action="/moved">{catalogue.STRANGER_NUMBER}</Dial>'
    customer.answers["/moved"] = ROOM.format("caller")
    call = await ring(fake, sound="tone", hertz=CALLER)
    child = await until_bridged(call)
    twiml = f"<Response>{ROOM.format('other')}</Response>"
    await package.ask(lambda it: it.calls(child.record.sid).update(twiml=twiml))
    await until(lambda: hears(call, OTHER, of=ALL) and hears(child, CALLER, of=ALL))
    assert (await customer.wait_for("/moved"))["DialCallStatus"] == "completed"


async def test_a_child_that_was_redirected_first_outlives_its_parents_redirect(
    fake: Fake, customer: Customer
) -> None:
    customer.answers["/voice"] = f'<Dial action="/moved">{catalogue.STRANGER_NUMBER}</Dial>'
    customer.answers["/room"] = ROOM.format("")
    call = await ring(fake, sound="tone", hertz=CALLER)
    child = await until_bridged(call)
    script = Script(Hook(f"{customer.url}/room"))
    child.redirect(script)
    call.redirect(script)
    await until(lambda: hears(call, OTHER, of=ALL) and hears(child, CALLER, of=ALL))
    assert customer.asked("/moved") == []
