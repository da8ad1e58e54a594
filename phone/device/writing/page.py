"""One open page, and how it stands in the database as far as this worker knows."""

import time
import uuid
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field

from accounts.clients import ClientInfo
from accounts.people import User
from phone.device.presence import SILENT_AFTER, Known

# Heartbeats come every 15 s. A page of which nothing was heard for longer may have been missed by somebody.
HEARD_LATELY_SECONDS = SILENT_AFTER.total_seconds() / 2


@dataclass(eq=False, slots=True)
class Page:
    """Whose page it is, and what of it was written last. One for each socket, so that it ends with that."""

    user: User
    page_session: uuid.UUID
    client: ClientInfo
    # In whose language, and under whose name in the log, something is done for it alone.
    context: Context = field(default_factory=copy_context)
    # None until this worker has written it: whatever it says first is written at once.
    known: Known | None = None
    heard_at: float = field(default_factory=time.monotonic)
    # How many of its words are on their way to the database.
    waiting: int = 0
    # What `heartbeats.py` asks for where the page is not as it was known: its state written at once.
    say_again: Callable[[str | None], None] | None = None

    def is_as_known(self, state: str | None, is_spare: bool | None = None) -> bool:
        """Whether a page that says this, None where it says nothing of it, is as it was written last."""
        known = self.known
        return (
            known is not None
            and (state is None or state == known.state)
            and (is_spare is None or is_spare == known.is_spare)
        )

    def is_heard_lately(self) -> bool:
        return time.monotonic() - self.heard_at < HEARD_LATELY_SECONDS
