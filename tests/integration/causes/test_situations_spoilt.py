"""Calls that something spoils first, that come in, or are between colleagues: each has its true cause."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.people import User
from fake_twilio import catalogue
from phone.call_failures.groups import CallFailureGroup
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.causes import keeping, unheard
from phone.causes.endings import describe_ending
from tests.call_situations import Outcome, settle
from tests.connections import connect
from tests.fake.device import Device
from tests.fake_control import FakeTwilio
from tests.integration.causes.callers import (
    REHEARSED,
    WITHIN_SECONDS,
    Play,
    Seen,
    ToCall,
    call_all,
    hear,
    judge,
    leave,
    make_call,
    of_panel,
    report_meanwhile,
)
from tests.integration.causes.conftest import Exchange, fetch_token
from tests.rehearsal_site import rehearsal_site
from tests.tasks import run_tasks

BEGUN = [one for one in REHEARSED.values() if one.is_begun and not one.in_browser]
# Our server has answered by then, and its phones have rung, on a machine that is busy too.
GIVES_UP_AFTER = 4


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (unheard, keeping):
        monkeypatch.setattr(module, "PAUSE", timedelta())


@pytest.fixture
def panel(fake_twilio: FakeTwilio) -> Iterator[None]:
    with rehearsal_site():
        yield


def test_what_is_rehearsed_first_ends_as_it_is_listed(
    panel: None,
    play: Play,
    alices_token: str,
    alice: User,
    alice_client: Client,
    fake_twilio: FakeTwilio,
) -> None:
    words: dict[str, str] = {}
    for rehearsal in BEGUN:
        wanted = of_panel(rehearsal)

        def begin(slug: str = rehearsal.slug) -> None:
            alice_client.post(f"/rehearsal/{slug}/begin/")

        async def scene(exchange: Exchange, wanted: ToCall = wanted, begin: Any = begin) -> Seen:
            return await make_call(exchange, alices_token, wanted, begin)

        seen = play(scene)
        # What Twilio says of it is asked for while it still ails.
        words |= judge(alice, [wanted], [seen])
        alice_client.post(f"/rehearsal/{rehearsal.slug}/end/")
    assert words == {one.title: one.expected for one in BEGUN}
    # Each of them is among the calls of whoever made it, once, and counted where it is somebody's to mend.
    causes = [one.ends for one in BEGUN]
    assert Counter(alice.recent_calls.values_list("cause", flat=True)) == Counter(causes)
    groups = dict(CallFailureGroup.objects.values_list("cause", "count"))
    assert groups == dict(Counter(causes))
    asked = [one["path"] for one in fake_twilio.requests()]
    asked = [path for path in asked if path.endswith(("/Calls.json", "/Notifications.json", "/v1/Alerts"))]
    assert len(asked) <= 2 * len(BEGUN)


async def until(device: Device, kind: str) -> dict[str, Any]:
    while True:
        found, payload = await hear(device)
        if found == kind:
            return payload


@dataclass
class Ended:
    """A call that is over: whom it is told, and whether their page was in it."""

    name: str
    truth: str
    call_sid: str
    person: User
    was_open: bool = False


def judge_endings(all_ended: Sequence[Ended]) -> None:
    """As each person's page reads them, within their time."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while True:
        run_tasks()
        outcomes = [read_outcome(ended) for ended in all_ended]
        if all(one.is_right for one in outcomes) or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    settle(outcomes)


def read_outcome(ended: Ended) -> Outcome:
    outcome = Outcome(ended.name, ended.truth)
    call = Call.objects.filter(call_sid=ended.call_sid).first()
    if call is not None and call.cause:
        cause = describe_ending(call, ended.person, was_open=ended.was_open).cause
        if cause is None:
            return outcome
        outcome.found, outcome.blamed = f"{cause.slug}:{cause.variant}".rstrip(":"), cause.side
    return outcome


@pytest.fixture
def bobs_token(alices_token: str, bob: User) -> str:
    connect(bob)
    return fetch_token(bob)


