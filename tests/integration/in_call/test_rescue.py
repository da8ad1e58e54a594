"""A page that dies while somebody is on hold: they are rung back to its person, or to a colleague."""

import pytest

from accounts.people import User
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.causes.cause import build_cause
from phone.in_call.rescue import LOST
from phone.in_call.state import build_states
from phone.recents.recent_call import RecentCall
from tests.fake.who_hears import hears
from tests.integration.in_call.stage import AGENT, CALLER, COLLEAGUE, VOICES, Stage

pytestmark = pytest.mark.usefixtures("worker")


async def test_whoever_was_held_is_rung_back_to_another_page_of_the_agent(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await stage.talk(agent)
    await stage.done(alice, call.call_sid, "hold")
    await agent.device.close()
    stage.living(agent.leg_sid).hang_up()
    again = await stage.sit_down(alice)
    await again.answer()
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and again.hears(CALLER))
    call.refresh_from_db()
    assert (call.ended_at, call.conference, call.user) == (None, None, alice)
    # And is a call like any other: it can be held anew.
    await stage.wait(lambda: CallLeg.objects.filter(call=call, call_sid=again.leg_sid, status="in-progress"))
    held = await stage.done(alice, call.call_sid, "hold")
    assert (held["state"], held["leg_sid"]) == ("held", again.leg_sid)
    await stage.until(lambda: hears(caller, of=VOICES) and again.hears())
    caller.hang_up()
    assert (await stage.over(call)).status == "completed"


async def test_where_the_agent_is_gone_a_colleague_is_rung(stage: Stage, alice: User, bob: User) -> None:
    agent = await stage.sit_down(alice)
    call = await stage.dial(agent, catalogue.STRANGER_NUMBER)
    callee = stage.find_child(call)
    await stage.done(alice, call.call_sid, "hold")
    bobs = await stage.sit_down(bob, COLLEAGUE)
    await agent.device.close()
    stage.living(agent.leg_sid).hang_up()
    parameters = await bobs.answer()
    assert call.call_sid in parameters
    await stage.until(lambda: hears(callee, COLLEAGUE, of=VOICES))
    call.refresh_from_db()
    assert (call.ended_at, call.user) == (None, alice)
    callee.hang_up()
    assert (await stage.over(call)).status == "completed"


async def test_whoever_is_taken_up_again_by_nobody_is_told_and_the_call_says_so(
    stage: Stage, alice: User
) -> None:
    agent = await stage.sit_down(alice)
    call = await stage.dial(agent, catalogue.STRANGER_NUMBER)
    callee = stage.find_child(call)
    await stage.done(alice, call.call_sid, "hold")
    await agent.device.close()
    stage.living(agent.leg_sid).hang_up()
    row = await stage.over(call)
    await stage.until(lambda: callee.is_over)
    assert any(LOST in one.body for one in stage.journal)
    assert (row.status, row.cause) == ("completed", "answered")
    (state,) = build_states(alice)
    assert state["words"] == build_cause("answered", "left_alone").words
    assert RecentCall.objects.get(user=alice, call=call).cause == "answered"


async def test_nobody_is_rung_back_where_the_agent_hung_up_for_all(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await stage.talk(agent)
    await stage.done(alice, call.call_sid, "hold")
    await stage.done(alice, call.call_sid, "hang-up")
    await stage.over(call)
    await stage.until(lambda: caller.is_over)
    assert not [one for one in stage.journal if one.url.endswith("/rescue/")]
    assert Call.objects.get().ended_at is not None
