"""Limits of a running service: counted by its workers together, with Redis there and away."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

import pytest

from tests.servers import Server
from tests.service.service import Person, Service
from tests.service.test_postgresql_away import outage

REDIS: dict[str, Callable[[Service], AbstractContextManager[None]]] = {
    "there": lambda service: nullcontext(),
    "away": lambda service: outage(service.redis, Server.stop),
}


@pytest.mark.parametrize("redis", REDIS)
def test_two_workers_let_in_no_more_guesses_than_one(service: Service, redis: str) -> None:
    """All at once, each from a browser and in a connection of its own, so that any worker takes it."""
    assert len(service.list_workers()) == 2
    name = f"somebody-while-redis-is-{redis}"
    guessers = [Person(service, name) for _ in range(12)]
    with REDIS[redis](service), ThreadPoolExecutor(len(guessers)) as threads:
        answers = list(threads.map(lambda one: one.sign_in("wrong"), guessers))
        assert Counter(answer.status for answer in answers) == {200: 5, 429: 7}
        for refused in (answer.response for answer in answers if answer.status == 429):
            assert refused is not None
            assert 0 < int(refused.headers["Retry-After"]) <= 300
        assert Person(service, "alice").sign_in().status == 302
