"""The load: one process with many pages, which does what it is told through a pipe and says how long it took.

`Load` is its handle. Each method of `Pages` is asked for by name, in the other process, with the same
arguments: `load.ask("connect", seats, together=100)`.
"""

import asyncio
import itertools
import json
import multiprocessing
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import getrandbits
from typing import Any

from bench.sockets.client import Page, SocketLost, build_handshake

RECORDED = b'"recorded"'
ANYTHING = b""


def make_event_id() -> uuid.UUID:
    """Of version 7, as pages make it (`static/phone/relay/ids.js`)."""
    random = getrandbits(74)
    head = int(time.time() * 1000) << 80 | 7 << 76 | (random >> 62) << 64
    return uuid.UUID(int=head | 2 << 62 | random & (1 << 62) - 1)


@dataclass(frozen=True)
class Seat:
    """What a page opens its socket with."""

    cookie: str
    page_session: str


@dataclass(frozen=True)
class Took:
    """So many of something, in so many seconds in all, and how long each took: sorted, in seconds."""

    count: int
    seconds: float
    each: Sequence[float]
    failed: int = 0

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    def percentile(self, part: float) -> float:
        """In milliseconds; `part` from 0 to 1."""
        return self.each[min(len(self.each) - 1, int(len(self.each) * part))] * 1000 if self.each else 0.0

    def __str__(self) -> str:
        p50, p99 = self.percentile(0.5), self.percentile(0.99)
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.rate:7,.0f} a second, p50 {p50:.1f} ms, p99 {p99:.1f} ms{failed}"


class Pages:
    """All pages of the load's process."""

    def __init__(self, port: int, path: str, answer: bytes) -> None:
        self.port, self.path, self.answer = port, path, answer
        self.pages: list[Page] = []
        self.took: list[float] = []
        self.numbers = itertools.count(1)

    async def connect(self, seats: Sequence[Seat], *, together: int, is_event_sent: bool = True) -> Took:
        """Opens a page for each seat, so many at a time, and has each of them report its first event."""
        self.took = []
        each: list[float] = []
        waiting, failed = iter(seats), 0

        async def open_some() -> None:
            nonlocal failed
            for seat in waiting:
                begun = time.perf_counter()
                try:
                    page = await self.open(seat)
                    if is_event_sent:
                        await page.ask(self.build_event())
                except (SocketLost, OSError):
                    failed += 1
                else:
                    self.pages.append(page)
                    each.append(time.perf_counter() - begun)

        begun = time.perf_counter()
        await asyncio.gather(*(open_some() for _ in range(together)))
        return Took(len(each), time.perf_counter() - begun, sorted(each), failed)

    async def open(self, seat: Seat) -> Page:
        handshake = build_handshake(self.port, f"{self.path}?page_session={seat.page_session}", seat.cookie)
        loop = asyncio.get_running_loop()
        _, page = await loop.create_connection(
            lambda: Page(handshake, self.answer, self.took.append), "127.0.0.1", self.port
        )
        await page.opened
        return page

    async def report(self, *, seconds: float, together: int = 1) -> Took:
        """Each page sends events, so many at once, the next as soon as one is acknowledged."""
        self.took = []
        for page in self.pages:
            page.answered = self.took.append
        until = time.perf_counter() + seconds

        async def go_on(page: Page) -> None:
            while time.perf_counter() < until:
                await page.ask(self.build_event())

        begun = time.perf_counter()
        await asyncio.gather(*(go_on(page) for page in self.pages for _ in range(together)))
        return Took(len(self.took), time.perf_counter() - begun, sorted(self.took))

    async def report_at(self, *, events: float, heartbeats: float = 0, seconds: float) -> Took:
        """So many events a second, and heartbeats, spread over all pages, whether or not they are answered.

        How long each takes counts from when it was due. Waits for the last answers, 30 s at most.
        """
        self.took = []
        for page in self.pages:
            page.answered = self.took.append
        begun = time.perf_counter()
        await asyncio.gather(self.send_at(events, begun, seconds), self.beat_at(heartbeats, begun, seconds))
        deadline = time.perf_counter() + 30
        while any(page.sent for page in self.pages) and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        unanswered = sum(len(page.sent) for page in self.pages)
        return Took(len(self.took), time.perf_counter() - begun, sorted(self.took), unanswered)

    async def send_at(self, per_second: float, begun: float, seconds: float) -> None:
        async for page, due in self.due(per_second, begun, seconds):
            page.send(self.build_event())
            page.sent[-1] = due

    async def beat_at(self, per_second: float, begun: float, seconds: float) -> None:
        frame = json.dumps({"type": "alive", "state": "ready"})
        async for page, _ in self.due(per_second, begun, seconds):
            page.say(frame)

    async def due(self, per_second: float, begun: float, seconds: float) -> AsyncIterator[tuple[Page, float]]:
        """(page, moment) of each that is due, at that moment or as soon as this process gets to it."""
        if not per_second:
            return
        pages = itertools.cycle(self.pages)
        for number in range(int(per_second * seconds)):
            due = begun + number / per_second
            if (ahead := due - time.perf_counter()) > 0.001:
                await asyncio.sleep(ahead)
            yield next(pages), due

    def build_event(self) -> str:
        return json.dumps(
            {
                "type": "event",
                "id": str(make_event_id()),
                "seq": next(self.numbers),
                "state": "ready",
                "sdk_event": "registered",
                "at": datetime.now(UTC).isoformat(),
            }
        )

    async def leave(self) -> int:
        """All pages go."""
        pages, self.pages = self.pages, []
        for page in pages:
            page.leave()
        await asyncio.sleep(0)
        return len(pages)

    async def drop_lost(self) -> int:
        """Forgets the pages whose sockets the server has ended; how many those are."""
        there = [page for page in self.pages if not page.transport.is_closing()]
        lost, self.pages = len(self.pages) - len(there), there
        return lost


class Load:
    """The handle of a load's process."""

    def __init__(self, pipe: Any) -> None:
        self.pipe = pipe

    def ask(self, method: str, *arguments: Any, **options: Any) -> Any:
        """What `Pages.method()` returned there. Raises RuntimeError with what went wrong there."""
        self.pipe.send((method, arguments, options))
        is_well, answer = self.pipe.recv()
        if not is_well:
            raise RuntimeError(f"The load failed: {answer}")
        return answer


@contextmanager
def run_load(port: int, path: str, answer: bytes) -> Iterator[Load]:
    """A process of its own, whose pages open `path` at 127.0.0.1:`port`; it ends with the block."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=work, args=(there, port, path, answer), daemon=True
    )
    process.start()
    try:
        yield Load(here)
    finally:
        here.close()
        process.terminate()
        process.join()


def work(pipe: Any, port: int, path: str, answer: bytes) -> None:
    with asyncio.Runner(loop_factory=find_loop_factory()) as runner:
        runner.run(serve(pipe, Pages(port, path, answer)))


def find_loop_factory() -> Any:
    """uvloop's where it is there: a load is to cost less than what it loads."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def serve(pipe: Any, pages: Pages) -> None:
    while True:
        try:
            method, arguments, options = await asyncio.to_thread(pipe.recv)
        except EOFError:
            return
        try:
            answer = await getattr(pages, method)(*arguments, **options)
        except Exception as error:
            pipe.send((False, f"{type(error).__name__}: {error}"))
        else:
            pipe.send((True, answer))
