"""Pages without a browser: they speak the page's protocol to the letter, and are as patient as it is.

What a page does is written in `static/phone/relay/`: its queue keeps every event until `recorded` (or a
refusal of that very event) has come, the oldest 25 of it are on their way, a socket that acknowledges nothing
for ten seconds is dialled anew (the next has twice as long), one that is lost is dialled after 0.5 s, then
after twice as long, 20 s at most.
"""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientError, ClientWebSocketResponse, WSMsgType

from soak.browser import Browser
from soak.ledger import BROKEN, NOT_RECOVERED, Ledger

# As in `relay/socket.js`, `relay/relay.js`, `relay/device-events.js`.
ALIVE_SECONDS = 15.0
ACKNOWLEDGED_WITHIN_SECONDS, LONGEST_PATIENCE_SECONDS = 10.0, 80.0
AT_ONCE = 25
MOST_WAITING = 15
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0
SIGNED_OUT = 4401
# What an event is about, and how often; errors have the server ask Twilio.
EVENTS = (
    ("ready", "registered", None, 16),
    ("connecting", "registering", None, 3),
    ("error", "error", 31005, 1),
)


class Page:
    """One load of the page in somebody's browser; `left` is what an earlier one has not got rid of."""

    def __init__(
        self, browser: Browser, ledger: Ledger, session: str = "", left: "list[dict[str, Any]] | None" = None
    ) -> None:
        self.browser = browser
        self.ledger = ledger
        self.session = session or str(uuid.uuid4())
        self.queue: dict[str, dict[str, Any]] = {frame["id"]: frame for frame in left or []}
        self.seq = len(self.queue)
        self.socket: ClientWebSocketResponse | None = None
        self.is_gone = False
        self.lost_at = time.monotonic()
        self.has_been_open = False
        self.alive_at = 0.0
        self.under_way: set[str] = set()
        # By when something must have been acknowledged, and how many sockets in a row were not believed.
        self.doubt_at: float | None = None
        self.doubted = 0
        self.echoes: set[str] = set()
        self.task: asyncio.Task[None] | None = None

    def start(self) -> "Page":
        self.task = asyncio.create_task(self.live())
        return self

    async def live(self) -> None:
        attempt = 0
        while not self.is_gone:
            is_doubted = False
            try:
                self.socket = await self.browser.open_socket(self.session)
                attempt = 0
                await self.opened()
                is_doubted = await self.hear(self.socket)
            except (ClientError, OSError, TimeoutError):
                pass
            socket, self.socket = self.socket, None
            if socket is not None:
                self.lost_at = time.monotonic()
                with suppress(ClientError, OSError, TimeoutError):
                    await socket.close()
                if socket.close_code == SIGNED_OUT and not self.is_gone:
                    self.ledger.find(NOT_RECOVERED, f"a page of {self.browser.email} was signed out")
                    return
            if not is_doubted:
                await asyncio.sleep(min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt) * random.uniform(0.75, 1.25))
                attempt = min(attempt + 1, 20)

    async def opened(self) -> None:
        if self.has_been_open:
            self.ledger.note_recovery(time.monotonic() - self.lost_at)
        self.has_been_open = True
        self.doubt_at = None
        self.under_way.clear()
        await self.send_more()
        await self.say_alive()

    async def hear(self, socket: ClientWebSocketResponse) -> bool:
        """Until the socket has ended; True where it was not believed any more."""
        while not self.is_gone:
            now = time.monotonic()
            if now >= self.alive_at + ALIVE_SECONDS:
                await self.say_alive()
            if self.doubt_at is not None and now >= self.doubt_at:
                self.doubted += 1
                return True
            until = min(self.alive_at + ALIVE_SECONDS, self.doubt_at or now + ALIVE_SECONDS)
            try:
                # Not `wait_for()`, which before Python 3.12 may forget that it was called off.
                async with asyncio.timeout(max(0.01, until - now)):
                    message = await socket.receive()
            except TimeoutError:
                continue
            if message.type is not WSMsgType.TEXT:
                return False
            await self.take(json.loads(message.data))
        return False

    async def take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "recorded":
                if frame["id"] in self.queue:
                    self.ledger.note_recorded(frame["id"], self.session)
                await self.forget(frame["id"])
            case "refused":
                if frame["id"] in self.queue:
                    self.ledger.find(BROKEN, f"an event of a page's was refused: {frame['reason']}")
                await self.forget(frame["id"])
            case "echo":
                self.echoes.add(frame["id"])

    async def forget(self, event_id: str | None) -> None:
        self.queue.pop(event_id or "", None)
        self.under_way.discard(event_id or "")
        self.doubted = 0
        self.doubt_at = None
        await self.send_more()
        if self.queue:
            self.expect_answer()

    def expect_answer(self) -> None:
        if self.doubt_at is None:
            patience = min(ACKNOWLEDGED_WITHIN_SECONDS * 2**self.doubted, LONGEST_PATIENCE_SECONDS)
            self.doubt_at = time.monotonic() + patience

    async def send_more(self) -> None:
        """What is not on its way yet, oldest first, until as much is as may be."""
        for frame in list(self.queue.values())[:AT_ONCE]:
            if frame["id"] not in self.under_way and self.is_open:
                self.under_way.add(frame["id"])
                await self.send(frame)

    @property
    def is_open(self) -> bool:
        return self.socket is not None and not self.socket.closed

    async def send(self, frame: dict[str, Any]) -> None:
        """To the socket if it is open; that is not yet an arrival."""
        if self.socket is None or self.socket.closed:
            return
        with suppress(ClientError, OSError):
            # Waiting for room would be waiting for a network that swallows.
            async with asyncio.timeout(1):
                await self.socket.send_str(json.dumps(frame))
            if frame["type"] == "event":
                self.expect_answer()

    async def say_alive(self) -> None:
        self.alive_at = time.monotonic()
        await self.send({"type": "alive", "state": "ready"})

    async def report(self, chosen: random.Random) -> None:
        """Something has happened to the Device: kept, and sent if possible."""
        state, sdk_event, code, _ = chosen.choices(EVENTS, [weight for *_, weight in EVENTS])[0]
        self.seq += 1
        frame: dict[str, Any] = {
            "type": "event",
            "id": str(uuid.uuid4()),
            "seq": self.seq,
            "state": state,
            "sdk_event": sdk_event,
            "code": code,
            "original_code": None,
            "message": "",
            "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        self.queue[frame["id"]] = frame
        await self.send_more()

    async def renew(self) -> None:
        await self.send({"type": "renew"})

    async def is_well(self) -> bool:
        """Whether its socket answers and everything that it had to tell is recorded."""
        asked = str(uuid.uuid4())
        await self.send({"type": "echo", "id": asked})
        for _ in range(20):
            await asyncio.sleep(0.05)
            if asked in self.echoes:
                return not self.queue
        return False

    async def end(self, *, says_so: bool) -> list[dict[str, Any]]:
        """The page goes, with a word to the server or without; what it had not got rid of."""
        self.is_gone = True
        socket = self.socket
        if socket is not None:
            if not says_so:
                abort(socket)
            with suppress(ClientError, OSError, TimeoutError):
                await socket.close(code=1001)
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        return list(self.queue.values())


def abort(socket: ClientWebSocketResponse) -> None:
    """Ends it as a process that dies does: without a word, and without what is still to be sent."""
    connection = socket._response.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()


class Pages:
    """All of them. A page that goes leaves its queue to an orphans' relay, as `relay/orphans.js` has it."""

    def __init__(self, ledger: Ledger, chosen: random.Random, events_a_second: float) -> None:
        self.ledger = ledger
        self.chosen = chosen
        self.events_a_second = events_a_second
        self.pages: list[Page] = []
        self.orphans: list[Page] = []

    def __iter__(self) -> Iterator[Page]:
        return iter(self.pages)

    def open(self, browser: Browser) -> Page:
        page = Page(browser, self.ledger).start()
        self.pages.append(page)
        return page

    async def replace(self, page: Page, *, says_so: bool) -> None:
        """The page is loaded anew, or its tab killed and opened again."""
        left = await page.end(says_so=says_so)
        self.pages.remove(page)
        if left:
            self.orphans.append(Page(page.browser, self.ledger, page.session, left).start())
        self.open(page.browser)

    async def report_on(self) -> None:
        """One page after the other has something to tell, for ever; now and then a new token."""
        while True:
            await asyncio.sleep(self.chosen.expovariate(self.events_a_second))
            page = self.chosen.choice(self.pages)
            # No faster than the server takes it, or its queue would say how fast this machine is.
            if len(page.queue) < MOST_WAITING:
                await page.report(self.chosen)
            if self.chosen.random() < 0.03:
                await page.renew()
            await self.let_orphans_go()

    async def let_orphans_go(self) -> None:
        for orphan in [one for one in self.orphans if not one.queue]:
            self.orphans.remove(orphan)
            await orphan.end(says_so=True)

    async def burst(self, events: int) -> None:
        """So many at once, over all pages."""
        await asyncio.gather(*(self.chosen.choice(self.pages).report(self.chosen) for _ in range(events)))

    async def settle(self, seconds: float) -> None:
        """Gives each the time it has to come back by itself, and counts those that did not."""
        deadline = time.monotonic() + seconds
        ill = [*self.pages, *self.orphans]
        while ill and time.monotonic() < deadline:
            well = await asyncio.gather(*(page.is_well() for page in ill))
            ill = [page for page, is_well in zip(ill, well, strict=True) if not is_well]
        for page in ill:
            how = "is not connected" if page.socket is None else f"has {len(page.queue)} events left"
            self.ledger.find(NOT_RECOVERED, f"a page of {page.browser.email} {how} after {seconds:.0f} s")

    async def close(self) -> None:
        await asyncio.gather(*(page.end(says_so=True) for page in [*self.pages, *self.orphans]))
