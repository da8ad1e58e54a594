"""A second call while one goes on: held and answered, switched, and each ended without the other."""

from datetime import UTC

import pytest

from accounts.people import User
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.in_call.state import build_states
from phone.recents.recent_call import RecentCall
from phone.recents.story import build_story
from tests.fake.who_hears import hears
from tests.integration.in_call.stage import AGENT, CALLER, SECOND, VOICES, Stage

pytestmark = pytest.mark.usefixtures("worker")


async def test_the_first_is_held_while_we_talk_to_the_second_and_we_switch(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    first, call = await stage.talk(agent)
    second = await stage.ring(SECOND)
    other = await stage.row(call_sid=second.record.sid, legs__user=alice, legs__status="ringing")

    answered = await stage.done(alice, other.call_sid, "answer")
    assert (answered["state"], answered["leg_sid"]) == ("open", agent.leg_sid)
    await stage.until(lambda: hears(second, AGENT, of=VOICES) and hears(first, of=VOICES))
    await stage.until(lambda: agent.hears(SECOND))

    assert (await stage.done(alice, call.call_sid, "resume"))["state"] == "open"
    await stage.until(lambda: hears(first, AGENT, of=VOICES) and hears(second, of=VOICES))
    await stage.until(lambda: agent.hears(CALLER))

    # The end of one is not the other's.
    await stage.done(alice, call.call_sid, "hang-up")
    await stage.over(call)
    await stage.until(lambda: first.is_over)
    assert not second.is_over
    assert (await stage.done(alice, other.call_sid, "resume"))["state"] == "open"
    await stage.until(lambda: hears(second, AGENT, of=VOICES) and agent.hears(SECOND))
    second.hang_up()
    await stage.over(other)
    await stage.until(lambda: stage.living(agent.leg_sid).is_over)
    assert {one.status for one in Call.objects.all()} == {"completed"}
    # It was talked on here, although what rang for it was never answered.
    row = RecentCall.objects.select_related("call").get(user=alice, call=other)
    assert (row.cause, row.is_missed) == ("answered", False)
    (state,) = [one for one in build_states(alice) if one["call_sid"] == other.call_sid]
    assert (state["cause"], "answered" in state["words"].lower()) == ("answered", False), state["words"]
    told = [step.words for step in build_story(row, UTC)]
    assert "You took it, and put another call on hold" in told
    assert not any("elsewhere" in words for words in told)


async def test_one_that_comes_back_while_we_talk_to_another_is_joined_like_a_new_one(
    stage: Stage, alice: User
) -> None:
    agent = await stage.sit_down(alice)
    first, call = await stage.talk(agent)
    second = await stage.ring(SECOND)
    other = await stage.row(call_sid=second.record.sid, legs__user=alice, legs__status="ringing")
    await stage.done(alice, other.call_sid, "answer")
    await stage.until(lambda: agent.hears(SECOND))
    await stage.done(alice, call.call_sid, "transfer", to=catalogue.BUSY_NUMBER)
    back = {"user": alice, "parent_call_sid": first.record.sid, "status": "ringing", "role": "called"}
    await stage.wait(lambda: call.legs.filter(**back).exclude(call_sid=agent.leg_sid))

    answered = await stage.done(alice, call.call_sid, "answer")
    assert (answered["state"], answered["leg_sid"]) == ("open", agent.leg_sid)
    await stage.until(lambda: hears(first, AGENT, of=VOICES) and hears(second, of=VOICES))
    await stage.until(lambda: agent.hears(CALLER))
    first.hang_up()
    await stage.over(call)
    assert not second.is_over
