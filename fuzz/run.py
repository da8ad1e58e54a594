"""Sends inputs by the thousand and keeps what broke: each fault once, with the smallest input for it."""

import asyncio
import gc
import random
from collections import Counter
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import connection
from django.urls import Resolver404, resolve
from django.utils import timezone
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from fuzz.inputs import Input, Request
from fuzz.making import Maker
from fuzz.playing import Answer, build_wire, play
from fuzz.stage import Stage
from fuzz.watching import MOST_GROWTH_MEGABYTES, Fault, Watch, read_memory

# With a stage of its own each: what one input did to it is not met by inputs of another batch.
BATCH = 250
# How many smaller ones are tried for a fault.
TRIES = 40


@dataclass
class Finding:
    """`given` is the smallest input for it. Where it `needs_others`, it did not come again on a new stage."""

    fault: Fault
    given: Input
    needs_others: bool
    batch: int
    times: int = 1

    def __str__(self) -> str:
        alone = " (only after the inputs before it)" if self.needs_others else ""
        return f"{self.fault.what}; batch {self.batch}{alone}\n    {self.given}\n{self.fault.details}"


@dataclass
class Run:
    """`findings` by what broke; `reached` counts answers by kind of input and status; `routes` were asked."""

    seed: int
    inputs: int = 0
    findings: dict[str, Finding] = field(default_factory=dict)
    reached: Counter[tuple[str, int]] = field(default_factory=Counter)
    routes: set[str] = field(default_factory=set)
    grown: float = 0.0
    most_queries: int = 0

    def describe(self) -> str:
        statuses = Counter[int]()
        for (_, status), times in self.reached.items():
            statuses[status // 100] += times
        shown = ", ".join(f"{times} × {status}xx" for status, times in sorted(statuses.items()))
        return (
            f"{self.inputs} inputs, seed {self.seed}, {connection.vendor}: {len(self.findings)} faults;"
            f" {shown}; {len(self.routes)} addresses;"
            f" {self.most_queries} queries at most, {self.grown:+.0f} MB"
        )


class Fuzz:
    def __init__(self, seed: int) -> None:
        self.run = Run(seed)
        self.stage = Stage()
        self.watch = Watch()

    def go(self, inputs: int) -> Run:
        """Sends at least so many inputs, watched."""
        with asyncio.Runner() as self.loop, self.watch.watching():
            batch = self.do_batches(0, -(-inputs // 4))
            settled = read_memory()
            batch = self.do_batches(batch, inputs)
            self.run.grown = read_memory() - settled
            if self.run.grown > MOST_GROWTH_MEGABYTES:
                fault = Fault("memory that grows", f"{self.run.grown:.0f} MB more at the end")
                self.note([fault], Request("all", "all", "all", ""), batch)
        return self.run

    def do_batches(self, batch: int, until: int) -> int:
        """From the batch of that number on, until so many inputs were sent; the number of the next."""
        while self.run.inputs < until:
            self.do_batch(batch, min(until, self.run.inputs + BATCH))
            batch += 1
        return batch

    def do_batch(self, batch: int, until: int) -> None:
        self.stage.set()
        maker = Maker(self.stage, random.Random(f"{self.run.seed}/{batch}"))
        while self.run.inputs < until:
            given = maker.make()
            answer = self.try_once(given, batch)
            if given.kind == "page" and isinstance(given, Request) and answer.status == 200:
                for sent in maker.make_from_page(given, answer.text):
                    self.try_once(sent, batch)
        # As at the end of a request: what this tool itself has read to empty the tables is not kept, either.
        connection.close()
        gc.collect()

    def try_once(self, given: Input, batch: int) -> Answer:
        answer, faults = self.send(given)
        self.run.inputs += given.count
        self.run.reached[given.kind, answer.status] += 1
        self.run.routes.add(find_route(given))
        self.run.most_queries = max(self.run.most_queries, self.watch.queries)
        self.note(faults, given, batch)
        self.stage.mend()
        return answer

    def send(self, given: Input) -> tuple[Answer, list[Fault]]:
        """One input, and whatever a worker has to do because of it."""
        cache.clear()
        scope = build_wire(self.stage, given)
        self.watch.begin()
        try:
            answer, faults = play(scope, given, self.loop)
        except Exception as error:
            answer, faults = Answer(), []
            self.watch.note(error)
        self.work()
        return answer, [*self.watch.end(), *faults]

    def work(self) -> None:
        """Does what is due, as the worker does, which logs whatever fails."""
        due = DBTaskResult.objects.ready().filter(run_after__lte=timezone.now())
        if not due.exists():
            return
        worker = db_worker.Worker(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id="fuzz",
            excluded_queue_names=[],
        )
        worker.run()

    def note(self, faults: list[Fault], given: Input, batch: int) -> None:
        for fault in {fault.what: fault for fault in faults}.values():
            what = f"{fault.what} at {name_place(given)}" if fault.what.startswith("status") else fault.what
            # The exception behind a status says more.
            if fault.what.startswith("status") and len(faults) > 1:
                continue
            if what in self.run.findings:
                self.run.findings[what].times += 1
                continue
            smallest, comes_again = self.make_smaller(fault, given)
            self.run.findings[what] = finding = Finding(fault, smallest, not comes_again, batch)
            print(f"\n{finding}", flush=True)

    def make_smaller(self, fault: Fault, given: Input) -> tuple[Input, bool]:
        """The smallest input that shows the fault on a new stage; as it was, where it does not come again."""
        self.stage.set()
        if not self.shows(fault, given):
            return given, False
        left = TRIES
        is_smaller = True
        while is_smaller and left > 0:
            is_smaller = False
            for smaller in given.shrunk():
                left -= 1
                if left <= 0:
                    break
                self.stage.mend()
                if self.shows(fault, smaller):
                    given, is_smaller = smaller, True
                    break
        return given, True

    def shows(self, fault: Fault, given: Input) -> bool:
        return fault.what in {one.what for one in self.send(given)[1]}


def find_route(given: Input) -> str:
    """The pattern of the address that an input is for, or that there is none."""
    try:
        return resolve(given.path).route if isinstance(given, Request) else given.path
    except Resolver404:
        return "no address"


def name_place(given: Input) -> str:
    """The name of the address that an input is for."""
    if not isinstance(given, Request):
        return given.path
    try:
        return str(resolve(given.path).url_name)
    except Resolver404:
        return "no address"
