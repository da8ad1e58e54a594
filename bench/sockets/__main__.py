"""`python -m bench.sockets`: pages that connect beside bare sockets, and the memory of a seat."""

import argparse
import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.sockets.load import Seat, Took
from bench.sockets.people import make_seats
from bench.sockets.stage import Served, serve, serve_peer, set_stage
from demo.processes import Children

# So many open their sockets at once, as the pages of many companies do after a deploy.
TOGETHER = 200
CONNECTING_GOAL = 0.5
SEAT_GOAL = 25.0
# By then whatever connecting has needed for a moment is given back.
SETTLED_SECONDS = 5
WARM = 100


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.sockets", description=__doc__)
    parser.add_argument("--seats", type=int, default=2000)
    parser.add_argument("--part", choices=["connecting", "memory", "all"], default="all")
    given = parser.parse_args()
    with set_stage() as children:
        seats = make_seats(given.seats + WARM)
        if given.part in ("memory", "all"):
            compare_memory(children, seats)
        if given.part in ("connecting", "all"):
            compare_connecting(children, seats[WARM:])


def compare_connecting(children: Children, seats: Sequence[Seat]) -> None:
    """Both as soon as they are warm: each connects all of its pages, which go, and then once more."""
    print(f"Pages connecting, then `recorded` for their first event: {len(seats)}, {TOGETHER} at a time")
    bare = connect_twice(serve_peer(children), seats)[1]
    first, again = connect_twice(serve(children), build_new_pages(seats))
    print(f"  bare sockets that echo           {bare}")
    print(f"  pages that are open for the first time {first}: {first.rate / bare.rate:.2f} of them")
    print(f"  pages that come back, as after a deploy {again}: {again.rate / bare.rate:.2f}")
    print(f"  goal: {CONNECTING_GOAL}")


def connect_twice(served: Served, seats: Sequence[Seat]) -> tuple[Took, Took]:
    with served.loaded() as load:
        first: Took = load.ask("connect", seats, together=TOGETHER)
        load.ask("leave")
        time.sleep(SETTLED_SECONDS)
        return first, load.ask("connect", seats, together=TOGETHER)


def build_new_pages(seats: Sequence[Seat]) -> list[Seat]:
    """The same people with pages that were never open, in no order."""
    pages = [replace(seat, page_session=str(uuid.uuid4())) for seat in seats]
    random.shuffle(pages)
    return pages


def compare_memory(children: Children, seats: Sequence[Seat]) -> None:
    """On workers that were just started: what they have freed of former pages hides what new ones take."""
    print(f"Memory of a seat: {len(seats) - WARM} open pages that say nothing, both workers together")
    bare, ours = (measure_seat(start, children, seats) for start in (serve_peer, serve))
    print(f"  a bare socket {bare:.1f} KiB, a page {ours:.1f} KiB")
    print(f"  a seat beyond a bare socket: {ours - bare:.1f} KiB; goal {SEAT_GOAL:.0f}")


def measure_seat(start: Callable[[Children], Served], children: Children, seats: Sequence[Seat]) -> float:
    """KiB of a seat; what a worker takes once and for all is taken by the first few pages."""
    served = start(children)
    with served.loaded() as load:
        load.ask("connect", seats[:WARM], together=TOGETHER, is_event_sent=False)
        time.sleep(SETTLED_SECONDS)
        before = served.measure_memory()
        load.ask("connect", seats[WARM:], together=TOGETHER, is_event_sent=False)
        time.sleep(SETTLED_SECONDS)
        taken = served.measure_memory() - before
    served.stop()
    return taken / 1024 / (len(seats) - WARM)


if __name__ == "__main__":
    main()
