"""How much may be asked about one Twilio account at once, in this process.

Threads are everybody's. An account whose answers do not come keeps no more of them than its share, so that
the others' questions still find one. As long as answers come, who finds the share taken waits for a turn,
and a hundred people who reload at once are served in seconds; while they do not come, waiting would only
make it worse, and who asks is told at once that nothing was judged.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from accounts.twilio.rest import TwilioUnreachable

# Each asks up to four questions side by side; an answer mostly comes within 0.3 s.
SHARE = 8
# How long the oldest of a full share may have been under way before nobody waits for it any more.
PATIENCE_SECONDS = 2.0


class ShareTaken(TwilioUnreachable):
    """The account's share is taken, by questions that Twilio is slow to answer."""

    def __init__(self) -> None:
        super().__init__("share")


class Shares:
    """Who asks about which account; threads of one process share one of these."""

    def __init__(self, share: int = SHARE, patience: float = PATIENCE_SECONDS) -> None:
        self.share = share
        self.patience = patience
        self.begun: defaultdict[str, list[float]] = defaultdict(list)
        self.changed = threading.Condition()

    @contextmanager
    def hold(self, account_sid: str) -> Iterator[None]:
        """Waits for a turn and keeps it until the end of the block. Raises ShareTaken."""
        turn = self.take(account_sid)
        try:
            yield
        finally:
            self.give_back(account_sid, turn)

    def take(self, account_sid: str) -> float:
        with self.changed:
            while len(begun := self.begun[account_sid]) >= self.share:
                left = min(begun) + self.patience - time.monotonic()
                if left <= 0:
                    raise ShareTaken
                self.changed.wait(left)
            turn = time.monotonic()
            begun.append(turn)
            return turn

    def give_back(self, account_sid: str, turn: float) -> None:
        with self.changed:
            self.begun[account_sid].remove(turn)
            if not self.begun[account_sid]:
                del self.begun[account_sid]
            self.changed.notify_all()


SHARES = Shares()
# Sounds that are being played or fetched: each lasts for as long as somebody listens, so a full share is
# told at once, and they take no turn from the questions.
SOUND_SHARES = Shares(share=24, patience=1.0)
