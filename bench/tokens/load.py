"""The load: a process of its own that asks as fast as it is answered, or so many times a second."""

import asyncio
import multiprocessing
import re
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvloop

from bench.sockets.client import Page, build_handshake
from bench.tokens.stage import Server

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
RENEW = '{"type": "renew"}'
# Of the frame that answers it, and not of whatever else a page is told.
RENEWED = b'"type": "token"'


class WrongAnswer(Exception):
    """What came is not what was to be timed."""


@dataclass(frozen=True)
class Took:
    """So many answers within so many seconds; each took so long, in seconds.

    `processor`: seconds that the server computed, which tells more than the others on a machine that is busy.
    """

    seconds: float
    durations: list[float]
    processor: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.durations) / self.seconds

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        return statistics.quantiles(self.durations, n=100, method="inclusive")[percent - 1] * 1000

    def __str__(self) -> str:
        times = f"median {self.percentile(50):6.1f}   p99 {self.percentile(99):6.1f} ms"
        cost = f"{self.processor / len(self.durations) * 1000:6.2f} ms of its processor each"
        return f"{self.rate:7.0f} a second   {times}   {cost}"


class Connection(asyncio.Protocol):
    """Keep-alive HTTP/1.1: one request after the other."""

    def __init__(self) -> None:
        self.buffer = b""
        self.transport: Any = None
        self.answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        found = LENGTH.search(head) if separator else None
        if found and len(rest) >= int(found[1]) and self.answer is not None:
            self.buffer = b""
            self.answer.set_result(head)
            self.answer = None

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(WrongAnswer("the connection was lost"))

    async def ask(self, request: bytes) -> None:
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        head = await self.answer
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")):
            raise WrongAnswer(head.split(b"\r\n", 1)[0].decode())


def run(what: Callable[..., Awaitable[Took]], *arguments: Any) -> Took:
    """`what` in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run_here, what, arguments).result()


def run_here(what: Callable[..., Awaitable[Took]], arguments: Sequence[Any]) -> Took:
    async def begin() -> Took:
        return await what(*arguments)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(begin())


async def open_connections(port: int, number: int) -> list[Connection]:
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(Connection, "127.0.0.1", port) for _ in range(number)]
    return [connection for _, connection in opened]


async def ask_steadily(server: Server, requests: Sequence[bytes], connections: int, seconds: float) -> Took:
    """Each connection asks for the next as soon as it is answered; the requests go round."""
    numbers = iter(range(10**9))
    durations: list[float] = []

    async def go_on(connection: Connection, until: float) -> None:
        while (begun := time.perf_counter()) < until:
            await connection.ask(requests[next(numbers) % len(requests)])
            durations.append(time.perf_counter() - begun)

    opened = await open_connections(server.port, connections)
    before, begun = server.measure_processor(), time.perf_counter()
    await asyncio.gather(*(go_on(one, begun + seconds) for one in opened))
    return Took(time.perf_counter() - begun, durations, server.measure_processor() - before)


async def ask_at(server: Server, requests: Sequence[bytes], per_second: float, connections: int) -> Took:
    """Each request once, when it is due, whether or not others are answered; from then on it is timed."""
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for connection in await open_connections(server.port, connections):
        free.put_nowait(connection)
    durations: list[float] = []

    async def ask(request: bytes, due: float) -> None:
        connection = await free.get()
        await connection.ask(request)
        durations.append(time.perf_counter() - due)
        free.put_nowait(connection)

    before, begun = server.measure_processor(), time.perf_counter() + 0.1
    under_way = []
    for number, request in enumerate(requests):
        due = begun + number / per_second
        if (ahead := due - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        under_way.append(asyncio.create_task(ask(request, due)))
    await asyncio.gather(*under_way)
    return Took(time.perf_counter() - begun, durations, server.measure_processor() - before)


async def renew_steadily(server: Server, seats: Sequence[tuple[str, str]], seconds: float) -> Took:
    """A page for each (session, page session), which renews its token as soon as it has the last."""
    loop = asyncio.get_running_loop()
    durations: list[float] = []
    pages = []
    for session, page_session in seats:
        handshake = build_handshake(server.port, f"/ws/device/?page_session={page_session}", session)
        make = partial(Page, handshake, RENEWED, durations.append)
        _, page = await loop.create_connection(make, "127.0.0.1", server.port)
        await page.opened
        pages.append(page)
    await asyncio.sleep(2)

    async def go_on(page: Page, until: float) -> None:
        while time.perf_counter() < until:
            await page.ask(RENEW)

    before, begun = server.measure_processor(), time.perf_counter()
    await asyncio.gather(*(go_on(page, begun + seconds) for page in pages))
    took = Took(time.perf_counter() - begun, durations, server.measure_processor() - before)
    for page in pages:
        page.leave()
    await asyncio.sleep(0.5)
    return took