def test_calls_that_come_in(
    play: Play, alices_token: str, bobs_token: str, alice: User, bob: User, fake_twilio: FakeTwilio
) -> None:
    ended: list[Ended] = []

    def ring(**how: Any) -> str:
        answer = fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER, **how)
        return str(answer["call_sid"])

    async def scene(exchange: Exchange) -> None:
        alices, bobs = await exchange.register(alices_token), await exchange.register(bobs_token)

        async def both(kind: str) -> list[dict[str, Any]]:
            return [await until(device, kind) for device in (alices, bobs)]

        sid = ring(give_up_after=GIVES_UP_AFTER)
        await both("invite")
        await both("cancel")
        ended.append(Ended("a stranger gives up", "missed", sid, alice))
        ended.append(Ended("a stranger gives up, to a colleague", "missed", sid, bob))

        sid = ring(give_up_after=GIVES_UP_AFTER, withheld=True)
        await both("invite")
        await both("cancel")
        ended.append(Ended("somebody without a number gives up", "missed", sid, alice))

        sid = ring()
        for device, invited in zip((alices, bobs), await both("invite"), strict=True):
            await device.send("reject", callsid=invited["callsid"])
        ended.append(Ended("everybody declines", "missed:declined", sid, alice))

        sid = ring(give_up_after=GIVES_UP_AFTER)
        await bobs.send("reject", callsid=(await both("invite"))[1]["callsid"])
        await until(alices, "cancel")
        ended.append(Ended("one declines, the other lets it ring", "missed", sid, alice))

        sid = ring(hang_up_after=0.4)
        mine, _ = await both("invite")
        await exchange.answer(alices, mine)
        await until(bobs, "cancel")
        await until(alices, "hangup")
        ended.append(Ended("a stranger hangs up", "answered:other_hung_up", sid, alice, was_open=True))
        ended.append(Ended("a colleague has answered", "answered_elsewhere", sid, bob))
        ended.append(Ended("answered on one's other page", "answered_elsewhere:own_page", sid, alice))

        sid = ring()
        mine, _ = await both("invite")
        await exchange.answer(alices, mine)
        await until(bobs, "cancel")
        await alices.send("hangup", callsid=mine["callsid"])
        ended.append(Ended("who answered hangs up", "answered:hung_up", sid, alice, was_open=True))

        sid = ring(give_up_after=GIVES_UP_AFTER)
        mine, _ = await both("invite")
        while not CallLeg.objects.filter(call_sid=mine["callsid"]).exists():
            await asyncio.sleep(0.05)
        await report_meanwhile(alice, "call.error", f"denied (incoming {mine['callsid']})", code=31401)
        await both("cancel")
        ended.append(Ended("no microphone to answer with", "microphone_denied", sid, alice))
        ended.append(Ended("a colleague had no microphone to answer with", "missed", sid, bob))

        for person in (alice, bob):
            leave(person)
        sid = ring()
        ended.append(Ended("nobody is at a phone", "nobody_available", sid, alice))

    play(scene)
    judge_endings(ended)


def test_calls_between_colleagues(
    play: Play, alices_token: str, bobs_token: str, alice: User, bob: User
) -> None:
    ended: list[Ended] = []

    async def scene(exchange: Exchange) -> None:
        alices = await exchange.register(alices_token)

        async def begin(name: str) -> None:
            await exchange.call(alices, bob.email, name=name)

        await begin("TJSa")
        sid = await exchange.hang_up_when(alices, "answer")
        ended.append(Ended("a colleague without a phone", "nobody_available:colleague", last_call(), alice))

        bobs = await exchange.register(bobs_token)
        await begin("TJSb")
        await bobs.send("reject", callsid=(await until(bobs, "invite"))["callsid"])
        await exchange.hang_up_when(alices, "answer")
        ended.append(Ended("a colleague declines", "declined", last_call(), alice))

        await begin("TJSc")
        await until(bobs, "invite")
        sid = await exchange.hang_up_when(alices, "ringing")
        await until(bobs, "cancel")
        ended.append(Ended("a colleague is given up", "canceled", sid, alice))
        ended.append(Ended("a colleague gives up", "missed", sid, bob))

        await begin("TJSd")
        invited = await until(bobs, "invite")
        await exchange.answer(bobs, invited)
        sid = str((await until(alices, "answer"))["callsid"])
        await bobs.send("hangup", callsid=invited["callsid"])
        await until(alices, "hangup")
        ended.append(Ended("a colleague hangs up", "answered:other_hung_up", sid, alice, was_open=True))
        ended.append(Ended("who was called hangs up", "answered:hung_up", sid, bob, was_open=True))

        leave(bob)
        await begin("TJSe")
        await exchange.hang_up_when(alices, "answer")
        ended.append(Ended("a colleague is not there", "nobody_available:colleague", last_call(), alice))

    play(scene)
    judge_endings(ended)


def last_call() -> str:
    return str(Call.objects.latest("started_at").call_sid)


def test_sound_and_the_way_there_are_lost(play: Play, alices_token: str, alice: User) -> None:
    ended: list[Ended] = []

    async def scene(exchange: Exchange) -> None:
        for name, truth, code, is_socket_lost in (
            ("the socket dies in a call", "connection_lost", 31005, True),
            ("the sound finds no way", "media_blocked", 53405, False),
            ("the microphone is refused as the call is made", "microphone_denied", 31401, False),
        ):
            device = await exchange.register(alices_token)
            await exchange.call(device, catalogue.ECHO_NUMBER)
            sid = str((await until(device, "answer"))["callsid"])
            await report_meanwhile(alice, "call.error", f"x (outgoing {sid})", code=code)
            if not is_socket_lost:
                await device.send("hangup", callsid=sid)
            await device.close()
            ended.append(Ended(name, truth, sid, alice, was_open=True))

    play(scene)
    judge_endings(ended)


@pytest.mark.parametrize(
    ("name", "faults", "truth"),
    [
        ("Twilio's log is out of reach", ("unavailable", "reset"), "unclear"),
        ("Twilio's log is behind", ("json null", ""), "country_not_allowed"),
    ],
)
def test_what_twilio_does_not_say(
    play: Play,
    alices_token: str,
    alice: User,
    fake_twilio: FakeTwilio,
    name: str,
    faults: tuple[str, str],
    truth: str,
) -> None:
    notifications, alerts = faults
    fake_twilio.add_fault(notifications, path="Notifications")
    if alerts:
        fake_twilio.add_fault(alerts, host="monitor.twilio.com")
    wanted = [ToCall(name, catalogue.GEO_BLOCKED_NUMBER, truth)]
    judge(alice, wanted, call_all(play, alices_token, wanted))
