"""How good the line from the gateway to a browser is: what is lost of the sound, and how late the rest is.

A real network does this to RTP (RFC 3550): packets that never come are counted by their sequence numbers,
those that come unevenly are its jitter, and what RTCP takes to come back is the round trip.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

# The second byte of an RTCP packet is its type, 200 to 207; that of RTP is another (RFC 5761, section 4).
RTCP_TYPES = range(192, 224)
# Those that are due at the same moment are sent in any order.
APART_SECONDS = 0.0001
Send = Callable[[bytes], Awaitable[None]]


class Line:
    """What ails the lines of all browsers. `loss` 0 to 1 of the packets; `delay` and `jitter` in seconds.

    `jitter` is how much later every other packet comes.
    """

    def __init__(self) -> None:
        self.heal()

    def heal(self) -> None:
        self.loss, self.delay, self.jitter = 0.0, 0.0, 0.0


class SpoiltTransport:
    """Sends what one transport of aiortc's sends, as `line` lets it."""

    def __init__(self, line: Line, send: Send) -> None:
        self.line = line
        self.send = send
        self.sent = 0
        self.lost = 0.0
        self.due = 0.0
        self.late: set[asyncio.Task[None]] = set()

    async def __call__(self, data: bytes) -> None:
        is_sound = data[1] not in RTCP_TYPES
        if is_sound and self.is_lost():
            return
        pause = self.line.delay
        if is_sound:
            self.sent += 1
            pause += self.line.jitter * (self.sent % 2)
        if not pause:
            await self.send(data)
            return
        # In the order in which they were sent: a packet that overtakes another counts as lost.
        now = asyncio.get_running_loop().time()
        self.due = max(self.due + APART_SECONDS, now + pause)
        task = asyncio.create_task(self.send_later(data, self.due - now))
        self.late.add(task)
        task.add_done_callback(self.late.discard)

    def is_lost(self) -> bool:
        """Evenly, so that the same line loses the same: whenever another whole packet is due to be lost."""
        self.lost += self.line.loss
        if self.lost < 1:
            return False
        self.lost -= 1
        return True

    async def send_later(self, data: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        # The call may be over meanwhile.
        with contextlib.suppress(ConnectionError):
            await self.send(data)


def spoil(transport: Any, line: Line) -> None:
    """Has what `transport` sends go through `line` from now on."""
    if not isinstance(transport._send_rtp, SpoiltTransport):
        transport._send_rtp = SpoiltTransport(line, transport._send_rtp)
