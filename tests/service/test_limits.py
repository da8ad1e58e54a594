"""Limits of a running service: counted by its workers together, with Redis there and away."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

from tests.service.service import Person, Service
from tests.service.test_postgresql_away import end, outage

REDIS: dict[str, Callable[[Service], AbstractContextManager[None]]] = {
    "there": lambda service: nullcontext(),
    "away": lambda service: outage(service.redis, end),
}


def get_status(person: Person, password: str) -> int:
    """In a new connection, so that any worker may take it."""
    answer = person.sign_in(password)
    person.session.close()
    return answer.status


@pytest.mark.parametrize("redis", REDIS)
def test_two_workers_let_in_no_more_guesses_than_one(service: Service, redis: str) -> None:
    assert len(service.list_workers()) == 2
    somebody = {"there": "somebody", "away": "somebody-else"}[redis]
    with REDIS[redis](service):
        # Whoever is to hear that Redis is away has heard it, and the count begins no more.
        for _ in range(6):
            get_status(Person(service, "carol"), "dog-and-bone")
        answers = [get_status(Person(service, somebody), "wrong") for _ in range(12)]
        assert answers == [200] * 5 + [429] * 7
        refused = Person(service, somebody).sign_in("wrong").response
        assert refused is not None
        assert 0 < int(refused.headers["Retry-After"]) <= 300
        service.sign_in("alice")
        assert get_status(Person(service, "alice"), "dog-and-bone") == 302
