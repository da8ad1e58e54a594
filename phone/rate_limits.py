"""How often one person may ask for something, counted in the cache."""

import time
from dataclasses import dataclass, field

from django.core.cache import cache


@dataclass(frozen=True)
class RateLimit:
    """At most `limit` in each window of `seconds`, per key."""

    name: str
    limit: int
    seconds: int

    def take(self, key: str) -> int:
        """Counts one. 0 if it is within the limit, else the seconds to wait, at least 1."""
        window, passed = divmod(int(time.time()), self.seconds)
        counter = f"rate:{self.name}:{key}:{window}"
        cache.add(counter, 0, self.seconds)
        try:
            count = cache.incr(counter)
        except ValueError:
            # The window ended between the two.
            return 0
        return 0 if count <= self.limit else self.seconds - passed


@dataclass
class Allowance:
    """A bucket that holds `burst` and refills by `per_second`: one socket's, so not in the cache."""

    burst: float
    per_second: float
    left: float = field(init=False)
    counted_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.burst
        self.counted_at = time.monotonic()

    def take(self) -> bool:
        """Takes one; False if the bucket is empty."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.counted_at) * self.per_second)
        self.counted_at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True
