"""A connection on which nobody waits for a server that has stopped answering."""

from typing import Any

import psycopg
from psycopg.errors import _WaitTimeout

from dognbone.postgresql.watch import watch

# A statement may take longer than this, as an export's or a migration's does, while the server is
# well; after each such silence it is asked, elsewhere, whether it is.
SILENCE_SECONDS = 1.0
# How soon Ctrl-C is noticed: psycopg's own.
INTERVAL_SECONDS = 0.1


class Connection(psycopg.Connection[Any]):
    """psycopg's, whose every wait for the server goes through `wait()`."""

    def wait(self, gen: Any, interval: float = INTERVAL_SECONDS, timeout: float | None = None) -> Any:
        """Raises OperationalError, and is closed, where the server has gone silent for good."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        while True:
            try:
                return super().wait(gen, interval, SILENCE_SECONDS)
            except _WaitTimeout:
                if not self.is_server_there():
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the database has stopped answering") from None

    def is_server_there(self) -> bool:
        from dognbone.postgresql.base import get_watched_params, renew_pools

        return watch.is_there(get_watched_params(), renew_pools)
