"""Pushes between processes, here two layers on one Redis."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from dognbone.redis.breaker import breaker
from dognbone.redis.channel_layer import RESUMED, ChannelLayer
from tests.integration.redis.conftest import NOBODYS
from tests.servers import Server

HELLO = {"type": "push.frame", "frame": {"type": "verdict", "verdict": {"title": "Größe"}}}
SECONDS = 8.0


@asynccontextmanager
async def listening(layer: ChannelLayer) -> AsyncIterator[str]:
    """A page's channel, in the group `user.1` of a process that hears the others."""
    task = asyncio.create_task(layer.listen())
    channel = await layer.new_channel()
    await layer.group_add("user.1", channel)
    try:
        await until(lambda: layer.is_listening)
        yield channel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(is_so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be"
        await asyncio.sleep(0.02)


async def receive(layer: ChannelLayer, channel: str) -> dict[str, Any]:
    async with asyncio.timeout(SECONDS):
        message: dict[str, Any] = await layer.receive(channel)
    return message


async def test_a_push_reaches_the_pages_of_every_process_once(redis: Server) -> None:
    here, there = ChannelLayer(address=redis.url), ChannelLayer(address=redis.url)
    async with listening(here) as own, listening(there) as other:
        await here.group_send("user.2", HELLO)
        await here.group_send("user.1", HELLO)
        assert [await receive(here, own), await receive(there, other)] == [HELLO, HELLO]
        await there.group_send("user.1", {"type": "last"})
        assert [await receive(here, own), await receive(there, other)] == [{"type": "last"}] * 2


async def test_processes_of_another_prefix_hear_nothing(redis: Server) -> None:
    here, there = ChannelLayer(address=redis.url), ChannelLayer(address=redis.url, prefix="other")
    async with listening(here), listening(there) as other:
        await here.group_send("user.1", HELLO)
        await there.group_send("user.1", {"type": "last"})
        assert await receive(there, other) == {"type": "last"}


async def test_a_process_s_own_pages_are_told_without_redis() -> None:
    layer = ChannelLayer(address=NOBODYS)
    channel = await layer.new_channel()
    await layer.group_add("user.1", channel)
    begun = time.monotonic()
    await layer.group_send("user.1", HELLO)
    assert await receive(layer, channel) == HELLO
    assert time.monotonic() - begun < 1.5
    assert not breaker.is_well
    assert not await layer.is_reachable()


async def test_a_page_is_told_to_ask_again_when_redis_is_back(redis: Server) -> None:
    layer = ChannelLayer(address=redis.url)
    async with listening(layer) as channel:
        redis.stop()
        await until(lambda: not layer.is_listening)
        redis.start()
        assert await receive(layer, channel) == RESUMED
        assert await layer.is_reachable()


async def test_a_hung_redis_is_noticed_and_holds_nobody(redis: Server) -> None:
    layer = ChannelLayer(address=redis.url)
    async with listening(layer) as channel:
        redis.hang()
        try:
            begun = time.monotonic()
            await layer.group_send("user.1", HELLO)
            await layer.group_send("user.1", HELLO)
            assert time.monotonic() - begun < 1.8
            assert [await receive(layer, channel) for _ in range(2)] == [HELLO, HELLO]
            await until(lambda: not layer.is_listening)
        finally:
            redis.wake()
        assert await receive(layer, channel) == RESUMED


async def test_who_could_not_send_says_so_later(redis: Server) -> None:
    """A process that hears nothing itself, as a command: the others' pages ask again."""
    command, server = ChannelLayer(address=NOBODYS), ChannelLayer(address=redis.url)
    async with listening(server) as channel:
        await command.group_send("user.1", HELLO)
        command.address = redis.url
        breaker.note_success()
        await command.group_send("user.1", {"type": "next"})
        assert [await receive(server, channel) for _ in range(2)] == [{"type": "next"}, RESUMED]


async def test_a_server_that_could_not_send_says_so_without_being_asked_to_send_again(redis: Server) -> None:
    """A hang so short that nobody's listener has noticed it."""
    here, there = ChannelLayer(address=redis.url), ChannelLayer(address=redis.url)
    async with listening(here), listening(there) as channel:
        here.has_lost_one = True
        assert await receive(there, channel) == RESUMED
        assert not here.has_lost_one


async def test_what_another_version_says_may_have_been_for_anybody(redis: Server) -> None:
    layer = ChannelLayer(address=redis.url)
    async with listening(layer) as channel:
        told = {"from": "another", "groups": ["user.1"], "message": HELLO}
        async with layer.connect() as other:
            await other.publish(layer.topic, json.dumps(told))
        assert await receive(layer, channel) == RESUMED


async def test_a_push_from_another_event_loop_arrives_on_the_pages_own(redis: Server) -> None:
    layer = ChannelLayer(address=redis.url)
    async with listening(layer) as channel:
        receiving = asyncio.create_task(receive(layer, channel))
        await asyncio.to_thread(lambda: asyncio.run(layer.group_send("user.1", HELLO)))
        assert await receiving == HELLO
