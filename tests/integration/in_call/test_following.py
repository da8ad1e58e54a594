"""A tab is closed while it rings there: the tab that comes to be the phone rings, for the same call."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from accounts.clients import ClientInfo
from accounts.people import User
from fake_twilio import catalogue
from fake_twilio.calls import LivingCall
from phone.calls.call import Call
from phone.calls.do_not_disturb import switch_do_not_disturb
from phone.calls.legs import CallLeg
from phone.device.recording import record_device_event
from phone.in_call import targets
from phone.in_call.state import build_states
from phone.recents.recent_call import RecentCall
from tests.fake.who_hears import hears
from tests.integration.answering.conftest import make_rules
from tests.integration.in_call.stage import AGENT, CALLER, COLLEAGUE, VOICES, Agent, Stage
from tests.open_pages import build_report, record_connected, record_disconnected

pytestmark = pytest.mark.usefixtures("worker")


def aside(function: Callable[..., Any], **arguments: Any) -> None:
    """As a server's thread would do it, which waits for nobody's event loop."""

    def work() -> None:
        try:
            function(**arguments)
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()


@dataclass
class Tab:
    """One load of a person's page, with its socket to us."""

    user: User
    session: uuid.UUID = field(default_factory=uuid.uuid4)
    socket: uuid.UUID = field(default_factory=uuid.uuid4)

    def __post_init__(self) -> None:
        aside(record_connected, user=self.user, page_session=self.session, socket=self.socket)

    def report(self, state: str, sdk_event: str, message: str = "") -> None:
        report = build_report(state, sdk_event, message)
        client = ClientInfo("127.0.0.1", "")
        aside(record_device_event, user=self.user, page_session=self.session, report=report, client=client)

    def close(self) -> None:
        aside(record_disconnected, user=self.user, page_session=self.session, socket=self.socket)


async def sit_down(stage: Stage, user: User, hertz: int = AGENT, tab: Tab | None = None) -> tuple[Agent, Tab]:
    """`user` with a phone that is ready, and has told so."""
    agent, tab = await stage.sit_down(user, hertz), tab or Tab(user)
    tab.report("ready", "registered")
    return agent, tab


async def next_invite(agent: Agent) -> dict[str, Any]:
    while True:
        kind, payload = await agent.device.next()
        assert kind, "the Device's socket was closed"
        if kind == "invite":
            return payload


async def is_left_in_peace(agent: Agent, seconds: float) -> bool:
    """Whether nothing rings for a while."""
    try:
        async with asyncio.timeout(seconds):
            await next_invite(agent)
    except TimeoutError:
        return True
    return False


async def ring(stage: Stage, agent: Agent) -> LivingCall:
    caller = await stage.ring()
    await next_invite(agent)
    await stage.wait(lambda: CallLeg.objects.filter(user=agent.user, status="ringing"))
    return caller


async def move(stage: Stage, user: User, agent: Agent, tab: Tab, spare: Tab, hertz: int = AGENT) -> Agent:
    """The phone's tab is closed, and the spare comes to be the phone."""
    await agent.device.close()
    tab.close()
    again, _ = await sit_down(stage, user, hertz, tab=spare)
    return again


def open_spare(user: User) -> Tab:
    spare = Tab(user)
    spare.report("offline", "other-tab")
    return spare


async def cancelled(agent: Agent) -> None:
    while True:
        kind, _ = await agent.device.next()
        if kind == "cancel":
            return
        assert kind


async def expect_talking(stage: Stage, caller: LivingCall, agent: Agent, hertz: int = AGENT) -> None:
    await stage.until(lambda: hears(caller, hertz, of=VOICES) and agent.hears(CALLER))


