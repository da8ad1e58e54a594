"""How often one may ask for what costs something, counted by all processes together."""

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.core.cache import cache
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.metrics import RATE_LIMITED


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
        counter, end = self._name_keys(key)
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
        return self.find_wait(counter, end)

    def find_wait(self, counter: str, end: str) -> int:
        """How many seconds there are to wait, of an attempt that was one too many."""
        now = time.time()
        ends_at = cache.get(end)
        if ends_at is None:
            # Redis counts up what runs out at that moment, and would then keep it for good.
            ends_at = now + self.seconds
            cache.set(end, ends_at, self.seconds)
            cache.touch(counter, self.seconds)
        RATE_LIMITED.labels(limit=self.name).inc()
        return max(1, math.ceil(ends_at - now))

    def take_many(self, keys: Sequence[str | int]) -> list[int]:
        """`take()` for each of `keys`, in their order: in one go, where the cache can count many."""
        count_many = getattr(cache, "count_many", None)
        if count_many is None:
            return [self.take(key) for key in keys]
        names = [self._name_keys(key) for key in keys]
        counts = count_many([counter for counter, _ in names], self.seconds)
        began = [end for (_, end), count in zip(names, counts, strict=True) if count == 1]
        if began:
            cache.set_many(dict.fromkeys(began, time.time() + self.seconds), self.seconds)
        return [
            0 if count <= self.limit else self.find_wait(*name)
            for name, count in zip(names, counts, strict=True)
        ]

    def give_back(self, key: str | int) -> None:
        """Uncounts one attempt that turned out to be none."""
        with suppress(ValueError):
            # Where the period ran out meanwhile, there is nothing to give back.
            cache.decr(self._name_keys(key)[0])

    def forget(self, key: str | int) -> None:
        """Ends the period: the next attempt is the first."""
        cache.delete_many(self._name_keys(key))

    def _name_keys(self, key: str | int) -> tuple[str, str]:
        """The keys of the count and of the period's end."""
        counter = f"limit:{self.name}:{key}"
        return counter, f"{counter}:end"


class KeptAttempt(models.Model):
    """What the cache holds while Redis is away, in the columns that Django's database cache expects."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("kept attempt")
        verbose_name_plural = _("kept attempts")

    def __str__(self) -> str:
        return self.cache_key
