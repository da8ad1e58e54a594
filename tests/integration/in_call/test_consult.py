"""Talk first: who hears whom while one waits and another is asked, and after each way out of that."""

import pytest

from accounts.people import User
from fake_twilio import catalogue
from fake_twilio.calls import LivingCall
from phone.calls.call import Call
from tests.fake.who_hears import hears
from tests.integration.in_call.parties import (
    ail,
    end,
    heal,
    heard_again,
    leg_of,
    living,
    second,
    settled,
    talk,
)
from tests.integration.in_call.stage import AGENT, CALLER, COLLEAGUE, SECOND, VOICES, Agent, Stage
from tests.webhook_requests import post

pytestmark = pytest.mark.usefixtures("worker")
OTHER = catalogue.STRANGER_NUMBER


async def consult(stage: Stage, user: User) -> tuple[Agent, LivingCall, LivingCall, Call]:
    """A caller waits, and a number is asked and has answered: the agent, both, and the call."""
    agent = await stage.sit_down(user)
    caller, call = await talk(stage, agent)
    asked = await stage.done(user, call.call_sid, "consult", to=OTHER)
    assert asked["state"] == "consulting"
    await leg_of(stage, call, "consulted", answered_at__isnull=False)
    other = living(stage, OTHER)
    await stage.until(
        lambda: hears(caller, of=VOICES) and hears(other, AGENT, of=VOICES) and agent.hears(SECOND)
    )
    return agent, caller, other, call


async def test_who_is_asked_is_put_through_and_the_two_talk_on(stage: Stage, alice: User) -> None:
    agent, caller, other, call = await consult(stage, alice)
    # One after the other: nothing is done twice.
    again, body = await stage.do(alice, call.call_sid, "consult", to=catalogue.ECHO_NUMBER)
    assert (again, body["cause"]) == (409, "not_possible")
    assert (await stage.done(alice, call.call_sid, "complete"))["state"] == "ended"
    await end(agent)
    await agent.device.close()
    await stage.until(lambda: hears(caller, SECOND, of=VOICES) and hears(other, CALLER, of=VOICES))
    call.refresh_from_db()
    assert (call.ended_at, call.user) == (None, alice)
    other.hang_up()
    # Who is left alone is not kept.
    row = await settled(stage, call)
    assert (row.status, row.user) == ("completed", alice)
    assert caller.record.status == "completed"
    assert set(row.legs.exclude(answered_at=None, role="called").values_list("role", flat=True)) == {
        "caller",
        "called",
        "transferred_to",
    }
    assert second(row.ended_at) >= second(stage.legs(call)["called"].ended_at)


async def test_back_to_the_caller_and_all_together(stage: Stage, alice: User) -> None:
    agent, caller, other, call = await consult(stage, alice)
    back = await stage.done(alice, call.call_sid, "back")
    assert back["state"] == "open"
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER) and other.is_over)
    # And once more: the same person may be asked again.
    await stage.done(alice, call.call_sid, "consult", to=OTHER)
    await leg_of(stage, call, "consulted", answered_at__isnull=False, ended_at=None)
    other = living(stage, OTHER)
    await stage.until(lambda: hears(other, AGENT, of=VOICES) and hears(caller, of=VOICES))
    joined = await stage.done(alice, call.call_sid, "join")
    assert joined["state"] == "conference"
    assert "leave" in joined["can"]
    await stage.until(
        lambda: (
            hears(caller, AGENT, SECOND, of=VOICES)
            and hears(other, AGENT, CALLER, of=VOICES)
            and agent.hears(CALLER, SECOND)
        )
    )
    await stage.done(alice, call.call_sid, "hang-up")
    await settled(stage, call)
    assert (caller.record.status, other.record.status) == ("completed", "completed")


