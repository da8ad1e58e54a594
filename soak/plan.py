"""Which faults come, in which order and how: made of the seed alone, so that the same seed makes the same."""

import random
from dataclasses import dataclass

# How often each comes among two hundred. Where fewer are asked for, those above come first.
SHARES = {
    "worker_killed_in_events": 7,
    "network_cut": 28,
    "worker_killed_in_webhook": 6,
    "task_worker_killed": 12,
    "postgresql_stopped": 9,
    "redis_stopped": 7,
    "page_reloaded": 27,
    "worker_killed_in_commit": 7,
    "worker_killed_in_token": 5,
    "connections_cut": 23,
    "disk_full": 4,
    "deploy": 2,
    "clock_jumped": 11,
    "tab_killed": 24,
    "twilio_dead": 4,
    "twilio_slow": 4,
    "twilio_limits": 4,
    "twilio_flaps": 4,
    "postgresql_crashed": 5,
    "redis_flushed": 10,
    "mail_silent": 4,
}
# At most once, at the beginning, because it lasts longer than all others.
LONG_CUT = "network_cut_for_long"
LONG_CUT_FROM = 100


@dataclass(frozen=True)
class Planned:
    """One fault. `chance` decides whatever else it needs to decide."""

    name: str
    chance: str

    def random(self) -> random.Random:
        return random.Random(self.chance)


def make_plan(seed: int, count: int) -> list[Planned]:
    """So many faults, of every kind there is where they suffice."""
    order = random.Random(seed)
    counts = share_out(count - (count >= LONG_CUT_FROM))
    names = [name for name, times in counts.items() for _ in range(times)]
    order.shuffle(names)
    if count >= LONG_CUT_FROM:
        names.insert(0, LONG_CUT)
    return [Planned(name, f"{seed}/{number}") for number, name in enumerate(names)]


def share_out(count: int) -> dict[str, int]:
    """How often each comes, one at least where they suffice, by d'Hondt's rule."""
    counts = dict.fromkeys(SHARES, 0)
    for name in list(SHARES)[:count]:
        counts[name] = 1
    for _ in range(count - len(SHARES)):
        name = max(SHARES, key=lambda name: SHARES[name] / (counts[name] + 1))
        counts[name] += 1
    return counts