async def test_the_ring_goes_on_for_everybody_and_in_the_new_tab(
    stage: Stage, alice: User, bob: User
) -> None:
    (alices, tab), (bobs, _) = await sit_down(stage, alice), await sit_down(stage, bob, COLLEAGUE)
    spare = open_spare(alice)
    caller = await ring(stage, alices)
    await next_invite(bobs)
    again = await move(stage, alice, alices, tab, spare)
    parameters = await again.answer()
    assert caller.record.sid in parameters and "%2B15005550006" not in parameters
    assert f"caller={catalogue.STRANGER_NUMBER.replace('+', '%2B')}" in parameters
    await expect_talking(stage, caller, again)
    # Bob's has rung all the while, and stops with the answer.
    await cancelled(bobs)
    call = await stage.row(call_sid=caller.record.sid, answered_at__isnull=False)
    assert (call.user, call.status) == (alice, "in-progress")
    # And it is a call like any other.
    await stage.wait(lambda: CallLeg.objects.filter(call=call, call_sid=again.leg_sid, status="in-progress"))
    held = await stage.done(alice, call.call_sid, "hold")
    assert (held["state"], held["leg_sid"]) == ("held", again.leg_sid)
    caller.hang_up()
    call = await stage.over(call)
    assert (call.status, call.cause) == ("completed", "answered")
    [recent] = RecentCall.objects.filter(user=alice)
    assert not recent.is_missed
    assert RecentCall.objects.get(user=bob).cause == "answered_elsewhere"


async def test_a_caller_whom_nobody_else_could_answer_waits_for_the_new_tab(
    stage: Stage, alice: User
) -> None:
    make_rules(stage.account, alice, seconds=20, unanswered_then="voicemail")
    alices, tab = await sit_down(stage, alice)
    spare = open_spare(alice)
    caller = await ring(stage, alices)
    await alices.device.close()
    tab.close()
    # Twilio finds nobody there any more, and asks what is next.
    await stage.until(lambda: any(one.url.endswith("over=no-answer&code=") for one in stage.journal))
    [state] = build_states(alice)
    assert state["state"] == "ringing"
    again, _ = await sit_down(stage, alice, tab=spare)
    await again.answer()
    await expect_talking(stage, caller, again)
    caller.hang_up()
    call = await stage.over(await stage.row(call_sid=caller.record.sid))
    assert (call.status, call.cause, call.user) == ("completed", "answered", alice)
    assert not RecentCall.objects.get(user=alice).is_missed


async def test_where_no_tab_comes_the_plan_goes_on(stage: Stage, alice: User) -> None:
    make_rules(stage.account, alice, seconds=60, unanswered_then="voicemail")
    alices, tab = await sit_down(stage, alice)
    caller = await ring(stage, alices)
    tab.close()
    await alices.device.close()
    call = await stage.over(await stage.row(call_sid=caller.record.sid))
    assert (call.status, call.cause_facts["answering"]["result"]) == ("no-answer", "voicemail")
    await stage.until(lambda: not CallLeg.objects.filter(call=call, user=alice, ended_at=None).exists())
    # For as long as the tab might have been loaded anew.
    assert any("over=no-answer" in one.url for one in stage.journal)
    assert RecentCall.objects.get(user=alice).is_missed


async def test_it_stops_in_the_new_tab_once_a_colleague_has_answered_or_the_caller_is_gone(
    stage: Stage, alice: User, bob: User
) -> None:
    (alices, tab), (bobs, _) = await sit_down(stage, alice), await sit_down(stage, bob, COLLEAGUE)
    spare = open_spare(alice)
    caller = await stage.ring()
    await next_invite(alices)
    again = await move(stage, alice, alices, tab, spare)
    await next_invite(again)
    await bobs.answer()
    await cancelled(again)
    await expect_talking(stage, caller, bobs, COLLEAGUE)
    call = await stage.row(call_sid=caller.record.sid, answered_at__isnull=False)
    assert (call.user, call.conference) == (bob, None)
    assert RecentCall.objects.get(user=alice, call=call).cause == "answered_elsewhere"
    caller.hang_up()

    # Once more, from tab to tab; the caller gives up.
    other = await stage.ring()
    await next_invite(again)
    third = await move(stage, alice, again, spare, open_spare(alice))
    await next_invite(third)
    last = await move(stage, alice, third, spare, open_spare(alice))
    await next_invite(last)
    other.hang_up()
    await cancelled(last)
    call = await stage.over(await stage.row(call_sid=other.record.sid))
    assert call.status in ("no-answer", "canceled")
    assert RecentCall.objects.get(user=alice, call=call).is_missed


