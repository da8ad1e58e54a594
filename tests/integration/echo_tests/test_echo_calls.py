"""An echo test at Twilio: somebody speaks, hears themselves, and nothing is left of it."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio.app_keys import STORE
from fake_twilio.takes import RECORDINGS
from phone.calls.call import Call
from phone.echo_tests.echo_test import EchoTest
from phone.echo_tests.leftovers import clear_echo_tests
from phone.recordings.deletions import SoundDeletion
from phone.recordings.recordings import Recording
from phone.voicemail.messages import VoicemailMessage
from tests.fake.who_hears import measure
from tests.integration.in_call.stage import AGENT, Agent, Stage

pytestmark = pytest.mark.usefixtures("worker")


async def ring_echo(stage: Stage, agent: Agent, name: str = "TJSecho") -> EchoTest:
    """The page's own call, which is answered; and its row."""
    await agent.device.send(
        "invite", callsid=name, sdp=await agent.peer.offer(), twilio={"params": "ConnectionTest=echo"}
    )
    while True:
        kind, payload = await agent.device.next()
        assert kind not in ("", "hangup"), payload
        if kind == "answer":
            break
    await agent.peer.accept(payload["sdp"])
    await stage.wait(lambda: EchoTest.objects.filter(ended_at=None))
    return EchoTest.objects.get(ended_at=None)


def hears_own(agent: Agent) -> bool:
    """Whether for 200 ms their own tone is what they hear."""
    pcm = b"".join(pcm for _, pcm in agent.peer.heard[-10:])
    return bool(pcm) and measure(pcm, AGENT) > 0.1


async def is_gone(stage: Stage, test: EchoTest) -> None:
    """Until nothing of it is left at Twilio, or about to be."""
    await stage.wait(lambda: SoundDeletion.objects.filter(done_at__isnull=False))
    assert stage.fake.app[RECORDINGS][test.recording_sid].status == "deleted"


async def ending(stage: Stage, person: User, call_sid: str) -> dict[str, object]:
    client = AsyncClient()
    await sync_to_async(client.force_login)(person)
    answer = await client.get(f"/phone/calls/{call_sid}/ending/")
    return dict(answer.json()) if answer.status_code == 200 else {"status": answer.status_code}


async def test_one_hears_oneself_and_nothing_is_kept(stage: Stage, alice: User, bob: User) -> None:
    agent = await stage.sit_down(alice)
    await stage.sit_down(bob)
    test = await ring_echo(stage, agent)
    # Nothing of it comes back while they speak.
    await stage.until(lambda: bool(stage.fake.app[RECORDINGS]))
    assert not hears_own(agent)
    await stage.until(lambda: hears_own(agent))
    await stage.wait(lambda: EchoTest.objects.filter(result="heard", ended_at__isnull=False))
    while (await agent.device.next())[0] != "hangup":
        pass
    test.refresh_from_db()
    await is_gone(stage, test)
    assert test.user == alice and test.seconds in (5, 6)
    assert not Call.objects.exists() and not Recording.objects.exists()
    assert not VoicemailMessage.objects.exists()
    # Nobody else was called.
    assert [one["direction"] for one in await stage.fake.control("GET", "calls")] == ["inbound"]
    told = await ending(stage, alice, test.call_sid)
    assert (told["cause"], told["is_settled"]) == ("answered", True)
    assert told["words"] == f"You were heard: {test.seconds} seconds of sound went to Twilio and came back."
    assert await ending(stage, bob, test.call_sid) == {"status": 404}
    assert not stage.fake.app[STORE].accounts[stage.account.account_sid].alerts


async def test_who_says_nothing_is_told_so(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    agent.peer.speaker.sound = None
    await ring_echo(stage, agent)
    await stage.wait(lambda: EchoTest.objects.filter(result="silent"))
    test = EchoTest.objects.get()
    await is_gone(stage, test)
    told = await ending(stage, alice, test.call_sid)
    assert told["words"] == "Nothing was heard from your microphone."
    assert "muted" in str(told["remedy"])


async def test_who_hangs_up_while_speaking_leaves_nothing_either(stage: Stage, alice: User) -> None:
    agent = await stage.sit_down(alice)
    test = await ring_echo(stage, agent)
    await stage.wait(lambda: EchoTest.objects.exclude(recording_sid=""))
    test.refresh_from_db()
    await stage.until(lambda: stage.fake.app[RECORDINGS][test.recording_sid].length > 1)
    await agent.device.send("hangup", callsid=stage.living(test.call_sid).record.sid)
    await stage.wait(lambda: EchoTest.objects.filter(result="left"))
    test.refresh_from_db()
    await is_gone(stage, test)
    assert (await ending(stage, alice, test.call_sid))["words"] == (
        "You hung up before the echo test was over."
    )


async def test_what_twilio_told_us_nothing_of_is_looked_for_and_deleted(stage: Stage, alice: User) -> None:
    """Our server answers nothing more, from the question on."""
    agent = await stage.sit_down(alice)
    test = await ring_echo(stage, agent)
    key = stage.account.webhook_key
    await TwilioAccount.objects.aupdate(webhook_key="elsewhere")
    recordings = stage.fake.app[RECORDINGS]
    await stage.until(lambda: any(one.status == "completed" for one in recordings.values()))
    await stage.until(lambda: stage.living(test.call_sid).is_over)
    await TwilioAccount.objects.aupdate(webhook_key=key)
    test.refresh_from_db()
    assert (test.recording_sid, test.is_cleared) == ("", False)
    await sync_to_async(clear_echo_tests.func)()
    # It may still be going on.
    assert not SoundDeletion.objects.exists()
    await EchoTest.objects.aupdate(begun_at=timezone.now() - timedelta(minutes=3))
    fault = await stage.lay_fault(fault="unavailable", path="/Recordings.json")
    await sync_to_async(clear_echo_tests.func)()
    test.refresh_from_db()
    assert not test.is_cleared
    await stage.remove_fault(fault)
    await EchoTest.objects.aupdate(asked_at=None)
    await sync_to_async(clear_echo_tests.func)()
    test.refresh_from_db()
    assert (test.is_cleared, test.result) == (True, "left")
    await is_gone(stage, test)