async def test_an_extension_is_dialled_before_they_come_into_the_room(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    status, body = await stage.do(alice, call.call_sid, "consult", to=f"{OTHER},{'1' * 29}")
    assert (status, body["cause"]) == (422, "refused_here"), body
    assert not stage.rooms
    asked = await stage.done(alice, call.call_sid, "consult", to=f"{OTHER},12#")
    assert asked["state"] == "consulting"
    leg = await leg_of(stage, call, "consulted", joined_at__isnull=False, answered_at__isnull=False)
    other = living(stage, OTHER)
    await stage.until(lambda: hears(other, AGENT, of=VOICES) and agent.hears(SECOND))
    await stage.until(lambda: other.digits == "12#")
    assert (leg.call_sid, leg.address, leg.answered_at is not None) == (other.record.sid, OTHER, True)
    assert not any("12%23" in one.url or "12#" in one.url for one in stage.journal)
    await stage.done(alice, call.call_sid, "complete")
    await stage.until(lambda: hears(caller, SECOND, of=VOICES) and hears(other, CALLER, of=VOICES))
    caller.hang_up()
    await settled(stage, call)

    # Nobody comes in who was given up, however late.
    late = post("join_room", stage.account, query=f"?leg={leg.label}", CallSid=leg.call_sid)
    assert b"<Hangup" in late.content


async def test_a_busy_extension_brings_the_agent_back(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    await stage.done(alice, call.call_sid, "consult", to=f"{catalogue.BUSY_NUMBER},1")
    leg = await leg_of(stage, call, "consulted", ended_at__isnull=False)
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))
    assert leg.cause == "busy"
    added = f"{OTHER},1"
    assert (await stage.done(alice, call.call_sid, "add", to=added))["state"] in ("open", "conference")
    await stage.until(lambda: hears(caller, AGENT, SECOND, of=VOICES) and agent.hears(CALLER, SECOND))


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (catalogue.BUSY_NUMBER, "busy"),
        (catalogue.DECLINING_NUMBER, "declined"),
        (catalogue.UNREACHABLE_NUMBER, "no_answer"),
        (catalogue.UNALLOCATED_NUMBER, "number_unreachable"),
        (catalogue.WARY_NUMBER, "caller_id_refused"),
    ],
)
async def test_who_cannot_be_asked_brings_the_agent_back(
    number: str, cause: str, stage: Stage, alice: User
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    await stage.done(alice, call.call_sid, "consult", to=number)
    # That the leg is over may be known before Twilio has told why.
    await leg_of(stage, call, "consulted", ended_at__isnull=False, cause=cause)
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))
    await heard_again(stage, call)
    (party,) = [
        one
        for one in (await stage.done(alice, call.call_sid, "hold"))["parties"]
        if one["role"] == "consulted"
    ]
    assert (party["state"], party["cause"]) == ("gone", cause)
    assert party["words"]


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (catalogue.GEO_BLOCKED_NUMBER, "country_not_allowed"),
        (catalogue.PREMIUM_NUMBER, "number_blocked"),
    ],
)
async def test_a_number_that_twilio_refuses_leaves_the_caller_in_talk(
    number: str, cause: str, stage: Stage, alice: User
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    status, body = await stage.do(alice, call.call_sid, "consult", to=number)
    assert (status, body["cause"]) == (422, cause), body
    assert body["words"]
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))
    await heard_again(stage, call)


async def test_twilio_that_hangs_leaves_the_caller_in_talk(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    await ail(stage, fault="hang", method="POST", path="/Participants.json")
    status, body = await stage.do(alice, call.call_sid, "consult", to=OTHER)
    assert (status, body["cause"]) == (503, "twilio_unavailable")
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))
    await heal(stage)
    await stage.done(alice, call.call_sid, "consult", to=OTHER)


async def test_a_caller_who_hangs_up_meanwhile_leaves_the_two_in_talk(stage: Stage, alice: User) -> None:
    agent, caller, other, call = await consult(stage, alice)
    caller.hang_up()
    await leg_of(stage, call, "caller", ended_at__isnull=False)
    status, body = await stage.do(alice, call.call_sid, "complete")
    assert (status, body["words"]) == (409, "The caller has hung up.")
    assert hears(other, AGENT, of=VOICES) and agent.hears(SECOND)
    state = await stage.done(alice, call.call_sid, "hold")
    assert state["state"] == "held"
    assert [one["state"] for one in state["parties"] if one["role"] == "caller"] == ["gone"]
    await stage.done(alice, call.call_sid, "hang-up")
    assert (await settled(stage, call)).status == "completed"