async def test_declined_in_the_new_tab_it_is_declined(stage: Stage, alice: User) -> None:
    make_rules(stage.account, alice, seconds=60, unanswered_then="voicemail")
    alices, tab = await sit_down(stage, alice)
    spare = open_spare(alice)
    caller = await ring(stage, alices)
    again = await move(stage, alice, alices, tab, spare)
    invite = await next_invite(again)
    await again.device.send("reject", callsid=invite["callsid"])
    call = await stage.over(await stage.row(call_sid=caller.record.sid))
    assert call.cause_facts["answering"]["result"] == "voicemail"


async def test_where_it_rings_on_in_the_browser_before_both_ring_until_one_is_answered(
    stage: Stage, alice: User
) -> None:
    alices, _ = await sit_down(stage, alice)
    caller = await ring(stage, alices)
    # Another browser takes over.
    again, _ = await sit_down(stage, alice)
    await again.answer()
    await cancelled(alices)
    await expect_talking(stage, caller, again)
    caller.hang_up()
    call = await stage.over(await stage.row(call_sid=caller.record.sid))
    assert (call.cause, RecentCall.objects.get(user=alice).cause) == ("answered", "answered")


async def test_a_page_in_which_it_rings_already_is_rung_once(stage: Stage, alice: User) -> None:
    alices, tab = await sit_down(stage, alice)
    caller = await stage.ring()
    invite = await next_invite(alices)
    tab.report("incoming", "incoming", f"incoming {invite['callsid']}")
    tab.report("ready", "registered")
    assert await is_left_in_peace(alices, 4)
    caller.hang_up()


async def test_who_wants_no_calls_any_more_is_not_rung_anew(stage: Stage, alice: User) -> None:
    make_rules(stage.account, alice, seconds=60, unanswered_then="voicemail")
    alices, tab = await sit_down(stage, alice)
    spare = open_spare(alice)
    caller = await ring(stage, alices)
    aside(lambda: switch_do_not_disturb(alice, is_on=True))
    again = await move(stage, alice, alices, tab, spare)
    assert await is_left_in_peace(again, 2.5)
    await stage.over(await stage.row(call_sid=caller.record.sid))


async def test_a_colleagues_call_follows(stage: Stage, alice: User, bob: User) -> None:
    (alices, tab), (bobs, _) = await sit_down(stage, alice), await sit_down(stage, bob, COLLEAGUE)
    spare = open_spare(alice)
    sdp = await bobs.peer.offer()
    params = f"To={alice.email.replace('@', '%40')}"
    await bobs.device.send("invite", callsid="TJSout", sdp=sdp, twilio={"params": params})
    await next_invite(alices)
    again = await move(stage, alice, alices, tab, spare)
    assert f"display={bob.display_name}" in (await again.answer()).replace("+", " ")
    while True:
        kind, payload = await bobs.device.next()
        assert kind not in ("", "hangup"), payload
        if kind == "answer":
            break
    await bobs.peer.accept(payload["sdp"])
    await stage.until(lambda: bobs.hears(AGENT) and again.hears(COLLEAGUE))
    call = Call.objects.get()
    assert (call.user, call.to_address) == (bob, f"client:{alice.identity}")


