"""More than two in a call: who hears whom, who goes and who stays."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.people import User
from fake_twilio import catalogue
from phone.in_call.inviting import FULL, MOST_PARTIES
from tests.fake.who_hears import hears
from tests.integration.in_call.parties import PERSON, end, leg_of, living, settled, talk
from tests.integration.in_call.stage import AGENT, CALLER, COLLEAGUE, SECOND, VOICES, Stage

pytestmark = pytest.mark.usefixtures("worker")
OTHER = catalogue.STRANGER_NUMBER


async def test_somebody_is_added_and_the_agent_leaves_the_others_in_talk(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    status, body = await stage.do(alice, call.call_sid, "leave")
    assert (status, bool(body["words"])) == (409, True)
    asked = [stage.do(alice, call.call_sid, "add", to=OTHER) for _ in range(2)]
    assert sorted([status for status, _ in await asyncio.gather(*asked)]) == [200, 409]
    await leg_of(stage, call, "added", answered_at__isnull=False)
    other = living(stage, OTHER)
    await stage.until(
        lambda: (
            hears(caller, AGENT, SECOND, of=VOICES)
            and hears(other, AGENT, CALLER, of=VOICES)
            and agent.hears(CALLER, SECOND)
        )
    )
    for typed, status in ((OTHER, 409), (PERSON, 409), ("alice", 422), ("911", 422), ("", 422)):
        assert (await stage.do(alice, call.call_sid, "add", to=typed))[0] == status, typed
    assert (await stage.do(alice, call.call_sid, "transfer", to=catalogue.ECHO_NUMBER))[0] == 409
    await stage.done(alice, call.call_sid, "leave")
    await end(agent)
    await agent.device.close()
    await stage.until(lambda: hears(caller, SECOND, of=VOICES) and hears(other, CALLER, of=VOICES))
    call.refresh_from_db()
    assert call.ended_at is None
    caller.hang_up()
    row = await settled(stage, call)
    assert (row.status, row.user, other.record.status) == ("completed", alice, "completed")


async def test_whoever_comes_into_a_recorded_call_is_told_alone(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    _, call = await talk(stage, agent)
    assert (await stage.done(alice, call.call_sid, "record"))["recording"] == "on"
    await stage.done(alice, call.call_sid, "add", to=OTHER)
    added = await leg_of(stage, call, "added", answered_at__isnull=False)

    def list_told() -> list[str]:
        path = "recording_announcement"
        told = [one for one in stage.journal if one.url.startswith(stage.address(path))]
        return [one.params.get("CallSid", "") for one in told]

    # Everybody who was there by the sentence for the room; the one who came later by their own.
    await stage.until(lambda: len(list_told()) == 2)
    assert added.call_sid
    await stage.done(alice, call.call_sid, "hang-up")
    await settled(stage, call)


async def test_one_is_removed_and_a_colleague_added(stage: Stage, alice: User, bob: User) -> None:
    agent, bobs = await stage.sit_down(alice), await stage.sit_down(bob, COLLEAGUE)
    call = await stage.dial(agent, OTHER)
    await stage.until(lambda: agent.hears(SECOND))
    callee = living(stage, OTHER)
    ringing = await stage.done(alice, call.call_sid, "add", to="bob@example.com")
    assert ("added", "ringing") in [(one["role"], one["state"]) for one in ringing["parties"]]
    await bobs.answer()
    await leg_of(stage, call, "added", answered_at__isnull=False)
    await stage.until(lambda: bobs.hears(AGENT, SECOND) and hears(callee, AGENT, COLLEAGUE, of=VOICES))
    # Bob is one of them, and may do what they may.
    (party,) = call.legs.filter(address=OTHER)
    gone = await stage.done(bob, call.call_sid, "remove", party=str(party.pk))
    assert gone["state"] == "open"
    await stage.until(lambda: callee.is_over and bobs.hears(AGENT) and agent.hears(COLLEAGUE))
    assert (await stage.do(alice, call.call_sid, "remove", party=str(party.pk)))[0] == 409
    await stage.done(alice, call.call_sid, "hang-up")
    await end(bobs)
    await settled(stage, call)


async def test_nobody_is_brought_into_a_call_that_eight_are_in(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    await stage.done(alice, call.call_sid, "add", to=OTHER)
    await leg_of(stage, call, "added", answered_at__isnull=False)
    room = call.legs.get(role="added").conference
    # Their phones ring at somebody's whom Twilio has not named yet.
    for last in range(MOST_PARTIES - 3):
        leg = {"role": "added", "route": "number", "status": "queued", "conference": room}
        call.legs.create(**leg, address=f"+1202555018{last}")
    for deed in ("add", "consult"):
        status, body = await stage.do(alice, call.call_sid, deed, to=catalogue.ECHO_NUMBER)
        assert (status, body["words"], body["remedy"]) == (409, FULL, "Remove somebody first."), deed
    await stage.until(lambda: hears(caller, AGENT, SECOND, of=VOICES))
    call.legs.filter(address="+12025550180").update(status="canceled", ended_at=timezone.now())
    state = await stage.done(alice, call.call_sid, "add", to=catalogue.ECHO_NUMBER)
    assert sum(party["state"] != "gone" for party in state["parties"]) == MOST_PARTIES


async def test_who_fails_leaves_the_others_as_they_were(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    status, body = await stage.do(alice, call.call_sid, "add", to=catalogue.GEO_BLOCKED_NUMBER)
    assert (status, body["cause"]) == (422, "country_not_allowed")
    await stage.done(alice, call.call_sid, "add", to=catalogue.BUSY_NUMBER)
    await leg_of(stage, call, "added", cause="busy", address=catalogue.BUSY_NUMBER)
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))
    state = await stage.done(alice, call.call_sid, "hold")
    assert {one["cause"] for one in state["parties"] if one["role"] == "added"} == {
        "busy",
        "country_not_allowed",
    }


async def test_a_page_that_dies_leaves_two_others_in_talk(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    await stage.done(alice, call.call_sid, "add", to=OTHER)
    await leg_of(stage, call, "added", answered_at__isnull=False)
    other = living(stage, OTHER)
    stage.living(agent.leg_sid).hang_up()
    await stage.until(lambda: hears(caller, SECOND, of=VOICES) and hears(other, CALLER, of=VOICES))
    gone = await leg_of(stage, call, "called", call_sid=agent.leg_sid, ended_at__isnull=False)
    call.refresh_from_db()
    assert call.ended_at is None
    # Twilio's times are whole seconds: who left last has to be told from them.
    await stage.until(lambda: timezone.now() > gone.ended_at + timedelta(seconds=1))  # type: ignore[operator]
    other.hang_up()
    assert (await settled(stage, call)).status == "completed"
    assert caller.record.status == "completed"
