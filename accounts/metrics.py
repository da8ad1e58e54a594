"""What each process counts and times for `/metrics`; what the database knows is asked when it is scraped.

No label names a person, an account, a number or an address: each is one of few words of the product's own.
Counting never waits and never fails: several processes add up in files of `PROMETHEUS_MULTIPROC_DIR`
(`dognbone/shared_counts.py`), a single one in its memory.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram

# In seconds: from an answer out of memory to Twilio's slowest.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Histogram(
    "dognbone_request_seconds",
    "From a request's arrival to the beginning of its answer, by what was asked and the kind of status.",
    ["part", "status"],
    buckets=SECONDS,
)
TOKENS = Histogram(
    "dognbone_token_seconds",
    "How long a token, or the refusal of one, took, by HTTP status and how it was handed over.",
    ["status", "handed"],
    buckets=SECONDS,
)
CHECKS = Histogram(
    "dognbone_check_seconds",
    "How long it took to judge credentials by asking Twilio, by verdict.",
    ["verdict"],
    buckets=SECONDS,
)
EVENTS = Counter("dognbone_device_events", "Reports of pages that were recorded, by state.", ["state"])
RATE_LIMITED = Counter("dognbone_rate_limited", "What was refused as too often, by limit.", ["limit"])
WEBHOOKS_REFUSED = Counter(
    "dognbone_webhooks_refused", "Requests to webhooks that were answered 403, by reason.", ["reason"]
)


class Timing:
    """What a block came to; set before it ends."""

    label = ""


@contextmanager
def timed(histogram: Histogram, name: str, **labels: str) -> Iterator[Timing]:
    """Observes how long the block takes, with what it sets as the label `name`; nothing where it raises."""
    timing, begun = Timing(), time.perf_counter()
    yield timing
    histogram.labels(**labels, **{name: timing.label}).observe(time.perf_counter() - begun)
