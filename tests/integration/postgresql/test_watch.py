"""What the watch makes of a PostgreSQL that is well, full, stopped and hung."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from dognbone.postgresql.watch import Watch, find_fault
from tests.machine import find_postgresql
from tests.servers import Server, postgresql_server

MOST_CONNECTIONS = 6


@pytest.fixture
def server() -> Iterator[Server]:
    if not find_postgresql():
        pytest.skip("PostgreSQL is missing")
    with postgresql_server() as server:
        server.stop()
        server.command += ["-c", f"max_connections={MOST_CONNECTIONS}", "-c", "max_wal_senders=0"]
        server.start()
        # It listens before it lets anybody in.
        until(lambda: not find_fault(get_params(server)))
        yield server


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


def get_params(server: Server) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": server.port, "user": "dognbone", "dbname": "postgres"}


def test_one_that_is_full_is_there(server: Server) -> None:
    with ExitStack() as connections:
        for _ in range(MOST_CONNECTIONS):
            connections.enter_context(psycopg.connect(**get_params(server)))
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            psycopg.connect(**get_params(server))
        assert find_fault(get_params(server)) == ""


def test_one_that_is_stopped_or_hung_is_away_by_name_and_not_for_long(server: Server) -> None:
    params = get_params(server)
    assert find_fault(params) == ""
    server.hang()
    begun = time.monotonic()
    assert find_fault(params) == "no answer within 1 s"
    assert time.monotonic() - begun < 2
    server.stop()
    assert "refused" in find_fault(params)


def test_its_return_is_found_out_though_preparing_for_it_fails_once(server: Server) -> None:
    watch, prepared = Watch(), []

    def prepare() -> None:
        prepared.append(watch.is_away)
        if len(prepared) == 1:
            raise RuntimeError("as a pool may that is being closed")

    server.stop()
    assert not watch.is_there(get_params(server), prepare)
    assert watch.is_away
    assert not watch.is_there(get_params(server), prepare)
    server.start()
    until(lambda: not watch.is_away)
    assert prepared == [True, True]
    assert watch.is_there(get_params(server), prepare)
