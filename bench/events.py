"""Events and heartbeats of a thousand open pages, beside a loop that inserts the same rows many at a time.

`python -m bench.events`. The server and the load are those of `bench/sockets/`; server, database, Redis and
load share the machine. The peer has it for itself while it runs: one connection, one statement of many rows
and one commit after the other, into the same table with its indexes and triggers: with its parameters in the
statement, as Django sends it, and with them apart, which costs its client less.
"""

import argparse
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.utils import timezone

from bench.sockets.load import Took, make_event_id
from bench.sockets.people import make_seats
from bench.sockets.stage import serve, set_stage
from bench.timing import ratio, tell

SOCKETS = 1000
ROWS_AT_ONCE = 500
RATE_GOAL, P99_GOAL = 0.5, 50.0
HEARTBEATS = 5000
EVENTS_BESIDE = 500


def run() -> None:
    """In a process of its own, because it has a stage of its own."""
    print(flush=True)
    # Without a line for each socket.
    environment = {"LOG_LEVEL": "WARNING", **os.environ}
    subprocess.run([sys.executable, "-m", "bench.events"], env=environment, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.events", description=__doc__)
    parser.add_argument("--sockets", type=int, default=SOCKETS)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    with set_stage() as children:
        seats = make_seats(given.sockets)
        with serve(children).loaded() as load:
            load.ask("connect", seats, together=50)
            time.sleep(3)
            print(f"Events of {len(seats)} pages, acknowledged once they are committed", flush=True)
            as_django = measure_inserting(insert_as_django_does, given.seconds / 2)
            inserted = measure_inserting(insert, given.seconds / 2)
            tell("rows of an INSERT loop", f"{as_django:,.0f} a second", f"{ROWS_AT_ONCE} with a statement")
            tell("  with its parameters apart", f"{inserted:,.0f} a second")
            full: Took = load.ask("report", seconds=given.seconds)
            ratios = ratio(full.rate, as_django, "the loop"), ratio(full.rate, inserted, "the one with apart")
            tell("events, one on its way for each page", f"{full}", *ratios, f"goal {RATE_GOAL}")
            # What that many have left behind is written by then.
            time.sleep(2)
            half: Took = load.ask("report_at", events=full.rate / 2, seconds=given.seconds)
            tell("events, at half of that rate", f"{half}", f"goal: p99 {P99_GOAL:.0f} ms")
            beaten: Took = load.ask(
                "report_at", events=EVENTS_BESIDE, heartbeats=HEARTBEATS, seconds=given.seconds
            )
            # Each page's answers come after whatever it has sent before.
            beats = HEARTBEATS * given.seconds / beaten.seconds
            tell(
                f"heartbeats, beside {EVENTS_BESIDE} events", f"{beats:,.0f} a second", f"goal {HEARTBEATS:,}"
            )
            tell("  and those events", f"{beaten}", f"goal: p99 {P99_GOAL:.0f} ms")
        milliseconds = time_heartbeats(HEARTBEATS)
        tell(f"to write {HEARTBEATS:,} pages' heartbeats", f"{milliseconds:,.0f} ms", "limit: 1,000 ms")


def measure_inserting(work: Callable[[str, list[Any]], None], seconds: float) -> float:
    """Rows a second that one connection inserts, as fast as it can."""
    people = read_people()
    columns = ", ".join(COLUMNS.split())
    count, begun = 0, time.perf_counter()
    while (took := time.perf_counter() - begun) < seconds:
        work(f"INSERT INTO phone_deviceevent ({columns}) VALUES ", list(build_rows(people, count)))
        count += ROWS_AT_ONCE
    return count / took


def insert_as_django_does(statement: str, values: list[Any]) -> None:
    """With the parameters written into the statement."""
    from django.db import connection

    place = f"({', '.join(['%s'] * len(COLUMNS.split()))})"
    with connection.cursor() as cursor:
        cursor.execute(statement + ", ".join([place] * ROWS_AT_ONCE), values)


def insert(statement: str, values: list[Any]) -> None:
    """With the parameters beside the statement, whose text is made once."""
    import psycopg
    from django.db import connection

    with psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(statement.encode() + build_places(len(COLUMNS.split())), values)


@cache
def build_places(columns: int) -> bytes:
    rows = (range(first, first + columns) for first in range(1, ROWS_AT_ONCE * columns, columns))
    return ", ".join(f"({', '.join(f'${number}' for number in row)})" for row in rows).encode()


def time_heartbeats(number: int) -> float:
    """Milliseconds for the heartbeats of so many pages, all of which have beaten once."""
    from accounts.clients import ClientInfo
    from accounts.people import User
    from phone.device.presence import DevicePresence, Known
    from phone.device.writing.heartbeats import record_heartbeats
    from phone.device.writing.page import Page

    person = User.objects.all()[0]
    rows = DevicePresence.objects.bulk_create(
        DevicePresence(user=person, page_session=uuid.uuid4(), socket=uuid.uuid4(), state="ready")
        for _ in range(number)
    )
    pages = [
        Page(person, row.page_session, ClientInfo(), known=Known(row.pk, row.state, row.is_spare))
        for row in rows
    ]
    begun = time.perf_counter()
    record_heartbeats([(page, "ready") for page in pages], timezone.now())
    return (time.perf_counter() - begun) * 1000


COLUMNS = (
    "event_id user_id identity email account_sid page_session seq state sdk_event code original_code message "
    "reported_at received_at ip_address user_agent"
)


def read_people() -> Sequence[tuple[Any, ...]]:
    from accounts.people import User

    people = User.objects.values_list("pk", "identity", "email", "membership__account__account_sid")
    return [(*person, uuid.uuid4()) for person in people]


def build_rows(people: Sequence[tuple[Any, ...]], first: int) -> Iterator[Any]:
    now = datetime.now(UTC)
    for number in range(first, first + ROWS_AT_ONCE):
        yield make_event_id()
        yield from people[number % len(people)]
        yield from (number, "ready", "registered", None, None, "", now, now, "127.0.0.1", "Chrome/150")


if __name__ == "__main__":
    main()
