"""A Twilio that refuses, is ill, slow or silent: the call stays as it was, and the page is told why."""

import asyncio
import time
from typing import Any

import pytest

from accounts.people import User
from phone.calls.call import Call
from phone.calls.conferences import Conference
from tests.fake.who_hears import hears
from tests.integration.in_call.stage import AGENT, CALLER, VOICES, Stage

pytestmark = pytest.mark.usefixtures("worker")

# What becomes of a deed: its status and cause.
AWAY = (503, "twilio_unavailable")
# It is our address that Twilio does not take.
REFUSED = (422, "webhook_failed")


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ({"fault": "server error"}, AWAY),
        ({"fault": "reset"}, AWAY),
        ({"fault": "hang", "seconds": 30.0}, AWAY),
        ({"fault": "told", "status": 400, "code": 21205, "message": "Url is not valid"}, REFUSED),
    ],
)
async def test_a_move_that_twilio_does_not_make_leaves_the_call_as_it_was(
    stage: Stage, alice: User, fault: dict[str, Any], answer: tuple[int, str]
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await stage.talk(agent)
    laid = await stage.lay_fault(path="/Calls/", method="POST", **fault)
    begun = time.monotonic()
    status, body = await stage.do(alice, call.call_sid, "hold")
    assert (status, body["cause"]) == answer
    assert body["words"] and time.monotonic() - begun < 10
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))
    await stage.remove_fault(laid)
    assert (await stage.done(alice, call.call_sid, "hold"))["state"] == "held"
    await stage.until(lambda: hears(caller, of=VOICES))


async def test_a_hold_or_a_resume_that_fails_is_told_and_can_be_tried_again(
    stage: Stage, alice: User
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await stage.talk(agent)
    await stage.done(alice, call.call_sid, "hold")
    for fault in ("server error", "reset"):
        laid = await stage.lay_fault(path="/Participants/", method="POST", fault=fault)
        status, body = await stage.do(alice, call.call_sid, "resume")
        assert (status, body["cause"]) == AWAY
        await stage.remove_fault(laid)
    laid = await stage.lay_fault(method="POST", fault="server error")
    assert (await stage.do(alice, call.call_sid, "hang-up"))[0] == 503
    await stage.remove_fault(laid)
    assert (await stage.done(alice, call.call_sid, "resume"))["state"] == "open"
    await stage.until(lambda: hears(caller, AGENT, of=VOICES))
    await stage.done(alice, call.call_sid, "hang-up")
    await stage.over(call)


async def test_two_who_hold_at_once_make_one_move(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await stage.talk(agent)
    answers = await asyncio.gather(*(stage.do(alice, call.call_sid, "hold") for _ in range(4)))
    assert all(status in (200, 409) for status, _ in answers), answers
    assert any(status == 200 for status, _ in answers)
    assert Conference.objects.count() == len(stage.rooms) == 1
    assert stage.requests("POST", f"/Calls/{agent.leg_sid}.json") == 1
    await stage.until(lambda: hears(caller, of=VOICES) and agent.hears())


async def test_callbacks_that_are_lost_are_made_up_for_by_asking(
    stage: Stage, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await stage.talk(agent)
    # Nothing that Twilio tells of the room arrives.
    monkeypatch.setattr("phone.in_call.webhooks.take_event", lambda *_: None)
    assert (await stage.done(alice, call.call_sid, "hold"))["state"] == "held"
    await stage.until(lambda: hears(caller, of=VOICES))
    assert (await stage.done(alice, call.call_sid, "resume"))["state"] == "open"
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))
    assert Call.objects.get().ended_at is None
