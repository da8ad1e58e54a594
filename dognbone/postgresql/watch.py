"""Whether the database answers: asked on a connection of its own, by one thread for all the others."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg

logger = logging.getLogger(__name__)

# How long a server that is well may take to let somebody in.
ANSWER_SECONDS = 1.0
# How old an answer may be to count for the next who asks.
FRESH_SECONDS = 1.0
# How often a server that is away is tried.
RETRY_SECONDS = 0.25
# What PostgreSQL says when it is full, and well: errors 53300 of connection attempts bring no code.
FULL = ("too many clients", "too many connections", "connection slots are reserved")


class Watch:
    """What this process knows about its database. Nobody has to ask while `is_away`."""

    def __init__(self) -> None:
        self.is_away = False
        self._asking = threading.Lock()
        self._answered_at = -FRESH_SECONDS

    def is_there(self, params: dict[str, Any], when_back: Callable[[], None]) -> bool:
        """Whether the server that `params` lead to answers; takes ANSWER_SECONDS at most.

        Where it does not, it is tried in the background from now on, and `when_back` is called
        before it counts as there again.
        """
        with self._asking:
            if self.is_away:
                return False
            if time.monotonic() - self._answered_at < FRESH_SECONDS:
                return True
            fault = find_fault(params)
            if not fault:
                self._answered_at = time.monotonic()
                return True
            self.is_away = True
        logger.error("The database is away, and whoever needs it is turned away: %s", fault)
        name = "database-watch"
        threading.Thread(target=self._await, args=(params, when_back), name=name, daemon=True).start()
        return False

    def _await(self, params: dict[str, Any], when_back: Callable[[], None]) -> None:
        begun = time.monotonic()
        while self._is_still_away(params, when_back):
            time.sleep(RETRY_SECONDS)
        self._answered_at = time.monotonic()
        self.is_away = False
        logger.warning("The database answers again, after %.1f s.", time.monotonic() - begun)

    @staticmethod
    def _is_still_away(params: dict[str, Any], when_back: Callable[[], None]) -> bool:
        try:
            if find_fault(params):
                return True
            when_back()
        except Exception:
            # Without this thread everybody would be turned away for good.
            logger.exception("Whether the database is back could not be asked")
            return True
        return False


def find_fault(params: dict[str, Any]) -> str:
    """Why no new connection comes to be, with its handshake, within ANSWER_SECONDS; "" if one does."""
    try:
        asyncio.run(connect(params))
    except TimeoutError:
        return f"no answer within {ANSWER_SECONDS:.0f} s"
    except (psycopg.Error, OSError) as error:
        words = " ".join(str(error).split())
        return "" if any(full in words for full in FULL) else words or type(error).__name__
    return ""


async def connect(params: dict[str, Any]) -> None:
    # psycopg's own limit is two seconds at least, for each address of the host.
    async with asyncio.timeout(ANSWER_SECONDS):
        connection = await psycopg.AsyncConnection.connect(**params)
    await connection.close()


watch = Watch()
