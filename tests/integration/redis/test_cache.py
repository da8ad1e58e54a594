"""The cache while Redis answers, while it does not, and between the two."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection

from accounts.rate_limits import KeptAttempt
from dognbone.redis.breaker import breaker
from dognbone.redis.cache import SUBSTITUTE, Cache
from dognbone.settings import CACHE_IN_DATABASE, REDIS_CACHE_OPTIONS
from tests.integration.redis.conftest import NOBODYS
from tests.servers import Server


@pytest.fixture
def build_cache(settings: Any) -> Callable[[str], Cache]:
    settings.CACHES = {**settings.CACHES, SUBSTITUTE: CACHE_IN_DATABASE}

    def build(address: str) -> Cache:
        return Cache(address, {"OPTIONS": REDIS_CACHE_OPTIONS})

    return build


def test_the_database_cache_finds_its_table() -> None:
    assert CACHE_IN_DATABASE["LOCATION"] == KeptAttempt._meta.db_table


def test_what_redis_keeps_is_not_in_the_database(
    db: None, redis: Server, build_cache: Callable[[str], Cache]
) -> None:
    cache = build_cache(redis.url)
    assert cache.add("a", 1)
    assert not cache.add("a", 1)
    assert (cache.incr("a"), cache.get("a")) == (2, 2)
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nobody")
    assert not KeptAttempt.objects.exists()


def test_without_redis_the_database_counts(db: None, build_cache: Callable[[str], Cache]) -> None:
    cache = build_cache(NOBODYS)
    assert cache.add("a", 1, 60)
    assert not cache.add("a", 1, 60)
    assert [cache.incr("a") for _ in range(3)] == [2, 3, 4]
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nobody")
    cache.set("b", [1.5, 2.5], 60)
    assert cache.get("b") == [1.5, 2.5]
    cache.delete("b")
    assert cache.get("b", "gone") == "gone"
    assert KeptAttempt.objects.count() == 1


def test_counting_up_does_not_prolong_the_time_that_is_counted(
    db: None, build_cache: Callable[[str], Cache]
) -> None:
    cache = build_cache(NOBODYS)
    cache.add("a", 1, 60)
    began = KeptAttempt.objects.get().expires
    cache.incr("a")
    assert KeptAttempt.objects.get().expires == began


def test_a_hung_redis_is_asked_once_and_then_left_alone(
    db: None, redis: Server, build_cache: Callable[[str], Cache]
) -> None:
    cache = build_cache(redis.url)
    cache.set("a", 1)
    redis.hang()
    try:
        begun = time.monotonic()
        assert cache.add("a", 5, 60)
        assert time.monotonic() - begun < 1.5
        begun = time.monotonic()
        assert [cache.incr("a") for _ in range(3)] == [6, 7, 8]
        assert time.monotonic() - begun < 0.5
    finally:
        redis.wake()
    breaker.note_success()
    assert cache.get("a") == 1


@pytest.mark.django_db(transaction=True)
def test_processes_that_count_at_once_count_right(build_cache: Callable[[str], Cache]) -> None:
    caches[SUBSTITUTE].add("a", 0, 60)

    def count() -> None:
        for _ in range(5):
            caches[SUBSTITUTE].incr("a")
        connection.close()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caches[SUBSTITUTE].get("a") == 20
