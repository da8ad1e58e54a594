"""Hold and resume: a plain call is moved into a room and back to talk, and each side's sound is measured."""

import asyncio

import pytest

from accounts.people import User
from fake_twilio import catalogue
from fake_twilio.sounds import get_energy
from phone.calling_limits.placed_calls import PlacedCall
from phone.calls.call import Call
from tests.fake.who_hears import hears, listen
from tests.integration.in_call.stage import AGENT, CALLER, COLLEAGUE, VOICES, Stage

STRANGER = 440

pytestmark = pytest.mark.usefixtures("worker")


async def test_who_called_hears_music_on_hold_and_us_again_when_resumed(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await stage.talk(agent)

    held = await stage.done(alice, call.call_sid, "hold")
    assert held["state"] == "held"
    assert "resume" in held["can"] and "hold" in held["cannot"]
    assert held["leg_sid"] == agent.leg_sid
    assert [(one["role"], one["state"], one["is_me"]) for one in held["parties"]] == [
        ("caller", "held", False),
        ("called", "talking", True),
    ]
    await stage.until(lambda: hears(caller, of=VOICES) and get_energy(listen(caller)) > 0.001)
    await stage.until(lambda: agent.hears())

    resumed = await stage.done(alice, call.call_sid, "resume")
    assert resumed["state"] == "open"
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))

    await stage.done(alice, call.call_sid, "hang-up")
    row = await stage.over(call)
    assert (row.status, caller.record.status) == ("completed", "completed")
    assert row.answered_at is not None and row.ended_at is not None
    assert (row.cause, row.cause_facts["told"]["variant"]) == ("answered", "hung_up")


async def test_whom_we_called_is_held_too_and_a_colleague_as_well(
    stage: Stage, alice: User, bob: User
) -> None:
    agent = await stage.sit_down(alice)
    call = await stage.dial(agent, catalogue.STRANGER_NUMBER)
    await stage.until(lambda: agent.hears(STRANGER))
    callee = stage.find_child(call)
    assert (await stage.done(alice, call.call_sid, "hold"))["state"] == "held"
    await stage.until(lambda: hears(callee, of=VOICES) and agent.hears())
    await stage.done(alice, call.call_sid, "resume")
    await stage.until(lambda: hears(callee, AGENT, of=VOICES) and agent.hears(STRANGER))
    callee.hang_up()
    await stage.over(call)
    await agent.device.expect("hangup")


async def test_a_call_that_is_held_ends_with_the_time_that_it_was_granted(
    stage: Stage, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phone.calling_limits.time_left.LEAST_TOLD", 1)
    agent = await stage.sit_down(alice)
    call = await stage.dial(agent, catalogue.STRANGER_NUMBER)
    callee = stage.find_child(call)
    PlacedCall.objects.update(granted_seconds=4)
    await stage.do(alice, call.call_sid, "hold")
    # The Dial that would have ended it is over.
    await stage.wait(lambda: PlacedCall.objects.exclude(ended_at=None))
    await stage.until(lambda: callee.is_over)
    assert callee.record.status == "completed"
    assert 2 <= callee.seconds <= PlacedCall.objects.get().seconds + 1


async def test_a_colleague_holds_a_colleague(stage: Stage, alice: User, bob: User) -> None:
    alices, bobs = await stage.sit_down(alice), await stage.sit_down(bob, COLLEAGUE)
    dialling = asyncio.create_task(stage.dial(alices, "bob"))
    await bobs.answer()
    call: Call = await dialling
    await stage.until(lambda: alices.hears(COLLEAGUE) and bobs.hears(AGENT))
    assert (await stage.done(bob, call.call_sid, "hold"))["state"] == "held"
    await stage.until(lambda: not bobs.hears(AGENT) and bobs.hears() and alices.hears())
    assert (await stage.done(bob, call.call_sid, "resume"))["state"] == "open"
    await stage.until(lambda: alices.hears(COLLEAGUE) and bobs.hears(AGENT))
    await stage.done(alice, call.call_sid, "hang-up")
    assert (await stage.over(call)).status == "completed"
