"""A place in the list of recent calls that stays while newer ones arrive: `<microseconds>.<id>`."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from phone.recents.recent_call import RecentCall, RecentCallQuerySet

CURSOR = re.compile(r"(\d{1,16})\.(\d{1,18})", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    started_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.started_at - EPOCH) // timedelta(microseconds=1)}.{self.id}"

    @classmethod
    def of(cls, row: RecentCall) -> "Cursor":
        return cls(row.started_at, row.pk)

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """None for anything that is no cursor: the list begins at its beginning then."""
        found = CURSOR.fullmatch(text)
        return cls(EPOCH + timedelta(microseconds=int(found[1])), int(found[2])) if found else None

    def older(self, rows: RecentCallQuerySet) -> RecentCallQuerySet:
        """Those after this one in the list."""
        # The first condition alone is the range that the index is read by.
        return rows.filter(started_at__lte=self.started_at).exclude(
            started_at=self.started_at, pk__gte=self.id
        )

    def down_to(self, rows: RecentCallQuerySet) -> RecentCallQuerySet:
        """Those before it, and itself."""
        return rows.filter(started_at__gte=self.started_at).exclude(
            started_at=self.started_at, pk__lt=self.id
        )
