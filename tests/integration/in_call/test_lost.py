"""What is made up for: a page that vanished without a word, and the end of a room that was never told."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.people import User
from fake_twilio.sounds import get_energy
from phone.calls.call import Call
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.reconciling import reconcile_calls
from phone.in_call import vanished
from phone.in_call.reconciling import reconcile_rooms
from tests.device_socket import open_socket
from tests.fake.who_hears import hears, listen
from tests.integration.in_call.stage import AGENT, CALLER, VOICES, Stage

pytestmark = pytest.mark.usefixtures("worker")


async def test_whoever_talked_to_a_page_that_vanished_hears_music_before_twilio_knows(
    stage: Stage, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vanished, "PATIENCE", timedelta(seconds=0.2))
    agent = await stage.sit_down(alice)
    async with open_socket(alice):
        caller, call = await stage.talk(agent)
        await stage.done(alice, call.call_sid, "hold")
        await stage.done(alice, call.call_sid, "resume")
        await stage.until(lambda: hears(caller, AGENT, of=VOICES))
    await stage.until(lambda: hears(caller, of=VOICES) and get_energy(listen(caller)) > 0.0005)
    # Twilio plays the music before it has answered us.
    await stage.wait(lambda: CallLeg.objects.filter(call=call, is_held=True))
    # It had lost us alone: the call is still there.
    assert (await stage.done(alice, call.call_sid, "resume"))["state"] == "open"
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))


async def test_another_page_of_theirs_that_stays_is_not_taken_for_the_one_that_vanished(
    stage: Stage, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vanished, "PATIENCE", timedelta(seconds=0.2))
    agent = await stage.sit_down(alice)
    async with open_socket(alice, uuid.uuid4()):
        async with open_socket(alice, uuid.uuid4()) as talking:
            caller, call = await stage.talk(agent)
            about = {"state": "connect", "sdk_event": "accept", "message": f"incoming {agent.leg_sid}"}
            await talking.report(**about)
            await stage.done(alice, call.call_sid, "hold")
            await stage.done(alice, call.call_sid, "resume")
            await stage.until(lambda: hears(caller, AGENT, of=VOICES))
            # Another comes and goes: nobody is put on hold for that.
            async with open_socket(alice, uuid.uuid4()):
                pass
            looked = DBTaskResult.objects.filter(task_path__endswith="hold_for_vanished", status="SUCCESSFUL")
            await stage.wait(lambda: looked.all())
            await stage.wait(lambda: CallLeg.objects.filter(call=call, user=None, is_held=False))
            assert hears(caller, AGENT, of=VOICES)
        await stage.until(lambda: hears(caller, of=VOICES) and get_energy(listen(caller)) > 0.0005)


async def test_a_room_whose_end_was_never_told_is_over_once_twilio_is_asked(
    stage: Stage, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await stage.talk(agent)
    await stage.done(alice, call.call_sid, "hold")
    monkeypatch.setattr("phone.in_call.webhooks.take_event", lambda *_: None)
    monkeypatch.setattr("phone.callbacks.views.take_status", lambda *_: True)
    assert await reconcile(call) == 1
    assert Call.objects.get().ended_at is None
    caller.hang_up()
    stage.living(agent.leg_sid).hang_up()
    await stage.until(lambda: caller.is_over and stage.living(agent.leg_sid).is_over)
    assert await reconcile(call) == 1
    row = Call.objects.get()
    assert row.status == "completed" and row.ended_at is not None
    await stage.until(lambda: Conference.objects.filter(ended_at=None).count() == 0)


async def test_one_whose_own_end_was_told_and_who_is_left_is_not_forgotten(
    stage: Stage, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await stage.sit_down(alice)
    caller, call = await stage.talk(agent)
    await stage.done(alice, call.call_sid, "hold")
    monkeypatch.setattr("phone.in_call.webhooks.take_event", lambda *_: None)
    monkeypatch.setattr("phone.callbacks.views.take_status", lambda *_: True)
    await agent.device.close()
    stage.living(agent.leg_sid).hang_up()
    again = await stage.sit_down(alice)
    await reconcile(call)
    await again.answer()
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and again.hears(CALLER))


async def reconcile(call: Call) -> int:
    """As the worker does, a minute later; the plain calls' own run leaves the room alone."""
    long_ago = timezone.now() - timedelta(minutes=2)
    Call.objects.filter(pk=call.pk).update(started_at=long_ago, asked_at=None)

    def run() -> Any:
        try:
            assert reconcile_calls().ended == 0
            return reconcile_rooms()
        finally:
            connection.close()

    return int(await asyncio.to_thread(run))
