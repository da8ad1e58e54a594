"""The pages of all seats, and Twilio where it tells of calls: what they do in a day, counted."""

import asyncio
import base64
import hashlib
import hmac
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from bench.companies import AUTH_TOKEN, CALLED, Caller
from bench.day.plan import BACK_WITHIN
from bench.sockets.client import Page, SocketLost, build_handshake

RECORDED = b'"recorded"'
# So many pages come at once in the morning.
TOGETHER = 50
PATIENCE = 60.0


@dataclass
class Seat:
    """A person and their page."""

    caller: Caller
    page_session: str
    page: Page | None = None
    seq: int = 0

    def build_event(self, state: str, sdk_event: str, code: int | None = None) -> str:
        self.seq += 1
        facts = {"state": state, "sdk_event": sdk_event, "code": code, "seq": self.seq}
        return json.dumps({"type": "event", "id": make_id(), "at": datetime.now(UTC).isoformat(), **facts})


def make_id() -> str:
    """As a page makes it (`static/phone/relay/ids.js`)."""
    milliseconds = time.time_ns() // 1_000_000
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | random.getrandbits(62)))


class Office:
    """Whatever cannot be done raises: a day of which a part failed has cost too little."""

    def __init__(self, port: int, public_url: str, callers: Sequence[Caller]) -> None:
        self.port, self.public_url = port, public_url
        self.seats = [Seat(caller, str(uuid.uuid4())) for caller in callers]
        self.done: Counter[str] = Counter()

    # What pages do

    async def open(self, seat: Seat) -> None:
        path = f"/ws/device/?page_session={seat.page_session}"
        handshake = build_handshake(self.port, path, seat.caller.session)
        loop = asyncio.get_running_loop()
        _, page = await loop.create_connection(
            lambda: Page(handshake, RECORDED, lambda seconds: None), "127.0.0.1", self.port
        )
        await page.opened
        seat.page = page

    async def report(self, seat: Seat, state: str, sdk_event: str, code: int | None = None) -> None:
        assert seat.page is not None
        await seat.page.ask(seat.build_event(state, sdk_event, code))
        self.done["events"] += 1

    async def come(self) -> None:
        waiting = iter(self.seats)

        async def open_some() -> None:
            for seat in waiting:
                await self.open(seat)
                await self.report(seat, "connecting", "registering")
                await self.report(seat, "ready", "registered")

        await asyncio.gather(*(open_some() for _ in range(TOGETHER)))

    async def beat(self, times: int, seconds: float) -> None:
        await self.spread(times, seconds, self.say_alive)
        await self.settle()

    async def renew(self, times: int, seconds: float) -> None:
        await self.spread(times, seconds, self.ask_for_token)
        await self.settle()

    async def call(self, times: int, seconds: float) -> None:
        async with aiohttp.ClientSession() as twilio:
            await self.spread(times, seconds, lambda seat: self.call_once(twilio, seat))
        await self.settle()

    async def spread(self, times: int, seconds: float, do: Callable[[Seat], Awaitable[None]]) -> None:
        """Each seat so many times, each at its time: evenly over all of them and the whole while."""
        begun, number = time.perf_counter(), times * len(self.seats)
        async with asyncio.TaskGroup() as under_way:
            for place in range(number):
                ahead = begun + seconds * place / number - time.perf_counter()
                if ahead > 0.001:
                    await asyncio.sleep(ahead)
                under_way.create_task(do(self.seats[place % len(self.seats)]))  # type: ignore[arg-type]

    async def say_alive(self, seat: Seat) -> None:
        assert seat.page is not None
        seat.page.say('{"type": "alive", "state": "ready"}')
        self.done["heartbeats"] += 1

    async def ask_for_token(self, seat: Seat) -> None:
        assert seat.page is not None
        seat.page.say('{"type": "renew"}')
        self.done["tokens"] += 1

    async def call_once(self, twilio: aiohttp.ClientSession, seat: Seat) -> None:
        """Out, answered, hung up; the callee's leg is told of as Twilio does, after the page knows."""
        sid, leg = f"CA{uuid.uuid4().hex}", f"CA{uuid.uuid4().hex}"
        ours = {"CallSid": sid, "From": f"client:{seat.caller.identity}"}
        await self.tell(twilio, seat, "voice", **ours, To=CALLED.format(random.randrange(100, 200)))
        await self.report(seat, "connect", "accept")
        theirs = {"CallSid": leg, "ParentCallSid": sid, "To": CALLED.format(100)}
        await self.tell(twilio, seat, "status", **theirs, CallStatus="in-progress")
        await self.report(seat, "disconnect", "disconnect")
        await self.tell(twilio, seat, "dial", **ours, DialCallStatus="completed", CallStatus="completed")
        self.done["calls"] += 1

    async def tell(self, twilio: aiohttp.ClientSession, seat: Seat, what: str, **params: str) -> None:
        form = {
            "AccountSid": seat.caller.account_sid,
            "CallStatus": "ringing",
            "Direction": "inbound",
            **params,
        }
        path = f"/phone/webhooks/{seat.caller.webhook_key}/{what}/"
        signature = sign(self.public_url + path, form)
        async with twilio.post(
            f"http://127.0.0.1:{self.port}{path}", data=form, headers={"X-Twilio-Signature": signature}
        ) as answer:
            if answer.status not in (200, 204):
                raise RuntimeError(f"{what} was answered {answer.status}")

    async def come_back(self, is_over: Callable[[], bool]) -> None:
        """A deploy: sockets end with their processes, and each page dials again after a while of its own.

        Whoever then comes to a process that is yet to be replaced is cut off once more.
        """
        until = time.perf_counter() + PATIENCE

        async def stay(seat: Seat) -> None:
            while True:
                was_over = is_over()
                while seat.page is not None and not seat.page.transport.is_closing():
                    if was_over:
                        return
                    await asyncio.sleep(0.2)
                    was_over = is_over()
                    if time.perf_counter() > until:
                        raise RuntimeError("the deploy has not ended")
                await asyncio.sleep(random.uniform(0, BACK_WITHIN))
                await self.open_again(seat)
                await self.report(seat, "ready", "registered")
                self.done["came back"] += 1

        await asyncio.gather(*(stay(seat) for seat in self.seats))

    async def open_again(self, seat: Seat) -> None:
        until = time.perf_counter() + PATIENCE
        while True:
            try:
                await self.open(seat)
                return
            except (SocketLost, OSError):
                self.done["dialled twice"] += 1
                if time.perf_counter() > until:
                    raise
                await asyncio.sleep(random.uniform(0.5, 1))

    async def lose_twilio(self, seconds: float) -> None:
        """Devices fail, and the server asks a Twilio that does not answer whose fault that is."""

        async def fail(seat: Seat) -> None:
            await asyncio.sleep(random.uniform(0, seconds))
            await self.report(seat, "error", "error", 31005)
            await self.report(seat, "offline", "unregistered")

        await asyncio.gather(*(fail(seat) for seat in self.seats))
        await self.settle()

    async def find_twilio(self) -> None:
        await asyncio.gather(*(self.report(seat, "ready", "registered") for seat in self.seats))

    async def go(self) -> None:
        for seat in self.seats:
            assert seat.page is not None
            seat.page.leave()
        await self.settle()

    async def settle(self) -> None:
        """Until what was put off is done; it has no answer to wait for."""
        await asyncio.sleep(3)


def sign(url: str, params: dict[str, str]) -> str:
    """https://www.twilio.com/docs/usage/security#validating-requests, steps 1 to 4."""
    signed = url + "".join(name + params[name] for name in sorted(params))
    digest = hmac.new(AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
