"""Limits of a running service: counted by its workers together, with Redis there and away."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, nullcontext

import pytest
from websockets.exceptions import ConnectionClosed

from accounts.twilio.guesses import BAD_OF_PERSON
from phone.device.of_person import MOST_SOCKETS
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


@pytest.mark.parametrize("redis", REDIS)
def test_two_workers_have_no_more_stolen_credentials_judged_than_one(service: Service, redis: str) -> None:
    """All at once, each in a connection of its own, for another account each."""
    thieves = [service.sign_in("bob") for _ in range(10)]
    with REDIS[redis](service), ThreadPoolExecutor(len(thieves)) as threads:

        def try_out(number: int) -> int:
            pair = {"account_sid": f"AC{number + 1:032x}", "auth_token": f"{number:032x}", "region": "us1"}
            return thieves[number].post("/accounts/twilio/", pair).status

        answers = Counter(threads.map(try_out, range(len(thieves))))
    assert answers == {422: BAD_OF_PERSON.limit, 429: 10 - BAD_OF_PERSON.limit}


@pytest.mark.parametrize("redis", REDIS)
def test_the_sockets_of_a_person_are_counted_by_both_workers(service: Service, redis: str) -> None:
    carol = service.sign_in("carol")
    with REDIS[redis](service), ExitStack() as open_ones:
        for _ in range(MOST_SOCKETS):
            open_ones.enter_context(carol.socket())
        with carol.socket() as one_more, pytest.raises(ConnectionClosed) as closed:
            while True:
                one_more.recv(timeout=15)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4429
