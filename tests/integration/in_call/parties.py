"""What calls with more than two parties have in common: who is in them, and until when."""

from datetime import datetime
from typing import Any

from fake_twilio.calls import LivingCall
from fake_twilio.switchboard import SWITCHBOARD
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from tests.fake.who_hears import hears
from tests.integration.in_call.stage import AGENT, CALLER, VOICES, Agent, Stage

# Somebody who calls, and whom no test calls.
PERSON = "+12025550150"


def living(stage: Stage, to: str) -> LivingCall:
    """The newest leg to a number."""
    calls = stage.fake.app[SWITCHBOARD].calls.values()
    return [call for call in calls if call.record.to == to and call.record.direction != "inbound"][-1]


async def talk(stage: Stage, agent: Agent) -> tuple[LivingCall, Call]:
    """Somebody calls whom no test calls back."""
    caller = await stage.ring(**{"from": PERSON})
    await stage.answer(agent)
    await stage.until(lambda: hears(caller, AGENT, of=VOICES) and agent.hears(CALLER))
    return caller, await stage.row(call_sid=caller.record.sid, answered_at__isnull=False)


async def end(agent: Agent) -> None:
    """Until the page is told that its call is over."""
    while (await agent.device.next())[0] != "hangup":
        pass


async def settled(stage: Stage, call: Call) -> Call:
    """Until the call and all its legs are over."""
    await stage.until(lambda: not call.legs.filter(ended_at=None).exists())
    return await stage.over(call)


async def heard_again(stage: Stage, call: Call) -> None:
    """Until Twilio has told that nobody is on hold: its word of a hold may come after we know of its end."""
    told = "participant-unhold"
    await stage.until(
        lambda: any(one.params.get("StatusCallbackEvent") == told and one.status for one in stage.journal)
    )
    await stage.until(lambda: not CallLeg.objects.filter(call=call, is_held=True).exists())


async def leg_of(stage: Stage, call: Call, role: str, **fields: Any) -> CallLeg:
    """The leg of a role, once it is as `fields` say."""
    legs = CallLeg.objects.filter(call=call, role=role, **fields)
    await stage.wait(lambda: legs)
    return legs.get()


async def ail(stage: Stage, **fault: Any) -> None:
    """Twilio's REST API suffers a fault until `heal`."""
    async with stage.fake.session.post(f"{stage.fake.url}/_fake/faults", json=fault) as answer:
        answer.raise_for_status()


async def heal(stage: Stage) -> None:
    await stage.fake.control("DELETE", "faults")


def second(moment: datetime | None) -> datetime:
    """When something was, as finely as Twilio's Timestamp says it; ours are finer."""
    assert moment is not None
    return moment.replace(microsecond=0)
