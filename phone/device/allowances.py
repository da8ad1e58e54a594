"""How much one socket may send: counted where it is, not in the cache."""

import time
from dataclasses import dataclass, field


@dataclass
class Allowance:
    """A bucket that holds `burst` and refills by `per_second`."""

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
