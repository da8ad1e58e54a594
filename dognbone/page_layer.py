"""The channel layer of one process: pages in groups, each told at once of what is sent to a group of its.

Channels' own keeps a queue for each page with a task that waits there, starts another task for each that a
message goes to, and looks through all pages of the process each time that one of them takes something.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer

Message = dict[str, Any]
Hearer = Callable[[Message], None]
# The groups that a message is for, and the message.
Parcel = tuple[Sequence[str], Message]


class PageLayer(InMemoryChannelLayer):
    """A channel has a hearer, or else a queue, as Channels' own have.

    A message is the same object for all who hear it: none of them changes it.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.numbers = itertools.count(1)
        self.hearers: dict[str, tuple[asyncio.AbstractEventLoop, Hearer]] = {}

    async def new_channel(self, prefix: str = "specific.") -> str:
        """A name that no other channel of this process has."""
        return f"{prefix}.inmemory!{next(self.numbers)}"

    def attach(self, channel: str, hearer: Hearer) -> None:
        """From now on `hearer` is called with whatever `channel` is sent, on the event loop that runs now."""
        self.hearers[channel] = asyncio.get_running_loop(), hearer

    def join(self, groups: Sequence[str], channel: str) -> None:
        """What `group_add` does, at once."""
        for group in groups:
            self.require_valid_group_name(group)
            self.groups.setdefault(group, {})[channel] = time.time()

    def leave(self, groups: Sequence[str], channel: str) -> None:
        """The channel is in none of `groups` any more, and hears nothing."""
        for group in groups:
            members = self.groups.get(group, {})
            members.pop(channel, None)
            if not members:
                self.groups.pop(group, None)
        self.hearers.pop(channel, None)

    async def send(self, channel: str, message: Message) -> None:
        """Raises ChannelFull, for a channel that has a queue."""
        if channel not in self.hearers:
            await super().send(channel, message)
            return
        loop, hearer = self.hearers[channel]
        if loop is asyncio.get_running_loop():
            hearer(message)
        else:
            loop.call_soon_threadsafe(hearer, message)

    async def group_send(self, group: str, message: Message) -> None:
        await self.groups_send([((group,), message)])

    async def groups_send(self, parcels: Sequence[Parcel]) -> None:
        """Several messages, each to several groups."""
        for groups, message in parcels:
            for group in groups:
                self.require_valid_group_name(group)
                for channel in list(self.groups.get(group, ())):
                    # Who has a hundred messages to come asks again once they are in doubt.
                    with suppress(ChannelFull):
                        await self.send(channel, message)

    def _clean_expired(self) -> None:
        """Nothing is kept here that grows old: a page leaves its groups as it goes."""
