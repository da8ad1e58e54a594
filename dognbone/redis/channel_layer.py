"""Pushes to pages: to this process's own without Redis, to other processes' through it.

Each process hears one channel of Redis and passes on what its own pages are to be told. So a page opens
without a word to Redis, and nothing but a push to another process is lost while Redis is away. Whoever
may have missed one asks the database again: every page is told (`push.resumed`) when its process hears
Redis again, and when another process says that it could not send.
"""

import asyncio
import json
import logging
import uuid
from contextlib import aclosing, suppress
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from dognbone.redis.breaker import ANSWER_SECONDS, FAULTS, breaker

logger = logging.getLogger(__name__)

RESUMED = {"type": "push.resumed"}
# A silence this long is answered by a ping, and one more without an answer is the end.
QUIET_SECONDS = 1.0
RETRY_SECONDS = 0.5
A_YEAR = 365 * 24 * 3600


class ChannelLayer(InMemoryChannelLayer):
    """`address` is Redis's; processes hear each other that have the same `prefix`."""

    def __init__(self, *, address: str, prefix: str = "dognbone", **kwargs: Any) -> None:
        # Channels would drop a page from its groups after a day.
        super().__init__(**{"group_expiry": A_YEAR, **kwargs})
        self.address = address
        self.topic = f"{prefix}.pushes"
        self.sender = uuid.uuid4().hex
        self.is_listening = False
        self.has_lost_one = False
        self.home: asyncio.AbstractEventLoop | None = None

    # Sending

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Never raises for Redis's sake; takes ANSWER_SECONDS at most."""
        await self.tell_own_pages(group, message)
        await self.publish({"group": group, "message": message})

    async def tell_own_pages(self, group: str, message: dict[str, Any]) -> None:
        """On the event loop that the pages' sockets live on, where there is one."""
        home = self.home
        if home is None or home.is_closed() or home is asyncio.get_running_loop():
            await super().group_send(group, message)
        else:
            asyncio.run_coroutine_threadsafe(super().group_send(group, message), home)

    async def publish(self, *parcels: dict[str, Any]) -> None:
        """Sends them, and then, where earlier ones were lost, that they were."""
        if not breaker.may_ask():
            self.has_lost_one = True
            return
        try:
            async with asyncio.timeout(ANSWER_SECONDS), aclosing(self.connect()) as redis:
                for parcel in parcels:
                    await redis.publish(self.topic, json.dumps({"from": self.sender, **parcel}))
                if self.has_lost_one:
                    await redis.publish(self.topic, json.dumps({"from": self.sender}))
                    self.has_lost_one = False
        except FAULTS as error:
            self.has_lost_one = True
            breaker.note_failure(error)
        else:
            breaker.note_success()

    async def is_reachable(self) -> bool:
        """Whether other processes can be told, and, in a server, are heard."""
        if self.home is not None and not self.is_listening:
            return False
        try:
            async with asyncio.timeout(ANSWER_SECONDS), aclosing(self.connect()) as redis:
                await redis.ping()
        except FAULTS as error:
            breaker.note_failure(error)
            return False
        breaker.note_success()
        return True

    def connect(self) -> Redis:
        """A connection of its own for each push: there are few, and none is found dead later."""
        return Redis.from_url(self.address, retry=Retry(NoBackoff(), 0), socket_timeout=None)

    # Hearing

    async def listen(self) -> None:
        """Passes on what other processes send, for as long as the server runs."""
        self.home = asyncio.get_running_loop()
        has_missed = False
        while True:
            try:
                async with aclosing(self.connect()) as redis, aclosing(redis.pubsub()) as pubsub:
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await pubsub.subscribe(self.topic)
                        await pubsub.get_message(timeout=None)
                    await self.begin_to_hear(has_missed)
                    await self.hear(pubsub)
            except FAULTS as error:
                breaker.note_failure(error)
            finally:
                self.is_listening, has_missed = False, True
            await asyncio.sleep(RETRY_SECONDS)

    async def begin_to_hear(self, has_missed: bool) -> None:
        self.is_listening = True
        breaker.note_success()
        if has_missed:
            await self.doubt_all()

    async def hear(self, pubsub: PubSub) -> None:
        """Raises TimeoutError where Redis says nothing, not even that it is there."""
        is_asked = False
        while True:
            if self.has_lost_one:
                await self.publish()
            message = await pubsub.get_message(timeout=QUIET_SECONDS)
            if message is not None:
                is_asked = False
                breaker.note_success()
                if message["type"] == "message":
                    await self.take(message["data"])
            elif is_asked:
                raise TimeoutError("Redis does not answer a ping.")
            else:
                is_asked = True
                async with asyncio.timeout(ANSWER_SECONDS):
                    await pubsub.ping()

    async def take(self, data: bytes) -> None:
        parcel = json.loads(data)
        if parcel["from"] == self.sender:
            return
        if "group" in parcel:
            await super().group_send(parcel["group"], parcel["message"])
        else:
            await self.doubt_all()

    async def doubt_all(self) -> None:
        """Tells every page of this process that it may have missed something."""
        for channel in {channel for members in self.groups.values() for channel in members}:
            # A page that has a hundred frames to come will ask again at the next chance.
            with suppress(ChannelFull):
                await self.send(channel, RESUMED)
