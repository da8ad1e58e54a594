"""Waiting for a turn without holding a thread: so many at a time for each key, the rest on the event loop."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Lane:
    """The turns of one key, and how many use or wait for them."""

    turns: asyncio.Semaphore
    users: int = field(default=0)


class Lanes:
    """At most `width` at a time for each key, in the order in which they came."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lanes: dict[Hashable, Lane] = {}

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        lane = self.lanes.setdefault(key, Lane(asyncio.Semaphore(self.width)))
        lane.users += 1
        try:
            async with lane.turns:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self.lanes[key]
