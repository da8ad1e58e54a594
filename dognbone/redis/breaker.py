"""Whether Redis is worth asking: known in one place to all that use it in this process."""

import logging
import threading
import time

from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# A connection and an answer have half of this each.
ANSWER_SECONDS = 1.0
PAUSE_SECONDS = 2.0
# What a Redis that is away is told by. TimeoutError is an OSError.
FAULTS = (OSError, RedisError)


class Breaker:
    """After a failure nobody asks for a while, then one does for all the others."""

    def __init__(self) -> None:
        self.is_well = True
        self._lock = threading.Lock()
        self._ask_again_at = 0.0

    def may_ask(self) -> bool:
        """Whoever is told True asks, within ANSWER_SECONDS, and says here how it went."""
        with self._lock:
            if self.is_well:
                return True
            if time.monotonic() < self._ask_again_at:
                return False
            self._ask_again_at = time.monotonic() + PAUSE_SECONDS
            return True

    def note_failure(self, error: Exception) -> None:
        with self._lock:
            was_well, self.is_well = self.is_well, False
            self._ask_again_at = time.monotonic() + PAUSE_SECONDS
        if was_well:
            logger.error(
                "Redis is away (%s): other processes' pages are not told, the database counts attempts.",
                type(error).__name__,
            )

    def note_success(self) -> None:
        if self.is_well:
            return
        with self._lock:
            self.is_well = True
        logger.warning("Redis answers again.")


breaker = Breaker()
