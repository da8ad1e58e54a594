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

    def take(self, key: str | int) -> int:
        """Counts one attempt: 0 if it is within the limit, else the seconds to wait, at least 1.

        A cache that is down lets it pass: Twilio has limits of its own.
        """
        period, passed = divmod(int(time.time()), self.seconds)
        slot = f"limit:{self.name}:{key}:{period}"
        try:
            cache.add(slot, 0, self.seconds)
            count = cache.incr(slot)
        except ValueError:
            # The slot ran out between the two.
            return 0
        except (RedisError, OSError) as error:
            logger.warning("Attempts are not counted: %s", type(error).__name__)
            return 0
        return 0 if count <= self.limit else self.seconds - passed
