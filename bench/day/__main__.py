"""`python -m bench.day`: the same day with more and more seats, and what each of them cost."""

import argparse
import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

from bench.day.cost import Cost, Meter
from bench.day.office import Office
from bench.day.plan import PLAYED, REAL, WORK_SECONDS
from bench.sockets.stage import Served, make_tables, serve
from bench.stage import set_environment
from bench.timing import tell
from demo.processes import Children
from tests.servers import Server, get_free_port, postgresql_server, run_redis

SCALES = (150, 300, 600)
WARM_UP = 40
# Of the smallest scale's: what is more has grown.
GOAL = 1.15
OUTAGE_SECONDS = 5.0
IDLE_SECONDS = 5.0


@dataclass(frozen=True)
class Day:
    """What a seat cost, and kept of the workers' memory in KiB."""

    seats: int
    cost: Cost
    memory: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.day", description=__doc__)
    parser.add_argument("--seats", type=int, nargs="+", default=SCALES)
    scales = parser.parse_args().seats
    print(
        f"A day of {' and of '.join(f'{seats:,}' for seats in scales)} seats: a seat comes, has"
        f" {PLAYED.heartbeats} heartbeats (a real day: {REAL.heartbeats:,}), {PLAYED.calls} call"
        f" ({REAL.calls}), {PLAYED.renewals} new token ({REAL.renewals}), one deploy, one outage of Twilio's,"
        " and goes"
    )
    with set_stage() as (served, meter):
        play(served, meter, WARM_UP, Cost(0, 0, 0, 0))
        # New processes cost the same, however many seats there are.
        renewal = measure_renewal(served, meter)
        days = [play(served, meter, seats, renewal) for seats in scales]
    for day in days:
        show(day)
    compare(days)


@contextmanager
def set_stage() -> Iterator[tuple[Served, Meter]]:
    """The product as in production, on a PostgreSQL that counts its statements."""
    children = Children()
    with (
        tempfile.TemporaryDirectory(prefix="dognbone-bench-") as folder,
        postgresql_server() as postgresql,
        run_redis() as redis_url,
    ):
        count_statements(postgresql)
        # Nobody listens there: that is the outage. Before it, nobody has to be asked.
        nowhere = f"127.0.0.1:{get_free_port()}"
        given = {"DATABASE_URL": postgresql.url, "REDIS_URL": redis_url, "WEB_CONCURRENCY": "2"}
        set_environment(
            Path(folder), get_free_port(), twilio=nowhere, gateway=nowhere, LOG_LEVEL="ERROR", **given
        )
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.sockets.settings"
        make_tables()
        try:
            served = serve(children)
            yield served, Meter(served.process.process.pid, postgresql, redis_url)
        finally:
            children.stop()


def count_statements(server: Server) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    server.stop()
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")


def play(served: Served, meter: Meter, seats: int, renewal: Cost) -> Day:
    from django.conf import settings

    from bench.day.people import make_callers

    office = Office(served.port, settings.PUBLIC_URL, make_callers(seats))
    idle = measure_idle(meter)
    memory, before, begun = served.measure_memory(), meter.read(), time.perf_counter()
    kept = asyncio.run(live(served, office)) - memory
    seconds = time.perf_counter() - begun
    own = (meter.read() - before - renewal).combine(idle, -seconds)
    check(office)
    return Day(seats, own.divided(seats), kept / 1024 / seats)


def measure_renewal(served: Served, meter: Meter) -> Cost:
    """Of a deploy that nobody notices."""
    idle, begun, before = measure_idle(meter), time.perf_counter(), meter.read()
    asyncio.run(deploy(served, Office(served.port, "", ())))
    return (meter.read() - before).combine(idle, begun - time.perf_counter())


def measure_idle(meter: Meter) -> Cost:
    """Of a second in which nobody does anything: it belongs to no seat."""
    time.sleep(2)
    before = meter.read()
    time.sleep(IDLE_SECONDS)
    return (meter.read() - before).divided(IDLE_SECONDS)


async def live(served: Served, office: Office) -> int:
    """The day; the workers' memory while all are there."""
    await office.come()
    await office.settle()
    memory = served.measure_memory()
    await office.work(PLAYED, WORK_SECONDS)
    await deploy(served, office)
    await asyncio.to_thread(doubt_everybody)
    await office.lose_twilio(OUTAGE_SECONDS)
    await asyncio.to_thread(prove_everybody)
    await office.find_twilio()
    await office.go()
    return memory


async def deploy(served: Served, office: Office) -> None:
    old = set(served.list_workers())
    os.kill(served.process.process.pid, signal.SIGHUP)
    is_over = False

    async def watch() -> None:
        nonlocal is_over
        while old & set(served.list_workers()):
            await asyncio.sleep(0.2)
        is_over = True

    await asyncio.gather(watch(), office.come_back(lambda: is_over))


def doubt_everybody() -> None:
    """A proof lasts for minutes; the outage is longer than that."""
    from django.db import connection

    from accounts.twilio.credentials import TwilioCredentials

    TwilioCredentials.objects.update(proven_until=None)
    connection.close()


def prove_everybody() -> None:
    from django.db import connection
    from django.utils import timezone

    from accounts.twilio.credentials import TwilioCredentials

    TwilioCredentials.objects.update(proven_until=timezone.now() + timedelta(hours=2))
    connection.close()


def check(office: Office) -> None:
    """Raises RuntimeError where not all of it is stored: the day would be too cheap."""
    from phone.calls.call import Call
    from phone.device.events import DeviceEvent
    from phone.tokens.issued_tokens import IssuedToken

    pages = [seat.page_session for seat in office.seats]
    people = [seat.caller.identity for seat in office.seats]
    stored = {
        "events": DeviceEvent.objects.filter(page_session__in=pages).count(),
        "tokens": IssuedToken.objects.filter(page_session__in=pages).count(),
        "calls": Call.objects.filter(user__in=find_users(people), ended_at__isnull=False).count(),
    }
    for what, count in stored.items():
        if count != office.done[what]:
            raise RuntimeError(f"{count} {what} are stored of {office.done[what]}")


def find_users(identities: list[str]) -> list[int]:
    from accounts.people import User

    users = {user.identity: user.pk for user in User.objects.all()}
    return [users[identity] for identity in identities]


def show(day: Day) -> None:
    cost = day.cost
    tell(
        f"each of {day.seats:,} seats",
        f"workers {cost.workers:.0f} ms, PostgreSQL {cost.postgresql:.0f} ms",
        f"{cost.statements:.0f} statements, {cost.redis:.0f} Redis commands, {day.memory:.0f} KiB",
    )


def compare(days: list[Day]) -> None:
    first, last = days[0], days[-1]
    ratios = {
        "workers": last.cost.workers / first.cost.workers,
        "PostgreSQL": last.cost.postgresql / first.cost.postgresql,
        "statements": last.cost.statements / first.cost.statements,
        "Redis": last.cost.redis / first.cost.redis,
        "memory": last.memory / first.memory,
    }
    told = ", ".join(f"{name} {value:.2f} ×" for name, value in ratios.items())
    tell(f"a seat of {last.seats:,} beside one of {first.seats:,}", told, f"goal: {GOAL} × at most")


if __name__ == "__main__":
    main()
