"""How often one person may ask for what costs a request to Twilio."""

import logging
import time
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RateLimit:
    """At most `limit` in each period of `seconds`, counted per key in the cache."""

    name: str
    limit: int
    seconds: int

    def is_exceeded_by(self, key: str | int) -> bool:
        """Counts one attempt. A cache that is down lets it pass: Twilio has limits of its own."""
        slot = f"limit:{self.name}:{key}:{int(time.time() // self.seconds)}"
        try:
            cache.add(slot, 0, self.seconds)
            return cache.incr(slot) > self.limit
        except ValueError:
            # The slot ran out between the two.
            return False
        except (RedisError, OSError) as error:
            logger.warning("Attempts are not counted: %s", type(error).__name__)
            return False
