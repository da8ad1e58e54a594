"""A timeline for reading: a section for each load of the page, narrowed down to some kinds of entries."""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from phone.timeline.kinds import KINDS
from phone.timeline.timeline import Entry, Timeline, mark_quiet

# What happened so shortly before a page's first sign of life led to it.
NEAR = timedelta(minutes=2)


@dataclass(frozen=True)
class Section:
    """The entries of one load of the page, oldest first; `number` 0: those of no page."""

    number: int
    page_session: uuid.UUID | None
    entries: list[Entry]

    @property
    def start(self) -> datetime:
        return self.entries[0].at

    @property
    def end(self) -> datetime:
        return self.entries[-1].at


def count_kinds(timeline: Timeline) -> dict[str, int]:
    """How many entries there are of each kind that occurs."""
    counts = Counter(entry.kind for entry in timeline.entries)
    return {kind: counts[kind] for kind in KINDS if counts[kind]}


def build_sections(timeline: Timeline, kinds: Collection[str] = ()) -> list[Section]:
    """The sections by when they begin; only entries of `kinds`, where any are named.

    Pauses are marked within each section, and only where all of it is shown.
    """
    entries = [entry for entry in timeline.entries if entry.kind != "gap" or entry.page_session]
    homes = find_homes(entries)
    by_page: dict[uuid.UUID | None, list[Entry]] = {}
    for entry, home in zip(entries, homes, strict=True):
        if not kinds or entry.kind in kinds:
            by_page.setdefault(home, []).append(entry)
    return [
        Section(timeline.pages[page] if page else 0, page, list(shown if kinds else mark_quiet(shown)))
        for page, shown in by_page.items()
    ]


def find_homes(entries: Sequence[Entry]) -> list[uuid.UUID | None]:
    """For each entry its page; for one of no page the only one that was there then, or came just after.

    A call or a sign-in does not say which tab it was.
    """
    spans: dict[uuid.UUID, tuple[datetime, datetime]] = {}
    for entry in entries:
        if entry.page_session:
            first, _ = spans.setdefault(entry.page_session, (entry.at, entry.at))
            spans[entry.page_session] = (first, entry.at)
    return [entry.page_session or find_only_page(entry.at, spans) for entry in entries]


def find_only_page(at: datetime, spans: dict[uuid.UUID, tuple[datetime, datetime]]) -> uuid.UUID | None:
    if len(spans) == 1:
        return next(iter(spans))
    there = [page for page, (first, last) in spans.items() if first <= at <= last]
    coming = [page for page, (first, _) in spans.items() if first - NEAR <= at < first]
    found = there or coming
    return found[0] if len(found) == 1 else None
