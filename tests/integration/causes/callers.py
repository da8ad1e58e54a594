"""Whoever makes calls at the fake's gateway, and what is then found of their causes."""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.people import User
from demo.call_rehearsals import CALLS
from demo.rehearsal import CallRehearsal
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.causes.describing import describe_cause
from phone.causes.naming import find_attempts
from phone.device.events import DeviceEvent
from phone.device.presence import record_state
from phone.device.recording import record_device_event
from tests.call_situations import Outcome, settle
from tests.fake.device import Device
from tests.integration.causes.conftest import Exchange, Scene
from tests.open_pages import record_connected
from tests.tasks import run_tasks

Play = Callable[[Scene], Any]
CLIENT = ClientInfo(ip_address="127.0.0.1", user_agent="pytest")
# A cause is on the page within ten seconds of the end.
WITHIN_SECONDS = 10.0
# What a call may take that our server answers late.
LONGEST_SECONDS = 40.0
AT_ONCE = 5
REHEARSED = {one.slug: one for group in CALLS for one in group.rehearsals if isinstance(one, CallRehearsal)}
# The other hand at the phone: what is waited for before it hangs up, and for how long after.
ACTS = {"call-answered": ("hangup", 0.0), "call-hung-up": ("answer", 0.3), "call-canceled": ("ringing", 0.3)}


@dataclass(frozen=True)
class ToCall:
    """`kind` and `seconds`: at which frame who called hangs up, and how much later."""

    name: str
    dials: str
    truth: str
    kind: str = "answer"
    seconds: float = 0.0
    call_from: str = catalogue.DEMO_NUMBER


@dataclass
class Seen:
    """What the page of whoever called has of the call: its SID, and the gateway's last word.

    `attempt` is the page's own id of it, and all that it has of one that Twilio has not named.
    """

    dials: str = ""
    call_sid: str = ""
    code: int = 0
    seconds: float = 0.0
    attempt: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def name(self) -> str:
        return self.call_sid or str(self.attempt)


def of_panel(rehearsal: CallRehearsal) -> ToCall:
    kind, seconds = ACTS.get(rehearsal.slug, ("answer", 0.0))
    truth = f"{rehearsal.ends}:{rehearsal.variant}".rstrip(":")
    is_other = rehearsal.slug == "call-caller-id"
    call_from = catalogue.DEMO_VERIFIED_NUMBER if is_other else catalogue.DEMO_NUMBER
    return ToCall(rehearsal.title, rehearsal.dials, truth, kind, seconds, call_from)


async def make_call(
    exchange: Exchange, token: str, wanted: ToCall, before: Callable[[], None] | None = None
) -> Seen:
    """`before` is what happens once the phone is ready, before it dials."""
    device = await exchange.register(token)
    if before is not None:
        before()
    await exchange.call(device, wanted.dials, call_from=wanted.call_from)
    seen, began = Seen(wanted.dials), time.monotonic()
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            kind, payload = await hear(device)
            sid = str(payload.get("callsid", ""))
            seen.call_sid = sid if sid.startswith("CA") else seen.call_sid
            if kind == "hangup":
                seen.code = payload.get("error", {}).get("code", 0)
                break
            if kind == wanted.kind:
                await asyncio.sleep(wanted.seconds)
                await device.send("hangup", callsid=sid)
                break
    await device.close()
    seen.seconds = time.monotonic() - began
    return seen


async def hear(device: Device) -> tuple[str, dict[str, Any]]:
    """The next frame, however long it takes."""
    while True:
        try:
            return await device.next()
        except TimeoutError:
            continue


def call_all(play: Play, token: str, wanted: Sequence[ToCall]) -> list[Seen]:
    """Some at a time, each by a Device of its own."""

    async def scene(exchange: Exchange) -> list[Seen]:
        lines = asyncio.Semaphore(AT_ONCE)

        async def one(to_call: ToCall) -> Seen:
            async with lines:
                return await make_call(exchange, token, to_call)

        return await asyncio.gather(*(one(to_call) for to_call in wanted))

    return list(play(scene))


def report(
    user: User, sdk_event: str, message: str, page: uuid.UUID | None = None, **fields: Any
) -> DeviceEvent:
    event = {
        "id": str(uuid.uuid4()),
        "seq": 1,
        "state": "error" if sdk_event == "call.error" else "disconnect",
        "sdk_event": sdk_event,
        "message": message,
        "at": timezone.now().isoformat(),
        **fields,
    }
    return record_device_event(user=user, page_session=page or uuid.uuid4(), report=event, client=CLIENT)


async def report_meanwhile(user: User, sdk_event: str, message: str, **fields: Any) -> None:
    """From a scene, in which the call goes on."""

    def do() -> None:
        try:
            report(user, sdk_event, message, **fields)
        finally:
            connection.close()

    await asyncio.to_thread(do)


def leave(person: User) -> None:
    """The page of somebody who was at their phone says goodbye."""
    page = uuid.uuid4()
    record_connected(user=person, page_session=page, socket=uuid.uuid4())
    record_state(user=person, page_session=page, state="offline")


def tell_what_the_page_heard(caller: User, seen: Seen) -> None:
    """As the page does at the end of each call."""
    page = uuid.uuid4()
    more = "" if seen.call_sid else f" ({seen.seconds:.0f} s) to {seen.dials}"
    if seen.code:
        codes = {"code": 31005, "original_code": seen.code}
        report(caller, "call.error", f"x (outgoing {seen.name})", page, **codes)
    report(caller, "disconnect", f"outgoing {seen.name}{more}", page)


def find(caller: User, outcome: Outcome, seen: Seen, words: dict[str, str]) -> None:
    """What is known of it by now: the page and Recents have it from the same row."""
    calls = (
        Call.objects.filter(call_sid=seen.call_sid) if seen.call_sid else find_attempts(caller, seen.attempt)
    )
    call = calls.first()
    if call is not None:
        outcome.found = f"{call.cause}:{call.cause_facts.get('told', {}).get('variant', '')}".rstrip(":")
    cause = describe_cause(call) if call is not None and call.cause else None
    outcome.blamed = cause.side if cause else ""
    words[outcome.name] = cause.words if cause else ""


def judge(
    caller: User, wanted: Sequence[ToCall], all_seen: Sequence[Seen], suffix: str = ""
) -> dict[str, str]:
    """Each cause within its time; in words, by the situation's name."""
    for seen in all_seen:
        tell_what_the_page_heard(caller, seen)
    outcomes = [Outcome(one.name + suffix, one.truth) for one in wanted]
    words: dict[str, str] = {}
    deadline = time.monotonic() + WITHIN_SECONDS
    while True:
        run_tasks()
        for outcome, seen in zip(outcomes, all_seen, strict=True):
            find(caller, outcome, seen, words)
        if all(one.is_right for one in outcomes) or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    settle(outcomes)
    return words
