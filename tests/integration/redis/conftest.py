"""A Redis of these tests' own, which may go away; and nobody's Redis, where nothing listens."""

from collections.abc import Iterator

import pytest

from tests.machine import find_redis
from tests.servers import Server, redis_server

NOBODYS = "redis://127.0.0.1:1/0"


@pytest.fixture
def redis() -> Iterator[Server]:
    if not find_redis():
        pytest.skip("Redis is missing")
    with redis_server() as server:
        yield server
