"""How often one person may ask for what costs a request to Twilio."""

import math
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.db import models


@dataclass(frozen=True)
class RateLimit:
    """At most `limit` in each period of `seconds`, counted per key in the cache."""

    name: str
    limit: int
    seconds: int

    def take(self, key: str | int) -> int:
        """Counts one attempt: 0 if it is within the limit, else the seconds to wait, at least 1.

        The period begins with the first attempt.
        """
        counter, end = f"limit:{self.name}:{key}", f"limit:{self.name}:{key}:end"
        now = time.time()
        if cache.add(counter, 1, self.seconds):
            cache.set(end, now + self.seconds, self.seconds)
            return 0
        try:
            if cache.incr(counter) <= self.limit:
                return 0
        except ValueError:
            # The period ran out between the two.
            return 0
        return max(1, math.ceil(cache.get(end, now) - now))


class KeptAttempt(models.Model):
    """What the cache holds while Redis is away, in the columns that Django's database cache expects."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key
