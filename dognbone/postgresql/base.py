"""The backend that `ENGINE` names."""

import time
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql import base, features, operations
from psycopg_pool import PoolClosed, PoolTimeout

from dognbone.postgresql.watch import watch

# How long one may wait for a connection while the server is well and all are in use.
BUSY_SECONDS = 10.0
FOR_DJANGO = ("context", "cursor_factory", "prepare_threshold")
# libpq never gives back the room that a connection's longest statement took: a file of 25 MB takes 64 MB,
# in each of the pool's connections that has ever stored one. Nothing that is asked often is as long.
MOST_STATEMENT_BYTES = 2 * 1024 * 1024


class Cursor(base.Cursor):
    """Django's, which marks a connection that is not to be kept."""

    _query: Any
    connection: Any

    def execute(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().execute(*arguments, **options)  # type: ignore[misc]
        finally:
            if self._query is not None and len(self._query.query) > MOST_STATEMENT_BYTES:
                self.connection.has_said_much = True


class DatabaseFeatures(features.DatabaseFeatures):
    def allows_group_by_selected_pks_on_model(self, model: Any) -> bool:
        """Not of a table that is held by months, whose parts have their keys each for itself."""
        rule = getattr(model, "append_only", None)
        is_in_parts = bool(rule and rule.by_month)
        return not is_in_parts and bool(super().allows_group_by_selected_pks_on_model(model))


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """Of what is prepared, the statement; Django would look for places as it writes them itself."""
        if isinstance(cursor, PreparedCursor):
            return sql
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """Hands out connections that were alive a moment ago, and none while the database is away."""

    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if params["cursor_factory"] is base.Cursor:
            params["cursor_factory"] = Cursor
        return params

    def _close(self) -> None:
        if self.pool is not None and getattr(self.connection, "has_said_much", False):
            # The pool makes another in place of one that comes back closed.
            self.connection.close()
        super()._close()  # type: ignore[misc]

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Raises psycopg.OperationalError within two seconds where the database is away."""
        give_up_at = time.monotonic() + BUSY_SECONDS
        while not watch.is_away:
            try:
                connection = super().get_new_connection(conn_params)
            except (PoolClosed, PoolTimeout):
                # Closed: the database has come back, and there is a new pool.
                if is_there() and time.monotonic() < give_up_at:
                    continue
                raise
            if self.pool is None or is_alive(connection):
                return connection
            # Not `self.pool`, which may be a new one by now.
            connection._pool.putconn(connection)
            is_there()
        raise psycopg.OperationalError("the database is away")

    def prepared_cursor(self) -> Any:
        """A cursor whose statements, with places `$1`, `$2`, …, are prepared on their connection and stay so.

        For those that are few and asked again and again (`accounts/statements.py`): what else Django asks is
        another statement each time, for which the server would keep a plan in vain.
        """
        django: Any = self
        django.ensure_connection()
        return django._prepare_cursor(PreparedCursor(self.connection))


class PreparedCursor(psycopg.RawCursor[Any]):
    """psycopg's, whose statements are prepared the first time."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> "PreparedCursor":
        super().execute(query, params, **{"prepare": True, **options})
        return self


def is_alive(connection: Any) -> bool:
    """One round trip. The pool's own check would rest a second after each that is dead."""
    try:
        # Closed inside a transaction it came back rolled back, but as one that begins a transaction with
        # whatever it is told; then Django cannot use it, nor whoever gets it next.
        connection.autocommit = True
        connection.execute("")
    except psycopg.Error:
        return False
    return True


def is_there() -> bool:
    return watch.is_there(get_watched_params(), renew_pools)


def get_watched_params() -> dict[str, Any]:
    """What leads to the database, for a plain connection that the pool does not know of."""
    params = connections[DEFAULT_DB_ALIAS].get_connection_params()
    return {name: value for name, value in params.items() if name not in FOR_DJANGO}


def renew_pools() -> None:
    """A pool that could not connect for minutes tries again after minutes; a new one tries at once."""
    pools = base.DatabaseWrapper._connection_pools  # type: ignore[attr-defined]
    for alias in list(pools):
        pool = pools.pop(alias, None)
        if pool is not None:
            pool.close(timeout=0)
