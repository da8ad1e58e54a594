"""Sent to voicemail while it rings: who was put through, who was left, and a colleague."""

from time import monotonic

import pytest

from accounts.people import User
from phone.calls.call import Call
from phone.causes.endings import describe_ending
from phone.recents.recent_call import RecentCall
from phone.recordings.recordings import Recording
from phone.voicemail.messages import VoicemailCopy
from tests.integration.in_call.parties import talk
from tests.integration.in_call.stage import COLLEAGUE, Stage

pytestmark = pytest.mark.usefixtures("worker")


async def speak(stage: Stage, call: Call) -> None:
    """Until enough has been said for a message: what is shorter Twilio throws away."""
    begun = Recording.objects.filter(call=call, status=Recording.Status.IN_PROGRESS)
    await stage.wait(lambda: begun)
    since = monotonic()
    await stage.until(lambda: monotonic() - since > 2)


async def has_message(stage: Stage, call: Call, person: User) -> None:
    """It is theirs alone, and they have missed the call."""
    await stage.wait(lambda: VoicemailCopy.objects.filter(message__call=call))
    assert [copy.user for copy in VoicemailCopy.objects.filter(message__call=call)] == [person]
    row = RecentCall.objects.get(call=call, user=person)
    assert (row.cause, row.is_missed, row.is_unseen) == ("voicemail", True, False)


async def test_who_was_put_through_leaves_the_colleague_a_message(
    stage: Stage, alice: User, bob: User
) -> None:
    agent, bobs = await stage.sit_down(alice), await stage.sit_down(bob, COLLEAGUE)
    caller, call = await talk(stage, agent)
    await stage.done(alice, call.call_sid, "transfer", to="Bob")
    # First with everybody's, then for him.
    for kind in ("invite", "cancel", "invite"):
        await bobs.device.expect(kind)
    await stage.wait(lambda: call.legs.filter(user=bob, ended_at=None).exclude(parent_call_sid=""))
    await stage.done(bob, call.call_sid, "voicemail")
    await bobs.device.expect("cancel")
    await speak(stage, call)
    caller.hang_up()
    await has_message(stage, await stage.over(call), bob)
    call.refresh_from_db()
    row, cause = (
        RecentCall.objects.get(call=call, user=alice),
        describe_ending(call, alice, was_open=True).cause,
    )
    assert (call.cause, row.cause, row.is_missed, cause.slug) == ("voicemail", "answered", False, "answered")


async def test_who_was_left_by_a_page_that_died_leaves_one_as_well(
    stage: Stage, alice: User, bob: User
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    await stage.done(alice, call.call_sid, "hold")
    bobs = await stage.sit_down(bob, COLLEAGUE)
    await agent.device.close()
    stage.living(agent.leg_sid).hang_up()
    await bobs.device.expect("invite")
    await stage.wait(lambda: call.legs.filter(user=bob, ended_at=None))
    await stage.done(bob, call.call_sid, "voicemail")
    await bobs.device.expect("cancel")
    await speak(stage, call)
    caller.hang_up()
    await has_message(stage, await stage.over(call), bob)


async def test_a_colleague_leaves_one_and_is_told_so(stage: Stage, alice: User, bob: User) -> None:
    agent, bobs = await stage.sit_down(alice), await stage.sit_down(bob, COLLEAGUE)
    sdp = await agent.peer.offer()
    await agent.device.send("invite", callsid="TJSout", sdp=sdp, twilio={"params": "To=bob"})
    await bobs.device.expect("invite")
    call = await stage.row(user=alice)
    await stage.wait(lambda: call.legs.filter(user=bob))
    await stage.done(bob, call.call_sid, "voicemail")
    await bobs.device.expect("cancel")
    kind, payload = await agent.device.next()
    while kind != "answer":
        kind, payload = await agent.device.next()
    await agent.peer.accept(payload["sdp"])
    await speak(stage, call)
    call.refresh_from_db()
    assert (call.answered_at, describe_ending(call, alice).cause.slug) == (None, "no_answer")
    stage.living(call.call_sid).hang_up()
    await has_message(stage, call, bob)
    call.refresh_from_db()
    assert describe_ending(call, alice).cause.words == "You left a message."
