"""The faults, a function each: what it is, how it is put right, and when the next may come.

`needs` names what a fault has to itself, because two at the same thing would be one that is worse: both
workers killed at once is no fault that a service can survive.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import redis

from soak import clock
from soak.chromium import RealPage
from soak.ledger import BROKEN, Ledger
from soak.load import Load
from soak.pages import Pages
from soak.stage import NotReady, Stage, kill
from soak.wire import Wire

Fault = Callable[["World", random.Random], Awaitable[None]]
FAULTS: dict[str, tuple[frozenset[str], Fault]] = {}

WORKERS, DATABASE, REDIS, TASKS = "workers", "database", "redis", "tasks"
NETWORK, TWILIO, MAIL, PAGES, CLOCK = "network", "twilio", "mail", "pages", "clock"

LONG_SECONDS = 300.0


@dataclass
class World:
    """All that faults may befall. `wires` are the pages' networks, `far` the one that is cut for minutes."""

    stage: Stage
    ledger: Ledger
    load: Load
    pages: Pages
    wires: list[Wire]
    far: Wire | None = None
    real: list[RealPage] = field(default_factory=list)


def fault(*needs: str) -> Callable[[Fault], Fault]:
    def keep(function: Fault) -> Fault:
        FAULTS[function.__name__] = (frozenset(needs), function)
        return function

    return keep


# A worker killed in the middle of something


async def kill_in_the_middle(
    world: World, chosen: random.Random, deed: Awaitable[Any], most_seconds: float
) -> None:
    """Begins `deed`, kills one of the workers a moment later, and waits for its successor."""
    before = set(world.stage.service.list_workers())
    doing = asyncio.ensure_future(deed)
    await asyncio.sleep(chosen.uniform(0, most_seconds))
    killed = chosen.choice(sorted(before))
    kill(killed)
    await doing
    await world.stage.wait_serving({killed})


@fault(WORKERS)
async def worker_killed_in_events(world: World, chosen: random.Random) -> None:
    await kill_in_the_middle(world, chosen, world.pages.burst(12), 0.06)


@fault(WORKERS)
async def worker_killed_in_commit(world: World, chosen: random.Random) -> None:
    """So many events at once that they are committed together, and the kill comes within that time."""
    await kill_in_the_middle(world, chosen, world.pages.burst(80), 0.03)


@fault(WORKERS)
async def worker_killed_in_token(world: World, chosen: random.Random) -> None:
    asks = [world.load.ask_token() for _ in range(4)] + [page.renew() for page in list(world.pages)[:8]]
    await kill_in_the_middle(world, chosen, asyncio.gather(*asks), 0.06)


@fault(WORKERS)
async def worker_killed_in_webhook(world: World, chosen: random.Random) -> None:
    calls = asyncio.gather(*(world.load.call_in() for _ in range(4)))
    await kill_in_the_middle(world, chosen, calls, 0.15)


@fault(TASKS, DATABASE)
async def task_worker_killed(world: World, chosen: random.Random) -> None:
    await world.load.ask_import(1200)
    running = "SELECT worker_ids FROM django_tasks_database_dbtaskresult WHERE status = 'RUNNING'"
    name = ""
    for _ in range(100):
        rows = await world.stage.query(running)
        names = [worker_ids[-1] for (worker_ids,) in rows if worker_ids[-1] in world.stage.task_workers]
        if names:
            name = chosen.choice(sorted(names))
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(chosen.uniform(0, 0.4))
    workers = world.stage.task_workers
    process = workers.get(name) or workers[chosen.choice(sorted(workers))]
    kill(process.pid)


@fault(WORKERS, DATABASE, TASKS)
async def deploy(world: World, chosen: random.Random) -> None:
    """`systemctl reload dognbone` and `systemctl restart dognbone-worker@*`, as docs/operations.md has it."""
    service = world.stage.service
    before = set(service.list_workers())
    if service.process is not None:
        service.process.send_signal(1)
    for process in world.stage.task_workers.values():
        process.terminate()
    await world.stage.until(lambda: before.isdisjoint(service.list_workers()), "new workers", 120)
    await world.stage.wait_serving(before)