async def test_a_colleague_who_is_asked_has_the_call_once_it_is_theirs(
    stage: Stage, alice: User, bob: User
) -> None:
    agent, bobs = await stage.sit_down(alice), await stage.sit_down(bob, COLLEAGUE)
    call = await stage.dial(agent, OTHER)
    await stage.until(lambda: agent.hears(SECOND))
    callee = living(stage, OTHER)
    await stage.done(alice, call.call_sid, "consult", to="Bob")
    assert f"call={call.call_sid}" in await bobs.answer()
    await leg_of(stage, call, "consulted", answered_at__isnull=False)
    await stage.until(lambda: agent.hears(COLLEAGUE) and bobs.hears(AGENT) and hears(callee, of=VOICES))
    # Whoever is asked hears nobody else, and may not let them in.
    for deed in ("resume", "hold", "transfer", "consult", "complete", "join", "add"):
        assert (await stage.do(bob, call.call_sid, deed, to=catalogue.ECHO_NUMBER))[0] == 409, deed
    await stage.done(alice, call.call_sid, "complete")
    await end(agent)
    await stage.until(lambda: bobs.hears(SECOND) and hears(callee, COLLEAGUE, of=VOICES))
    held = await stage.done(bob, call.call_sid, "hold")
    assert (held["state"], held["address"], held["leg_sid"]) == ("held", OTHER, bobs.leg_sid)
    await stage.done(bob, call.call_sid, "resume")
    await stage.done(bob, call.call_sid, "hang-up")
    assert (await settled(stage, call)).user == alice


async def test_a_colleague_who_declines_or_hangs_up_brings_the_agent_back(
    stage: Stage, alice: User, bob: User
) -> None:
    agent, bobs = await stage.sit_down(alice), await stage.sit_down(bob, COLLEAGUE)
    call = await stage.dial(agent, OTHER)
    await stage.until(lambda: agent.hears(SECOND))
    callee = living(stage, OTHER)
    await stage.done(alice, call.call_sid, "consult", to="Bob")
    invited = await bobs.device.expect("invite")
    await bobs.device.send("reject", callsid=invited["callsid"])
    await stage.until(lambda: agent.hears(SECOND) and hears(callee, AGENT, of=VOICES))
    await leg_of(stage, call, "consulted", cause="declined")
    await stage.done(alice, call.call_sid, "consult", to="Bob")
    await bobs.answer()
    await leg_of(stage, call, "consulted", answered_at__isnull=False, ended_at=None)
    await stage.until(lambda: agent.hears(COLLEAGUE) and hears(callee, of=VOICES))
    await stage.done(bob, call.call_sid, "hang-up")
    await stage.until(lambda: agent.hears(SECOND) and hears(callee, AGENT, of=VOICES))


@pytest.mark.parametrize("state", ["ringing", "talking"])
async def test_a_page_that_dies_meanwhile_has_the_caller_rung_back(
    state: str, stage: Stage, alice: User
) -> None:
    if state == "talking":
        agent, caller, other, call = await consult(stage, alice)
    else:
        agent = await stage.sit_down(alice)
        caller, call = await talk(stage, agent)
        await stage.done(alice, call.call_sid, "consult", to=catalogue.UNANSWERED_NUMBER)
        await leg_of(stage, call, "consulted", status="ringing")
        other = living(stage, catalogue.UNANSWERED_NUMBER)
    second = await stage.sit_down(alice)
    stage.living(agent.leg_sid).hang_up()
    await agent.device.close()
    await second.answer()
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and second.hears(CALLER) and other.is_over)
    await stage.wait(lambda: call.legs.filter(call_sid=second.leg_sid, answered_at__isnull=False))
    assert (await stage.done(alice, call.call_sid, "hold"))["state"] == "held"
