"""What was asked of the REST API, without a secret in it."""

import re
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from fake_twilio.store import now

MOST_ENTRIES = 5000
# Anything of a secret's shape that was typed where a SID belongs.
SECRET = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{32}(?![0-9A-Za-z])")
SID = re.compile(r"(AC|SK)[0-9a-fA-F]{32}")


@dataclass
class Entry:
    """One request. `who` is the SID that signed in, `status` None where no answer was sent."""

    method: str
    host: str
    path: str
    who: str
    at: datetime = field(default_factory=now)
    status: int | None = None
    ms: float = 0.0
    faults: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat()}

    def as_line(self) -> str:
        status = "no answer" if self.status is None else self.status
        return f"{self.at:%H:%M:%S} {self.method} {self.host}{self.path} {self.who} {status} {self.ms:.0f} ms"


def hide_secrets(path: str) -> str:
    return SECRET.sub("(hidden)", path)


def show_username(username: str) -> str:
    """A user name that is a SID; anything else may be a secret in the wrong field."""
    return username if SID.fullmatch(username) else "(no SID)" if username else ""


@dataclass
class Journal:
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))
    # Prints each request as one line, for `--public-log`.
    is_printed: bool = False
    # How often it was emptied: a request that was still under way then is of the time before.
    volume: int = 0

    def add(self, entry: Entry, volume: int) -> None:
        """Keeps `entry`, which began in `volume`, unless the journal was emptied meanwhile."""
        if volume == self.volume:
            self.entries.append(entry)
        if self.is_printed:
            print(entry.as_line(), flush=True)

    def clear(self) -> None:
        self.entries.clear()
        self.volume += 1
