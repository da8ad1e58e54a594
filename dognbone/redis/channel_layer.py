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
from collections.abc import Sequence
from contextlib import aclosing, suppress
from typing import Any

from channels.exceptions import ChannelFull
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from dognbone.page_layer import PageLayer, Parcel
from dognbone.redis.breaker import ANSWER_SECONDS, FAULTS, breaker

logger = logging.getLogger(__name__)

RESUMED = {"type": "push.resumed"}
# A silence this long is answered by a ping, and one more without an answer is the end.
QUIET_SECONDS = 1.0
RETRY_SECONDS = 0.5


class ChannelLayer(PageLayer):
    """`address` is Redis's; processes hear each other that have the same `prefix`."""

    def __init__(self, *, address: str, prefix: str = "dognbone", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.address = address
        self.topic = f"{prefix}.pushes"
        self.sender = uuid.uuid4().hex
        self.own_beginning = json.dumps({"from": self.sender})[:-1].encode()
        self.is_listening = False
        self.has_lost_one = False
        self.home: asyncio.AbstractEventLoop | None = None

    # Sending

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Never raises for Redis's sake; takes ANSWER_SECONDS at most."""
        await self.groups_send([((group,), message)])

    async def groups_send(self, parcels: Sequence[Parcel]) -> None:
        """Several messages, each to several groups; the same, at the cost of one."""
        await self.tell_own_pages(parcels)
        await self.publish({"parcels": list(parcels)})

    async def tell_own_pages(self, parcels: Sequence[Parcel]) -> None:
        """On the event loop that the pages' sockets live on, where there is one."""
        home = self.home
        if home is None or home.is_closed() or home is asyncio.get_running_loop():
            await super().groups_send(parcels)
        else:
            asyncio.run_coroutine_threadsafe(super().groups_send(parcels), home)

    async def publish(self, *told: dict[str, Any]) -> None:
        """Tells the other processes, and then, where earlier words were lost, that they were."""
        if not breaker.may_ask():
            self.has_lost_one = True
            return
        were_some_lost, self.has_lost_one = self.has_lost_one, False
        try:
            async with asyncio.timeout(ANSWER_SECONDS), aclosing(self.connect()) as redis:
                pipeline = redis.pipeline(transaction=False)
                for one in (*told, *([{}] if were_some_lost else [])):
                    pipeline.publish(self.topic, json.dumps({"from": self.sender, **one}))
                await pipeline.execute()
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
        # To tell Redis its own version, redis-py looks for it in the files of packages, each time.
        return Redis.from_url(
            self.address, retry=Retry(NoBackoff(), 0), socket_timeout=None, driver_info=None
        )

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
        """Its own are not read. What has no parcels, as of another version, may have been for anybody."""
        if data.startswith(self.own_beginning):
            return
        told = json.loads(data)
        if "parcels" in told:
            await super().groups_send(told["parcels"])
        else:
            await self.doubt_all()

    async def doubt_all(self) -> None:
        """Tells every page of this process that it may have missed something."""
        for channel in {channel for members in self.groups.values() for channel in members}:
            # A page that has a hundred frames to come will ask again at the next chance.
            with suppress(ChannelFull):
                await self.send(channel, RESUMED)
