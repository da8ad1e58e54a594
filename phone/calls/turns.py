"""What Twilio tells of one call at once is taken one after the other, and who waits holds no connection.

All of it has to wait for the call's row, which is locked while it changes. Whoever waited there would have
one of this process's few database connections meanwhile; a call that rings on ten phones would have them all.
This only keeps them waiting in a better place: other processes have turns of their own, and what keeps the
rows true is their lock.
"""

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from accounts.outside import leave_database

# Twilio gives a webhook 15 s: https://www.twilio.com/docs/usage/webhooks/webhooks-faq.
LONGEST_WAIT = 5.0


@dataclass
class Turn:
    """Of one key: who has it, and how many have or want it."""

    taken: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class Turns:
    """One at a time for each key."""

    def __init__(self, longest_wait: float = LONGEST_WAIT) -> None:
        self.longest_wait = longest_wait
        self.turns: dict[Hashable, Turn] = {}
        self.lock = threading.Lock()

    @contextmanager
    def turn(self, key: Hashable) -> Iterator[None]:
        """Waits without a database connection; after `longest_wait` no longer."""
        with self.lock:
            turn = self.turns.setdefault(key, Turn())
            turn.users += 1
        is_taken = turn.taken.acquire(blocking=False)
        try:
            if not is_taken:
                leave_database()
                is_taken = turn.taken.acquire(timeout=self.longest_wait)
            yield
        finally:
            if is_taken:
                turn.taken.release()
            with self.lock:
                turn.users -= 1
                if not turn.users:
                    del self.turns[key]
