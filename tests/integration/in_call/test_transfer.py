"""Blind transfer: the two others talk on, whatever becomes of the page; and who is not reached comes back."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.people import User
from accounts.tasks.background import enqueue
from fake_twilio import catalogue
from phone.answering.rules import NumberRules
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.in_call.tidying import tidy_room
from phone.voicemail.messages import VoicemailCopy
from tests.fake.who_hears import hears
from tests.integration.in_call.parties import PERSON, ail, end, heal, leg_of, living, second, settled, talk
from tests.integration.in_call.stage import AGENT, CALLER, COLLEAGUE, SECOND, VOICES, Stage

pytestmark = pytest.mark.usefixtures("worker")


async def test_a_caller_is_put_through_to_a_number_and_the_agent_is_out(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    after = await stage.done(alice, call.call_sid, "transfer", to=catalogue.STRANGER_NUMBER)
    assert (after["state"], after["cause"]) == ("ended", "answered")
    assert after["words"] == "You put the call through to +1 202-555-0170."
    await end(agent)
    await agent.device.close()
    await leg_of(stage, call, "transferred_to", answered_at__isnull=False)
    other = living(stage, catalogue.STRANGER_NUMBER)
    assert other.record.from_ == catalogue.DEMO_NUMBER
    await stage.until(lambda: hears(caller, SECOND, of=VOICES) and hears(other, CALLER, of=VOICES))
    call.refresh_from_db()
    assert (call.ended_at, call.user) == (None, alice)
    assert stage.requests("POST", f"/Calls/{caller.record.sid}.json") == 1
    other.hang_up()
    row = await settled(stage, call)
    assert (row.status, row.user) == ("completed", alice)
    legs = stage.legs(call)
    assert second(legs["called"].ended_at) <= second(legs["transferred_to"].answered_at)
    assert second(row.ended_at) >= second(legs["transferred_to"].answered_at)


async def test_whom_we_called_is_put_through_to_a_colleague_who_has_the_call_then(
    stage: Stage, alice: User, bob: User
) -> None:
    agent, bobs = await stage.sit_down(alice), await stage.sit_down(bob, COLLEAGUE)
    call = await stage.dial(agent, catalogue.STRANGER_NUMBER)
    await stage.until(lambda: agent.hears(SECOND))
    callee = living(stage, catalogue.STRANGER_NUMBER)
    assert (await stage.done(alice, call.call_sid, "transfer", to="bob@example.com"))["state"] == "ended"
    parameters = await bobs.answer()
    assert f"call={call.call_sid}" in parameters and "display=%2B12025550170" in parameters
    await end(agent)
    await stage.until(lambda: hears(callee, COLLEAGUE, of=VOICES) and bobs.hears(SECOND))
    call.refresh_from_db()
    assert (call.ended_at, call.user) == (None, alice)
    assert bob in call.rung.all()
    await leg_of(stage, call, "transferred_to", user=bob, answered_at__isnull=False)

    # It is his to hold, and to send on.
    held = await stage.done(bob, call.call_sid, "hold")
    assert (held["state"], held["leg_sid"]) == ("held", bobs.leg_sid)
    assert (held["direction"], held["address"]) == ("incoming", catalogue.STRANGER_NUMBER)
    await stage.until(lambda: hears(callee, of=VOICES) and bobs.hears())
    await stage.done(bob, call.call_sid, "resume")
    await stage.until(lambda: hears(callee, COLLEAGUE, of=VOICES) and bobs.hears(SECOND))
    await stage.done(bob, call.call_sid, "transfer", to=catalogue.DEMO_VERIFIED_NUMBER)
    await end(bobs)
    await stage.until(lambda: hears(callee, SECOND, of=VOICES))
    assert call.legs.filter(role="transferred_to").count() == 2
    callee.hang_up()
    assert (await stage.over(call)).status == "completed"


async def test_a_held_caller_is_put_through_out_of_the_room(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    await stage.done(alice, call.call_sid, "hold")
    await stage.done(alice, call.call_sid, "transfer", to=f"{catalogue.STRANGER_NUMBER},12#")
    await end(agent)
    await stage.until(lambda: hears(caller, SECOND, of=VOICES))
    await stage.until(lambda: living(stage, catalogue.STRANGER_NUMBER).digits == "12#")
    call.refresh_from_db()
    assert (call.conference, call.ended_at) == (None, None)
    caller.hang_up()
    assert (await settled(stage, call)).status == "completed"


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (catalogue.BUSY_NUMBER, "busy"),
        (catalogue.DECLINING_NUMBER, "declined"),
        (catalogue.UNREACHABLE_NUMBER, "no_answer"),
        (catalogue.UNALLOCATED_NUMBER, "number_unreachable"),
        (catalogue.GEO_BLOCKED_NUMBER, "country_not_allowed"),
    ],
)
async def test_a_number_that_fails_brings_the_caller_back_with_the_cause(
    number: str, cause: str, stage: Stage, alice: User
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    await stage.done(alice, call.call_sid, "transfer", to=number)
    await end(agent)
    agent.peer = stage.open_peer(AGENT)
    assert f"call={call.call_sid}" in await agent.answer()
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))
    leg = await leg_of(stage, call, "transferred_to", ended_at__isnull=False)
    await stage.until(lambda: CallLeg.objects.get(pk=leg.pk).cause == cause)
    await stage.wait(lambda: call.legs.filter(call_sid=agent.leg_sid, answered_at__isnull=False))
    state = await stage.done(alice, call.call_sid, "hold")
    (failed,) = [one for one in state["parties"] if one["role"] == "transferred_to"]
    assert (failed["state"], failed["cause"]) == ("gone", cause)
    assert failed["words"] and "not known" not in failed["words"]
    assert state["leg_sid"] == agent.leg_sid
    await stage.done(alice, call.call_sid, "hang-up")
    row = await stage.over(call)
    assert (row.status, row.user) == ("completed", alice)


async def test_a_colleague_who_declines_gives_the_caller_back(stage: Stage, alice: User, bob: User) -> None:
    agent, bobs = await stage.sit_down(alice), await stage.sit_down(bob, COLLEAGUE)
    caller = await stage.ring(**{"from": PERSON})
    await agent.answer()
    await bobs.device.expect("invite")
    await bobs.device.expect("cancel")
    await stage.until(lambda: agent.hears(CALLER))
    await stage.row(answered_at__isnull=False)
    await stage.done(alice, caller.record.sid, "transfer", to="Bob")
    invited = await bobs.device.expect("invite")
    await bobs.device.send("reject", callsid=invited["callsid"])
    await end(agent)
    agent.peer = stage.open_peer(AGENT)
    await agent.answer()
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))
    call = Call.objects.get()
    assert (await leg_of(stage, call, "transferred_to", user=bob)).cause == "declined"
    assert (call.user, call.ended_at) == (alice, None)


async def test_an_agent_who_has_gone_leaves_the_caller_to_colleagues(
    stage: Stage, alice: User, bob: User
) -> None:
    agent, bobs = await stage.sit_down(alice), await stage.sit_down(bob, COLLEAGUE)
    caller = await stage.ring(**{"from": PERSON})
    await agent.answer()
    await bobs.device.expect("invite")
    await bobs.device.expect("cancel")
    await stage.until(lambda: agent.hears(CALLER))
    await stage.row(answered_at__isnull=False)
    await stage.done(alice, caller.record.sid, "transfer", to=catalogue.BUSY_NUMBER)
    await agent.device.close()
    await bobs.answer()
    await stage.until(lambda: hears(caller, COLLEAGUE, of=VOICES) and bobs.hears(CALLER))
    call = Call.objects.get()
    await stage.wait(lambda: call.legs.filter(call_sid=bobs.leg_sid, answered_at__isnull=False))
    assert (await stage.done(bob, call.call_sid, "hold"))["state"] == "held"


async def test_where_nobody_takes_them_back_the_caller_may_leave_a_message(stage: Stage, alice: User) -> None:
    NumberRules.objects.create(
        account=stage.account, phone_number=catalogue.DEMO_NUMBER, unanswered_then="voicemail"
    )
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    await stage.done(alice, call.call_sid, "transfer", to=catalogue.BUSY_NUMBER)
    await agent.device.close()
    begun = call.recordings.filter(source="voicemail").exclude(recording_sid="")
    await stage.wait(lambda: begun.filter(begun_at__lt=timezone.now() - timedelta(seconds=2)))
    caller.hang_up()
    await stage.wait(lambda: VoicemailCopy.objects.filter(user=alice))
    row = await settled(stage, call)
    assert (row.status, row.user, row.cause) == ("completed", alice, "voicemail")
    assert not [one.error for one in stage.journal if one.error]


async def test_what_cannot_be_is_refused_and_changes_nothing(stage: Stage, alice: User, bob: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    for typed, status, cause in (
        ("", 422, "invalid_number"),
        ("+1", 422, "invalid_number"),
        ("911", 422, "refused_here"),
        ("alice", 422, "refused_here"),
        ("nobody@example.com", 422, "invalid_number"),
        (catalogue.STRANGER_NUMBER[:-1], 422, "invalid_number"),
        (caller.record.from_, 409, "not_possible"),
        ("\x00", 422, "refused_here"),
    ):
        got, body = await stage.do(alice, call.call_sid, "transfer", to=typed)
        assert (got, body.get("cause")) == (status, cause), (typed, body)
        assert body["words"]
    got, _ = await stage.do(bob, "CA" + "0" * 32, "transfer", to="+12025550170")
    assert got == 404
    assert hears(caller, AGENT, of=VOICES) and agent.hears(CALLER)
    assert call.legs.filter(role="transferred_to").count() == 0


@pytest.mark.parametrize(("fault", "status"), [("hang", 503), ("unavailable", 503), ("told", 422)])
async def test_twilio_that_does_not_do_it_leaves_the_call_as_it_was(
    fault: str, status: int, stage: Stage, alice: User
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    await ail(stage, fault=fault, method="POST", path="/Calls/")
    got, body = await stage.do(alice, call.call_sid, "transfer", to=catalogue.STRANGER_NUMBER)
    assert (got, bool(body["words"])) == (status, True)
    await heal(stage)
    assert hears(caller, AGENT, of=VOICES) and agent.hears(CALLER)
    # And it can be tried again.
    await stage.done(alice, call.call_sid, "transfer", to=catalogue.STRANGER_NUMBER)
    await stage.until(lambda: hears(caller, SECOND, of=VOICES))


async def test_two_pages_that_transfer_at_once_do_it_once(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    asked = [stage.do(alice, call.call_sid, "transfer", to=catalogue.STRANGER_NUMBER) for _ in range(3)]
    statuses = sorted(status for status, _ in await asyncio.gather(*asked))
    assert statuses == [200, 409, 409]
    await stage.until(lambda: hears(caller, SECOND, of=VOICES))
    assert call.legs.filter(role="transferred_to").count() == 1


async def test_one_of_two_calls_is_put_through_and_the_other_goes_on(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    second = await stage.ring(COLLEAGUE, **{"from": "+12025550151"})
    other = await stage.row(call_sid=second.record.sid, legs__user=alice, legs__status="ringing")
    await stage.done(alice, other.call_sid, "answer")
    await stage.until(lambda: hears(second, AGENT, of=VOICES) and agent.hears(COLLEAGUE))
    for deed in ("consult", "add"):
        assert (await stage.do(alice, other.call_sid, deed, to=catalogue.STRANGER_NUMBER))[0] == 409
    # The one that waits, whose leg of the agent's both use.
    await stage.done(alice, call.call_sid, "transfer", to=catalogue.STRANGER_NUMBER)
    await stage.until(lambda: hears(caller, SECOND, of=VOICES))
    assert hears(second, AGENT, of=VOICES) and agent.hears(COLLEAGUE)
    caller.hang_up()
    await stage.over(call)
    assert (await stage.done(alice, other.call_sid, "hold"))["state"] == "held"
    await stage.done(alice, other.call_sid, "resume")
    await stage.done(alice, other.call_sid, "hang-up")
    await settled(stage, other)
    await end(agent)


async def test_the_other_of_two_calls_goes_on_however_long_it_rings_for_the_one_put_through(
    stage: Stage, alice: User
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await talk(stage, agent)
    second = await stage.ring(COLLEAGUE, **{"from": "+12025550151"})
    other = await stage.row(call_sid=second.record.sid, legs__user=alice, legs__status="ringing")
    await stage.done(alice, other.call_sid, "answer")
    await stage.until(lambda: hears(second, AGENT, of=VOICES) and agent.hears(COLLEAGUE))
    await stage.done(alice, call.call_sid, "transfer", to=catalogue.UNANSWERED_NUMBER)
    await leg_of(stage, call, "transferred_to", status="ringing")
    # As with any news of the room: that the second came into it may be late.
    other.refresh_from_db()
    asked_at = timezone.now()
    enqueue(tidy_room, other.conference.pk)
    tidied = DBTaskResult.objects.filter(task_path__endswith="tidy_room", enqueued_at__gte=asked_at)
    await stage.wait(lambda: tidied.filter(status="SUCCESSFUL"))
    assert hears(second, AGENT, of=VOICES) and agent.hears(COLLEAGUE)
    assert stage.requests("POST", f"/Calls/{second.record.sid}.json") == 1
    other.refresh_from_db()
    assert other.ended_at is None
    caller.hang_up()
    await stage.over(call)
    await stage.done(alice, other.call_sid, "hang-up")
    await settled(stage, other)
