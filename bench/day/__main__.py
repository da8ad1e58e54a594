"""`python -m bench.day`: the same day with more and more seats, and what each of them cost."""

import argparse
import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.day.cost import NOTHING, Cost, Meter
from bench.day.office import Office
from bench.day.plan import PLAYED, REAL, WORK_SECONDS
from bench.sockets.stage import Served, make_tables, serve
from bench.stage import set_environment
from bench.timing import tell
from demo.processes import Children
from tests.servers import START_SECONDS, Server, get_free_port, postgresql_server, run_redis

# So many use one Twilio account.
COMPANY = 20
SCALES = (150, 300, 600)
WARM_UP = 40
# Of the smallest scale's: what is more has grown.
GOAL = 1.15
OUTAGE_SECONDS = 5.0
DEPLOY_SECONDS = 90.0
IDLE_SECONDS = 5.0


@dataclass(frozen=True)
class Day:
    """What each part of it cost a seat, and what a seat kept of the workers' memory, in KiB."""

    seats: int
    parts: Mapping[str, Cost]
    memory: float

    @property
    def cost(self) -> Cost:
        return sum_up(self.parts.values())

    @property
    def real(self) -> Cost:
        """Of a whole day: reckoned from what each part of this one cost."""
        times = {
            "heartbeats": REAL.heartbeats / PLAYED.heartbeats,
            "tokens": REAL.renewals / PLAYED.renewals,
            "calls": REAL.calls / PLAYED.calls,
        }
        return sum_up(cost.divided(1 / times.get(part, 1)) for part, cost in self.parts.items())


def sum_up(costs: Iterable[Cost]) -> Cost:
    total = NOTHING
    for cost in costs:
        total = total.combine(cost, 1)
    return total


@dataclass
class Bill:
    """What parts of a day take beyond what the servers take of a second in which nobody does anything."""

    meter: Meter
    idle: Cost
    parts: dict[str, Cost] = field(default_factory=dict)

    async def charge(self, part: str, doing: Awaitable[None], less: Cost = NOTHING) -> None:
        before, begun = self.meter.read(), time.perf_counter()
        await doing
        self.parts[part] = (self.meter.read() - before - less).combine(self.idle, begun - time.perf_counter())


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
        play(served, meter, WARM_UP, NOTHING)
        # New processes cost the same, however many seats there are.
        renewal = measure_renewal(served, meter)
        days = [play(served, meter, seats, renewal) for seats in scales]
    for day in days:
        show(day)
    tell_parts(days[-1])
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
    with connect(server) as connection:
        connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    server.stop()
    server.start()
    with connect(server) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")


def connect(server: Server) -> psycopg.Connection[Any]:
    """It listens before it lets anybody in."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return psycopg.connect(server.url, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
        time.sleep(0.1)


def play(served: Served, meter: Meter, seats: int, renewal: Cost) -> Day:
    """A day of so many people who have never been there before."""
    from django.conf import settings

    from bench.companies import make_callers

    office = Office(served.port, settings.PUBLIC_URL, make_callers(seats, company=COMPANY))
    bill = Bill(meter, measure_idle(meter))
    memory = asyncio.run(live(served, office, bill, renewal))
    check(office)
    return Day(seats, {part: cost.divided(seats) for part, cost in bill.parts.items()}, memory / 1024 / seats)


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


async def live(served: Served, office: Office, bill: Bill, renewal: Cost) -> int:
    """The day; what it takes of the workers' memory that all are there."""
    before = served.measure_memory()
    await bill.charge("coming", office.come())
    await office.settle()
    memory = served.measure_memory() - before
    await bill.charge("heartbeats", office.beat(PLAYED.heartbeats, WORK_SECONDS))
    await bill.charge("tokens", office.renew(PLAYED.renewals, WORK_SECONDS))
    await bill.charge("calls", office.call(PLAYED.calls, WORK_SECONDS))
    await bill.charge("a deploy", deploy(served, office), less=renewal)
    await bill.charge("an outage", lose_twilio(office))
    await bill.charge("going", office.go())
    return memory


async def lose_twilio(office: Office) -> None:
    await asyncio.to_thread(doubt_everybody)
    await office.lose_twilio(OUTAGE_SECONDS)
    await asyncio.to_thread(prove_everybody)
    await office.find_twilio()


async def deploy(served: Served, office: Office) -> None:
    old = set(served.list_workers())
    os.kill(served.process.process.pid, signal.SIGHUP)
    is_over = False

    async def watch() -> None:
        nonlocal is_over
        until = time.monotonic() + DEPLOY_SECONDS
        while old & set(served.list_workers()):
            if time.monotonic() > until:
                raise RuntimeError("the old processes have stayed: a new one was not ready in time")
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
    tell(f"each of {day.seats:,} seats", f"{day.cost}", f"{day.memory:.0f} KiB")


def tell_parts(day: Day) -> None:
    for part, cost in day.parts.items():
        times = {"heartbeats": PLAYED.heartbeats, "tokens": PLAYED.renewals, "calls": PLAYED.calls}.get(
            part, 1
        )
        tell(f"  {part}, each time", f"{cost.divided(times)}")
    tell("  a real day of nine hours, reckoned", f"{day.real}")


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
