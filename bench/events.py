"""Events and heartbeats of a thousand open pages, beside a loop that inserts the same rows many at a time.

`python -m bench.events`. The server and the load are those of `bench/sockets/`; server, database, Redis and
load share the machine. The peer has it for itself while it runs: one connection, one statement of many rows
and one commit after the other, into the same table with its indexes and triggers.
"""

import argparse
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from bench.sockets.load import Took
from bench.sockets.people import make_seats
from bench.sockets.stage import serve, set_stage

SOCKETS = 1000
ROWS_AT_ONCE = 500
RATE_GOAL, P99_GOAL = 0.5, 50.0
HEARTBEATS = 5000
EVENTS_BESIDE = 500


def run() -> None:
    """In a process of its own, because it has a stage of its own."""
    print(flush=True)
    subprocess.run([sys.executable, "-m", "bench.events"], env=dict(os.environ), check=True)


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
            print(f"Events of {len(seats)} pages, acknowledged once they are committed")
            inserted = measure_inserting(given.seconds / 2)
            full: Took = load.ask("report", seconds=given.seconds)
            time.sleep(1)
            half: Took = load.ask("report_at", events=full.rate / 2, seconds=given.seconds)
            time.sleep(1)
            beaten: Took = load.ask(
                "report_at", events=EVENTS_BESIDE, heartbeats=HEARTBEATS, seconds=given.seconds
            )
    print(f"  rows of an INSERT loop        {inserted:7,.0f} a second, {ROWS_AT_ONCE} with a statement")
    print(f"  one on its way for each page  {full}")
    print(f"    {full.rate / inserted:.2f} of the loop; goal {RATE_GOAL}")
    print(f"  at half of that rate          {half}; goal: p99 {P99_GOAL:.0f} ms")
    print(f"  beside {HEARTBEATS:,} heartbeats a second {beaten}; goal: p99 {P99_GOAL:.0f} ms")


def measure_inserting(seconds: float) -> float:
    """Rows a second that one connection inserts, as fast as it can."""
    from django.db import connection

    people = read_people()
    columns = " ".join(COLUMNS.split()).replace(" ", ", ")
    place = f"({', '.join(['%s'] * len(COLUMNS.split()))})"
    statement = f"INSERT INTO phone_deviceevent ({columns}) VALUES {', '.join([place] * ROWS_AT_ONCE)}"
    count, begun = 0, time.perf_counter()
    with connection.cursor() as cursor:
        while (took := time.perf_counter() - begun) < seconds:
            cursor.execute(statement, list(build_rows(people, count)))
            count += ROWS_AT_ONCE
    return count / took


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
        yield uuid.uuid4()
        yield from people[number % len(people)]
        yield from (number, "ready", "registered", None, None, "", now, now, "127.0.0.1", "Chrome/150")


if __name__ == "__main__":
    main()