@pytest.mark.parametrize("deed", ["transfer", "consult", "add"])
async def test_who_is_called_for_a_call_that_goes_on_is_rung_in_the_new_tab(
    stage: Stage, alice: User, bob: User, deed: str
) -> None:
    bobs, _ = await sit_down(stage, bob)
    caller, call = await stage.talk(bobs)
    alices, tab = await sit_down(stage, alice, COLLEAGUE)
    spare = open_spare(alice)
    await stage.done(bob, call.call_sid, deed, to=alice.email)
    await next_invite(alices)
    again = await move(stage, alice, alices, tab, spare, COLLEAGUE)
    assert call.call_sid in await again.answer()
    match deed:
        case "transfer":
            await expect_talking(stage, caller, again, COLLEAGUE)
        case "consult":
            await stage.until(lambda: bobs.hears(COLLEAGUE) and again.hears(AGENT))
            assert hears(caller, of=VOICES)
        case _:
            await stage.until(lambda: bobs.hears(COLLEAGUE, CALLER) and again.hears(AGENT, CALLER))
    call.refresh_from_db()
    assert call.ended_at is None
    [state] = build_states(alice)
    assert [party["name"] for party in state["parties"]].count(alice.display_name) == 1


async def test_who_was_left_rings_the_tab_that_comes(stage: Stage, alice: User) -> None:
    alices, tab = await sit_down(stage, alice)
    caller, call = await stage.talk(alices)
    await stage.done(alice, call.call_sid, "hold")
    spare = open_spare(alice)
    # It is about to be the phone, as far as anybody knows, when the caller is left.
    spare.report("connecting", "tab-promoted")
    await alices.device.close()
    tab.close()
    stage.living(alices.leg_sid).hang_up()
    await stage.until(lambda: any("rescue=2&over=no-answer" in one.url for one in stage.journal))
    again, _ = await sit_down(stage, alice, tab=spare)
    await again.answer()
    await expect_talking(stage, caller, again)
    call.refresh_from_db()
    assert (call.ended_at, call.user) == (None, alice)


async def leave(agent: Agent, tab: Tab) -> None:
    """The page is left, and may be loaded anew."""
    await agent.device.close()
    tab.report("offline", "destroyed")
    tab.close()


@pytest.mark.parametrize("deed", ["transfer", "consult"])
async def test_who_loads_their_page_anew_is_called_once_it_is_there(
    stage: Stage, alice: User, bob: User, deed: str
) -> None:
    bobs, _ = await sit_down(stage, bob)
    caller, call = await stage.talk(bobs)
    await leave(*await sit_down(stage, alice, COLLEAGUE))
    doing = asyncio.create_task(stage.done(bob, call.call_sid, deed, to=alice.email))
    await asyncio.wait([doing], timeout=0.5)
    assert not doing.done()
    again, _ = await sit_down(stage, alice, COLLEAGUE)
    await doing
    await again.answer()
    if deed == "transfer":
        await expect_talking(stage, caller, again, COLLEAGUE)
    else:
        await stage.until(lambda: bobs.hears(COLLEAGUE) and again.hears(AGENT))


async def test_who_does_not_come_back_is_refused_as_whoever_is_away(
    stage: Stage, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "BACK_WITHIN", timedelta(seconds=0.3))
    bobs, _ = await sit_down(stage, bob)
    caller, call = await stage.talk(bobs)
    await leave(*await sit_down(stage, alice, COLLEAGUE))
    status, refused = await stage.do(bob, call.call_sid, "transfer", to=alice.email)
    assert (status, refused["cause"]) == (422, "nobody_available")
    assert bobs.hears(CALLER)


async def test_who_was_left_rings_the_page_that_is_loaded_anew(stage: Stage, alice: User) -> None:
    alices, tab = await sit_down(stage, alice)
    caller, call = await stage.talk(alices)
    await stage.done(alice, call.call_sid, "hold")
    stage.living(alices.leg_sid).hang_up()
    await leave(alices, tab)
    await stage.until(lambda: any("rescue=2&over=no-answer" in one.url for one in stage.journal))
    again, _ = await sit_down(stage, alice)
    await again.answer()
    await expect_talking(stage, caller, again)
