"""One soak, from the stage's being set to the last count."""

import asyncio
import logging
import random
import shutil
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, TCPConnector

from soak import clock
from soak.backup import check_restore
from soak.calls import Calls
from soak.chromium import open_page, run_chromium
from soak.faults import Injecting, World, put_all_right
from soak.ledger import BROKEN, Ledger
from soak.load import Load
from soak.pages import Pages
from soak.plan import LONG_CUT, Planned, make_plan
from soak.stage import NotReady, Stage, set_stage
from soak.strain import measuring
from soak.wire import Wire
from tests.machine import find_chromium
from tests.service.service import ROOT

# All of it takes no longer; so much of it is for what is settled in the end, and for the restore.
LONGEST_SECONDS = 900.0
RESERVED_SECONDS = 180.0
# What is begun by then has the time to end.
ENDING_SECONDS = 60.0
# What is asked of the server then is waited for; each request has its own limit.
CALLED_OFF_SECONDS = 400.0
RECOVERY_SECONDS = 60.0
# The clock of the worker that settles what is left: past the leases of what killed workers were at (ten
# minutes), and past what a worker whose clock was an hour ahead has put off.
SETTLING_AHEAD_SECONDS = 7500.0
SETTLING_SECONDS = 90.0


@dataclass(frozen=True)
class Size:
    """How many people have pages and how many each; who is written to; how many events a second.

    `is_whole`: with Chromium, a call to a colleague, and a restore in the end.
    """

    owners: int
    pages_each: int
    readers: int
    events_a_second: float
    pace_seconds: float
    is_whole: bool


WHOLE = Size(10, 3, 40, 8.0, 2.4, True)
SHORT = Size(2, 3, 4, 10.0, 1.0, False)
SHORT_BELOW = 50


@dataclass
class Soak:
    seed: int
    plan: Sequence[Planned]
    size: Size
    ledger: Ledger = field(default_factory=Ledger)
    injected: int = 0
    begun: float = field(default_factory=time.monotonic)

    async def go(self, stage: Stage) -> None:
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(ClientSession(connector=TCPConnector(limit=0)))
            load = Load(stage, self.ledger, session, random.Random(f"{self.seed}/load"))
            await load.sign_everybody_in()
            pages = Pages(self.ledger, random.Random(f"{self.seed}/pages"), self.size.events_a_second)
            world = World(stage, self.ledger, load, pages, [Wire(stage.front_port) for _ in range(2)])
            if any(planned.name == LONG_CUT for planned in self.plan):
                world.far = Wire(stage.front_port)
            await self.open_pages(world, stack)
            calls = Calls(stage, self.ledger, session, load.people)
            stack.push_async_callback(calls.close)
            await pages.settle(RECOVERY_SECONDS * self.ledger.get_strain())
            await calls.begin(between_colleagues=self.size.is_whole)
            self.say(f"{len(pages.pages)} pages, {len(world.real)} tabs, {len(calls.going_on)} legs in talk")
            await self.inject_all(world, calls)
            await self.settle(world, calls)

    async def open_pages(self, world: World, stack: AsyncExitStack) -> None:
        wires = [*world.wires, *([world.far] if world.far else [])]
        for wire in wires:
            await wire.open()
            stack.push_async_callback(wire.close)
        stack.push_async_callback(world.pages.close)
        people = world.load.people
        # Whoever is called has a page; the others have several.
        for name in ("alice", "bob", "carol"):
            world.pages.open(people[name].over(world.wires[0].own_port))
        for number, name in enumerate(world.stage.page_owners):
            for one in range(self.size.pages_each):
                wire = wires[(number + one) % len(wires)]
                world.pages.open(people[name].over(wire.own_port))
        path = find_chromium() if self.size.is_whole else None
        if path:
            chromium = await stack.enter_async_context(run_chromium(path))
            for number, wire in enumerate(wires):
                browser = people[world.stage.page_owners[-1 - number]]
                world.real.append(await open_page(chromium, self.ledger, browser, wire.own_port))

    async def inject_all(self, world: World, calls: Calls) -> None:
        """All faults of the plan, with the load beside them."""
        injecting = Injecting(world)
        beside = [
            asyncio.create_task(work)
            for work in (
                world.load.go_on(),
                world.pages.report_on(),
                calls.watch(),
                world.stage.keep_task_workers(),
                self.tell(world),
            )
        ]
        under_way: set[asyncio.Task[None]] = set()
        until = self.begun + LONGEST_SECONDS - RESERVED_SECONDS
        pace = random.Random(f"{self.seed}/pace")
        left = list(self.plan)
        while left and time.monotonic() < until:
            # The next that can be: a worker that is being started again holds up no other kind of fault.
            planned = next((one for one in left if injecting.is_free(one.name)), None)
            if planned is None:
                await asyncio.sleep(0.05)
                continue
            left.remove(planned)
            self.say(f"{len(self.plan) - len(left):>3} {planned.name}")
            task = asyncio.create_task(injecting.inject(planned.name, planned.random()))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            await asyncio.sleep(pace.uniform(0.5, 1.5) * self.size.pace_seconds)
            raise_what_broke([*under_way, *beside])
        if under_way:
            await asyncio.wait(under_way, timeout=ENDING_SECONDS)
        self.injected = injecting.injected
        await call_off([*under_way, *beside])

    async def settle(self, world: World, calls: Calls) -> None:
        """Everything is well again: now it is counted what of it was not lost."""
        self.say("settling")
        await put_all_right(world)
        try:
            await world.stage.wait_ready()
        except NotReady as error:
            self.ledger.find(BROKEN, f"in the end: {error}")
        seconds = RECOVERY_SECONDS * self.ledger.get_strain()
        await asyncio.gather(world.pages.settle(seconds), *(page.settle(seconds) for page in world.real))
        await calls.check()
        await calls.close()
        await world.pages.close()
        await self.settle_tasks(world.stage)
        rows = await world.stage.query("SELECT event_id::text FROM phone_deviceevent")
        self.ledger.check_events(event_id for (event_id,) in rows)
        rows = await world.stage.query(
            "SELECT split_part(name, ' ', 1), count(*) FROM phone_contact WHERE deleted_at IS NULL GROUP BY 1"
        )
        self.ledger.check_imports({str(mark): int(count) for mark, count in rows})
        self.ledger.check_letters(world.stage.service.mail.mails)
        world.stage.stop_task_workers()

    async def settle_tasks(self, stage: Stage) -> None:
        """By a worker whose clock is two hours ahead: what another was killed at is due by then."""
        asked_until = datetime.now(UTC)
        stage.start_task_worker(**{clock.AHEAD_VARIABLE: str(SETTLING_AHEAD_SECONDS)})
        unended: list[tuple[Any, ...]] = []
        deadline = time.monotonic() + SETTLING_SECONDS
        while time.monotonic() < deadline:
            unended = await stage.query(
                "SELECT task_path, status FROM django_tasks_database_dbtaskresult "
                "WHERE status IN ('READY', 'RUNNING') AND enqueued_at < %s",
                asked_until,
            )
            if not unended:
                break
            await asyncio.sleep(0.5)
        self.ledger.check_unended(f"{task} ({status})" for task, status in unended)

    async def tell(self, world: World) -> None:
        """How it goes, every half a minute."""
        while True:
            await asyncio.sleep(30)
            waiting = sum(len(page.queue) for page in world.pages)
            done = len(self.ledger.acknowledged)
            self.say(
                f"    {done} events acknowledged, {waiting} waiting; {self.ledger.told['answers']} answers"
            )

    def say(self, words: str) -> None:
        print(f"{datetime.now():%H:%M:%S} {words}", flush=True)


