"""One round: every call once, each way in turn. Times are monotonic seconds, figures milliseconds."""

import asyncio
import time
from collections import defaultdict

from bench.calls.handset import Handset
from bench.calls.listening import WITH_ANOTHER, Heard, find_gap, find_last, plays_instead_of, says, wait_for
from bench.calls.people import (
    AGENT,
    CALLEE_NUMBER,
    CALLER_NUMBER,
    CONFERENCE,
    OTHER,
    OURS,
    PLAIN,
    SECOND,
    SECOND_NUMBER,
    TARGET,
    TARGET_NUMBER,
)
from bench.calls.stage import CallStage, sit_down_bare
from fake_twilio.calls import LivingCall

# How far the clock of Twilio's rows is from the one that times.
OFFSET = time.time() - time.monotonic()
Figures = defaultdict[tuple[str, str], list[float]]


class Round:
    """Adds what it measures to `figures`, by what was done and which way."""

    def __init__(self, stage: CallStage, figures: Figures) -> None:
        self.stage = stage
        self.figures = figures

    def note(self, name: str, way: str, seconds: float) -> None:
        self.figures[name, way].append(seconds * 1000)

    async def run(self) -> None:
        for way in (OURS, PLAIN, CONFERENCE):
            if way != OURS:
                await sit_down_bare(self.stage, way)
            await self.call_out(way)
            await self.be_called(way)
        await sit_down_bare(self.stage, PLAIN)
        for way in (OURS, PLAIN):
            await self.add(way)
            await self.answer_second(way)

    def get_handset(self, way: str) -> Handset:
        return self.stage.handsets[OURS if way == OURS else "bare"]

    # The calls

    async def call_out(self, way: str) -> None:
        """A call out, which is put through to somebody else after that, unless it is a conference."""
        handset = self.get_handset(way)
        pressed = await handset.dial(CALLEE_NUMBER)
        talking = asyncio.create_task(handset.talk())
        callee = await self.stage.find(lambda call: call.record.to == CALLEE_NUMBER and is_outbound(call))
        ear = self.stage.listen(callee)
        await talking
        heard = await wait_for(handset.peer.heard, pressed, says(OTHER))
        await wait_for(ear.heard, pressed, says(AGENT))
        self.note("out: rings", way, get_start(callee) - pressed)
        self.note("out: heard", way, heard - get_answer(callee))
        if way != CONFERENCE:
            await self.transfer(way, callee, ear.heard)
        await self.stage.clear()

    async def be_called(self, way: str) -> None:
        """A call from outside, which is held twice after that, unless it is a conference."""
        handset = self.get_handset(way)
        begun, caller = await self.stage.ring(way, OTHER, CALLER_NUMBER)
        ear = self.stage.listen(caller)
        rang, taken, leg_sid = await handset.answer()
        heard = await wait_for(handset.peer.heard, taken, says(OTHER))
        await wait_for(ear.heard, taken, says(AGENT))
        self.note("in: rings", way, rang - begun)
        self.note("in: heard", way, heard - taken)
        if way != CONFERENCE:
            await self.hold_twice(way, caller, leg_sid, ear.heard)
        await self.stage.clear()

    async def talk(self, way: str, hertz: int) -> tuple[LivingCall, str, Heard]:
        """A call from outside that is answered: the caller's, the agent's leg, and what the caller hears."""
        begun, caller = await self.stage.ring(way, hertz, CALLER_NUMBER)
        ear = self.stage.listen(caller)
        _, _, leg_sid = await self.get_handset(way).answer()
        await wait_for(ear.heard, begun, says(AGENT))
        leg_sid = self.find_child(caller).record.sid
        if way == OURS:
            await self.stage.know(
                call_sid=leg_sid, answered_at__isnull=False, call__answered_at__isnull=False
            )
        return caller, leg_sid, ear.heard

    def find_child(self, caller: LivingCall) -> LivingCall:
        children = [one for one in self.stage.calls if one.record.parent_call_sid == caller.record.sid]
        return next(one for one in children if one.is_answered)

    # What is done in them

    async def hold_twice(self, way: str, caller: LivingCall, leg_sid: str, heard: Heard) -> None:
        stage, sid = self.stage, caller.record.sid
        child = self.find_child(caller).record.sid
        if way == OURS:
            await stage.know(call_sid=child, answered_at__isnull=False, call__answered_at__isnull=False)
        room = ""
        for number in ("first", "second"):
            asked = time.monotonic()
            if way == OURS:
                await stage.do(sid, "hold")
            else:
                room = room or await stage.bare.move(sid, child)
                await stage.bare.hold(room, sid, is_held=True)
            music = await wait_for(heard, asked, plays_instead_of(AGENT))
            # Music may begin before the hold does, while only one of them is in the room.
            await asyncio.sleep(0.3)
            last = find_last(heard, asked, time.monotonic(), says(AGENT))
            if last > music:
                music = await wait_for(heard, last, plays_instead_of(AGENT))
            self.note(f"{number} hold: not us", way, last - asked)
            self.note(f"{number} hold: music", way, music - asked)
            asked = time.monotonic()
            if way == OURS:
                await stage.do(sid, "resume")
            else:
                await stage.bare.hold(room, sid, is_held=False)
            self.note(f"{number} resume", way, await wait_for(heard, asked, says(AGENT)) - asked)

    async def transfer(self, way: str, callee: LivingCall, heard: Heard) -> None:
        """Blind, of whom we called to a number."""
        stage, child = self.stage, callee.record
        if way == OURS:
            await stage.know(call_sid=child.sid, answered_at__isnull=False, call__answered_at__isnull=False)
        asked = time.monotonic()
        if way == OURS:
            doing = asyncio.create_task(stage.do(str(child.parent_call_sid), "transfer", to=TARGET_NUMBER))
        else:
            path = f"/dial?to=%2B{TARGET_NUMBER[1:]}"
            doing = asyncio.create_task(stage.bare.redirect(child.sid, path))
        target = await stage.find(lambda call: call.record.to == TARGET_NUMBER)
        ear = stage.listen(target)
        await doing
        both = max(
            await wait_for(heard, asked, says(TARGET)),
            await wait_for(ear.heard, asked, says(OTHER)),
        )
        self.note("transfer: rings", way, get_start(target) - asked)
        self.note("transfer: heard", way, both - get_answer(target))

    async def add(self, way: str) -> None:
        """Somebody is added: the gap while the call moves, at either side."""
        stage, handset = self.stage, self.get_handset(way)
        caller, leg_sid, heard = await self.talk(way, OTHER)
        await wait_for(handset.peer.heard, 0, says(OTHER))
        asked = time.monotonic()
        if way == OURS:
            await stage.do(caller.record.sid, "add", to=TARGET_NUMBER)
        else:
            await stage.bare.move(caller.record.sid, leg_sid)
        moved = time.monotonic()
        # Whoever was added may have answered by now.
        ours, theirs = says(AGENT, least=WITH_ANOTHER), says(OTHER, least=WITH_ANOTHER)
        await wait_for(heard, moved, ours)
        await wait_for(handset.peer.heard, moved, theirs)
        now = time.monotonic()
        self.note("move: gap there", way, find_gap(heard, asked, now, ours))
        self.note("move: gap here", way, find_gap(handset.peer.heard, asked, now, theirs))
        await stage.clear()

    async def answer_second(self, way: str) -> None:
        """Hold and answer, out of a plain call."""
        stage, handset = self.stage, self.get_handset(way)
        first, leg_sid, heard = await self.talk(way, OTHER)
        _, second = await stage.ring(way, SECOND, SECOND_NUMBER)
        ear = stage.listen(second)
        await handset.next("invite")
        if way == OURS:
            await stage.know(call__call_sid=second.record.sid, user__isnull=False, status="ringing")
        asked = time.monotonic()
        if way == OURS:
            await stage.do(second.record.sid, "answer")
        else:
            room = await stage.bare.move(first.record.sid, leg_sid)
            await stage.bare.hold(room, first.record.sid, is_held=True)
            await stage.bare.join(second.record.sid, f"moved-{first.record.sid}")
        hears_us = await wait_for(ear.heard, asked, says(AGENT))
        is_heard = await wait_for(handset.peer.heard, asked, says(SECOND))
        self.note("second: both", way, max(hears_us, is_heard) - asked)
        await stage.clear()


def is_outbound(call: LivingCall) -> bool:
    return call.record.direction != "inbound"


def get_start(call: LivingCall) -> float:
    """When Twilio began to call."""
    if call.record.started_at is None:
        raise ValueError(f"{call} was never started")
    return call.record.started_at.timestamp() - OFFSET


def get_answer(call: LivingCall) -> float:
    if call.record.answered_at is None:
        raise ValueError(f"{call} was not answered")
    return call.record.answered_at.timestamp() - OFFSET