@fault(CLOCK)
async def clock_jumped(world: World, chosen: random.Random) -> None:
    """Of one process, forward or back, and right again some seconds later."""
    workers = world.stage.service.list_workers()
    tasks = [process.pid for process in world.stage.task_workers.values() if process.poll() is None]
    pid = chosen.choice([*workers, *tasks])
    try:
        clock.jump(pid, chosen.choice((-3600.0, -60.0, 60.0, 600.0, 3600.0)), world.stage.clocks)
        await asyncio.sleep(chosen.uniform(3, 7))
        clock.jump(pid, 0, world.stage.clocks)
    except ProcessLookupError:
        # A worker of tasks that was killed meanwhile: its successor's clock is right.
        return


# PostgreSQL


async def put_database_right(world: World) -> None:
    server = world.stage.service.postgresql
    if server.process is not None and server.process.poll() is not None:
        server.process = None
    if server.process is None:
        await asyncio.to_thread(server.start)
    await world.stage.wait_ready()


@fault(DATABASE)
async def postgresql_stopped(world: World, chosen: random.Random) -> None:
    server = world.stage.service.postgresql
    if chosen.random() < 0.7:
        await asyncio.to_thread(server.stop)
        await asyncio.sleep(chosen.uniform(0.5, 4))
    else:
        await asyncio.to_thread(server.hang)
        await asyncio.sleep(chosen.uniform(1, 5))
        await asyncio.to_thread(server.wake)
    await put_database_right(world)


@fault(DATABASE)
async def postgresql_crashed(world: World, chosen: random.Random) -> None:
    """One of its processes is killed, by which it ends all others and recovers from its log."""
    rows = await world.stage.query(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    bursting = asyncio.create_task(world.pages.burst(60))
    await asyncio.sleep(chosen.uniform(0, 0.05))
    if rows:
        kill(chosen.choice(sorted(pid for (pid,) in rows)))
    await bursting
    await asyncio.sleep(0.5)
    await put_database_right(world)


@fault(DATABASE)
async def connections_cut(world: World, chosen: random.Random) -> None:
    bursting = asyncio.create_task(world.pages.burst(30))
    await asyncio.sleep(chosen.uniform(0, 0.05))
    await world.stage.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database()"
    )
    await bursting


@fault(DATABASE)
async def disk_full(world: World, chosen: random.Random) -> None:
    disk = world.stage.disk
    await asyncio.to_thread(disk.fill)
    try:
        for _ in range(4):
            await world.pages.burst(40)
            await asyncio.sleep(chosen.uniform(0.5, 1.5))
    finally:
        await asyncio.to_thread(disk.free)
    await put_database_right(world)


# Redis


@fault(REDIS, DATABASE, WORKERS)
async def redis_stopped(world: World, chosen: random.Random) -> None:
    """Signing in has to work: so the database and the workers are left alone meanwhile."""
    server = world.stage.service.redis
    is_stopped = chosen.random() < 0.7
    await asyncio.to_thread(server.stop if is_stopped else server.hang)
    try:
        for _ in range(2):
            name = chosen.choice(("alice", "bob", "carol"))
            answer = await world.load.build_browser(name).sign_in()
            world.ledger.note_sign_in_without_redis(name, answer.status)
            await asyncio.sleep(chosen.uniform(0.2, 1.5))
    finally:
        await asyncio.to_thread(server.start if is_stopped else server.wake)
    await world.stage.wait_ready()


@fault(REDIS)
async def redis_flushed(world: World, chosen: random.Random) -> None:
    with redis.Redis.from_url(world.stage.service.redis.url) as connection:
        await asyncio.to_thread(connection.flushall)


# The network between page and server, and the page


@fault(NETWORK)
async def network_cut(world: World, chosen: random.Random) -> None:
    """Of half of the pages: for a second mostly, sometimes for half a minute."""
    wire = chosen.choice(world.wires)
    (wire.cut if chosen.random() < 0.5 else wire.swallow)()
    await asyncio.sleep(30 if chosen.random() < 0.25 else 1)
    wire.mend()


