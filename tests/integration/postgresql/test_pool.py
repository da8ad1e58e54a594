"""What the pool hands out, however the one before has given it back."""

from collections.abc import Callable, Iterator
from typing import Any

import environ
import pytest
from django.db import connections, transaction
from django.db.utils import ConnectionHandler

from dognbone.postgresql.base import MOST_STATEMENT_BYTES, DatabaseWrapper
from tests.machine import find_postgresql
from tests.servers import postgresql_server

ALIAS = "of_one"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if not find_postgresql():
        pytest.skip("PostgreSQL is missing")
    with postgresql_server() as server:
        yield server.url


@pytest.fixture
def database(url: str, django_db_blocker: Any) -> Iterator[DatabaseWrapper]:
    """As a request's, with a pool of one: whoever comes next gets the same connection."""
    options = {"pool": {"min_size": 1, "max_size": 1, "timeout": 10}}
    handler = ConnectionHandler({"default": {}, ALIAS: describe(url, options)})
    database = DatabaseWrapper(handler.settings[ALIAS], ALIAS)
    with django_db_blocker.unblock():
        connections[ALIAS] = database
        yield database
        database.close()
        del connections[ALIAS]
        database.close_pool()


def describe(url: str, options: dict[str, Any]) -> dict[str, Any]:
    return {**environ.Env.db_url_config(url), "ENGINE": "dognbone.postgresql", "OPTIONS": options}


def close_in_a_transaction(database: DatabaseWrapper) -> None:
    with transaction.atomic(using=ALIAS):
        database.cursor().execute("SELECT 1")
        database.close()


def close_in_a_failed_transaction(database: DatabaseWrapper) -> None:
    with pytest.raises(Exception, match="division by zero"), transaction.atomic(using=ALIAS):
        try:
            database.cursor().execute("SELECT 1 / 0")
        finally:
            database.close()


def close_without_autocommit(database: DatabaseWrapper) -> None:
    database.set_autocommit(False)
    database.cursor().execute("SELECT 1")
    database.close()


@pytest.mark.parametrize(
    "close", [close_in_a_transaction, close_in_a_failed_transaction, close_without_autocommit]
)
def test_a_connection_closed_inside_a_transaction_is_handed_out_like_a_new_one(
    database: DatabaseWrapper, close: Callable[[DatabaseWrapper], None]
) -> None:
    pid = ask(database, "SELECT pg_backend_pid()")
    close(database)
    # Again and again, because it goes round.
    for _ in range(2):
        assert ask(database, "SELECT pg_backend_pid()") == pid
        assert database.get_autocommit()
        assert not database.connection.info.transaction_status
        database.close()


def ask(database: DatabaseWrapper, sql: str, *values: Any) -> Any:
    with database.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchone()[0]


@pytest.mark.parametrize(("length", "is_kept"), [(1000, True), (MOST_STATEMENT_BYTES, False)])
def test_a_connection_that_has_said_much_is_not_handed_out_again(
    database: DatabaseWrapper, length: int, is_kept: bool
) -> None:
    """It would keep the room for as long as it stands."""
    pid = ask(database, "SELECT pg_backend_pid()")
    assert ask(database, "SELECT length(%s)", "x" * length) == length
    database.close()
    assert (ask(database, "SELECT pg_backend_pid()") == pid) is is_kept


def test_nor_one_whose_long_statement_failed(database: DatabaseWrapper) -> None:
    pid = ask(database, "SELECT pg_backend_pid()")
    with pytest.raises(Exception, match="invalid input syntax"):
        ask(database, "SELECT %s::int", "x" * MOST_STATEMENT_BYTES)
    database.close()
    assert ask(database, "SELECT pg_backend_pid()") != pid
