"""How often one person may ask for what costs a request to Twilio."""

import logging
import math
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

    def take(self, key: str | int) -> int:
        """Counts one attempt: 0 if it is within the limit, else the seconds to wait, at least 1.

        The period begins with the first attempt. A cache that is down lets it pass: Twilio has limits
        of its own.
        """
        counter, end = f"limit:{self.name}:{key}", f"limit:{self.name}:{key}:end"
        now = time.time()
        try:
            if cache.add(counter, 1, self.seconds):
                cache.set(end, now + self.seconds, self.seconds)
                return 0
            if cache.incr(counter) <= self.limit:
                return 0
            return max(1, math.ceil(cache.get(end, now) - now))
        except ValueError:
            # The period ran out between the two.
            return 0
        except (RedisError, OSError) as error:
            logger.warning("Attempts are not counted: %s", type(error).__name__)
            return 0
