"""What counts many attempts in one go, in either cache that has it."""

import asyncio

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache, caches

from accounts import rate_limits
from accounts.rate_limits import RateLimit
from dognbone.redis.cache import CountingDatabaseCache

LIMIT = RateLimit("test", limit=2, seconds=60)
START = 1_800_000_000


def test_the_database_counts_them_while_redis_is_away(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "cache", CountingDatabaseCache("accounts_keptattempt", {}))
    with time_machine.travel(START, tick=False) as clock:
        assert LIMIT.take("alice") == 0
        assert LIMIT.take_many(["alice", "bob", "alice", "alice"]) == [0, 0, 60, 60]
        clock.shift(61)
        assert LIMIT.take_many(["alice"]) == [0]


@pytest.mark.skipif(not settings.REDIS_URL, reason="there is no Redis")
class TestRedis:
    def test_redis_counts_them(self) -> None:
        assert LIMIT.take("alice") == 0
        assert LIMIT.take_many(["alice", "bob", "alice", "alice"]) == [0, 0, 60, 60]
        client = caches["default"]._cache.get_client(None)
        keys = [cache.make_key(f"limit:test:{name}") for name in ("alice", "bob")]
        assert all(0 < client.ttl(key) <= 60 for key in keys)

    async def test_all_requests_share_its_connections(self) -> None:
        """As many as ask at once: each request has a cache of its own, which would have its own ones."""
        client = caches["default"]._cache.get_client(None)
        cache.get("something")
        before = client.info()["total_connections_received"]
        for _ in range(5):
            await asyncio.create_task(sync_to_async(cache.get)("something"))
        assert client.info()["total_connections_received"] <= before + 1