async def call_off(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    """Ends them. Raises RuntimeError where one goes on all the same: the soak would never end."""
    for task in tasks:
        task.cancel()
    ended, going_on = await asyncio.wait(tasks, timeout=CALLED_OFF_SECONDS)
    # What broke one of them as it was called off is nobody's news any more.
    await asyncio.gather(*ended, return_exceptions=True)
    if going_on:
        raise RuntimeError(f"These do not end: {[str(task.get_coro()) for task in going_on]}")


def raise_what_broke(tasks: Sequence["asyncio.Task[Any]"]) -> None:
    """An exception in the soak itself ends it."""
    for task in tasks:
        if task.done() and not task.cancelled():
            task.result()


def soak(seed: int, count: int) -> int:
    """Injects `count` faults; 1 where anything was lost, or where not all of them could be."""
    # It tells of every packet that a call's sound might take.
    logging.getLogger("aioice").setLevel(logging.WARNING)
    plan = make_plan(seed, count)
    run = Soak(seed, plan, SHORT if count < SHORT_BELOW else WHOLE)
    with measuring() as strain, set_stage(pages=run.size.owners, readers=run.size.readers) as stage:
        run.ledger.get_strain = lambda: strain.now
        run.say(f"the stage is set; a full disk is {stage.disk.words}")
        try:
            asyncio.run(run.go(stage))
            if run.size.is_whole:
                check_restore(stage, run.ledger)
        finally:
            kept = keep_log(stage, seed)
    if run.injected < count:
        run.ledger.find(BROKEN, f"only {run.injected} of {count} faults could be injected in time")
    print(run.ledger.describe())
    lasted = time.monotonic() - run.begun
    print(f"{lasted:.0f} s, anything {strain.middle:.1f} times as long; the service's log: {kept}")
    print(run.ledger.summarise(run.injected, seed), flush=True)
    return int(not run.ledger.is_whole)


def keep_log(stage: Stage, seed: int) -> Path:
    kept = ROOT / "var" / f"soak-{seed}.log"
    kept.parent.mkdir(exist_ok=True)
    shutil.copyfile(stage.service.log, kept)
    return kept