@fault()
async def network_cut_for_long(world: World, chosen: random.Random) -> None:
    """Five minutes, beside everything else."""
    if world.far is None:
        raise NotReady("nobody is far away in so short a soak")
    (world.far.cut if chosen.random() < 0.5 else world.far.swallow)()
    await asyncio.sleep(LONG_SECONDS)
    world.far.mend()


@fault(PAGES)
async def page_reloaded(world: World, chosen: random.Random) -> None:
    if world.real and chosen.random() < 0.3:
        await chosen.choice(world.real).reload()
    else:
        await world.pages.replace(chosen.choice(list(world.pages)), says_so=True)


@fault(PAGES)
async def tab_killed(world: World, chosen: random.Random) -> None:
    if world.real and chosen.random() < 0.3:
        await chosen.choice(world.real).kill()
        return
    page = chosen.choice(list(world.pages))
    # In the middle of telling something.
    await asyncio.gather(*(page.report(chosen) for _ in range(5)))
    await world.pages.replace(page, says_so=False)


# Twilio and mail


async def spoil_twilio(world: World, lasting: float, **spoilt: Any) -> None:
    """Nobody's login counts as proven, so that all who ask for a token have Twilio asked."""
    await world.stage.query("UPDATE accounts_twiliocredentials SET proven_until = NULL")
    laid = await world.stage.twilio("POST", "faults", **spoilt)
    await asyncio.sleep(lasting)
    await world.stage.twilio("DELETE", f"faults/{laid['id']}")


@fault(TWILIO)
async def twilio_slow(world: World, chosen: random.Random) -> None:
    await spoil_twilio(world, chosen.uniform(4, 8), fault="slow", seconds=chosen.uniform(0.5, 3))


@fault(TWILIO)
async def twilio_dead(world: World, chosen: random.Random) -> None:
    await spoil_twilio(world, chosen.uniform(4, 8), fault=chosen.choice(("hang", "reset", "unavailable")))


@fault(TWILIO)
async def twilio_limits(world: World, chosen: random.Random) -> None:
    """429."""
    await spoil_twilio(world, chosen.uniform(4, 8), fault=chosen.choice(("rate limited", "retry after")))


@fault(TWILIO)
async def twilio_flaps(world: World, chosen: random.Random) -> None:
    kinds = cycle(("unavailable", "reset", "bad gateway"))
    for _ in range(5):
        await spoil_twilio(world, chosen.uniform(0.3, 0.8), fault=next(kinds))
        await asyncio.sleep(chosen.uniform(0.2, 0.6))


@fault(MAIL)
async def mail_silent(world: World, chosen: random.Random) -> None:
    world.stage.service.mail.fall_silent()
    await asyncio.gather(*(world.load.ask_letter() for _ in range(2)))
    await asyncio.sleep(chosen.uniform(8, 15))
    world.stage.service.mail.speak()


async def put_all_right(world: World) -> None:
    """Whatever a fault that was called off has left: everything is there, and well."""
    service = world.stage.service
    await asyncio.to_thread(world.stage.disk.free)
    for server in (service.postgresql, service.redis):
        server.wake()
        if server.process is not None and server.process.poll() is not None:
            server.process = None
        if server.process is None:
            await asyncio.to_thread(server.start)
    for wire in [*world.wires, *([world.far] if world.far else [])]:
        wire.mend()
    await world.stage.twilio("DELETE", "faults")
    service.mail.speak()
    for pid in service.list_workers():
        clock.jump(pid, 0, world.stage.clocks)


@dataclass
class Injecting:
    """Several faults at once, as long as no two need the same."""

    world: World
    busy: set[str] = field(default_factory=set)
    injected: int = 0

    def is_free(self, name: str) -> bool:
        return self.busy.isdisjoint(FAULTS[name][0])

    async def inject(self, name: str, chosen: random.Random) -> None:
        needs, function = FAULTS[name]
        self.busy |= needs
        try:
            await function(self.world, chosen)
            self.injected += 1
        except NotReady as error:
            self.world.ledger.find(BROKEN, f"after {name}: {error}")
        finally:
            self.busy -= needs
