"""Opening hours: a text for each day of the week, read by the clock on the wall of a time zone. Pure.

A day's text holds spans such as `09:00-12:30, 13:30-17:00`; one whose end is not after its beginning goes
on past midnight. The clock on the wall is what people mean: where it is put forward or back, hours begin
and end by it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MIDNIGHT = 24 * 60
MOST_SPANS = 8
LONGEST_HOURS = 200
TIME = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:([ap])\.?m\.?)?"
SPAN = re.compile(rf"{TIME}\s*(?:[-‐‑‒–—−]|to|until|till)\s*{TIME}", re.IGNORECASE)
BETWEEN = re.compile(r"[,;&+\n]|\band\b", re.IGNORECASE)
WHOLE_DAY = frozenset({"24h", "24 h", "24 hours", "all day", "whole day", "open"})
CLOSED = frozenset({"", "closed", "-", "–"})
WANTED = "expected such as 9:00-12:30, 13:30-17:00"


class BadHours(ValueError):
    """`str()` says what was seen, and what is expected."""


@dataclass(frozen=True)
class Span:
    """Minutes of the day; what `closes` no later than it `opens` does so on the next day."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return f"{write_time(self.opens)}-{write_time(self.closes)}"

    @property
    def is_overnight(self) -> bool:
        return self.closes <= self.opens


def read_spans(text: str) -> list[Span]:
    """The spans of one day as somebody typed them, the earliest first. Raises BadHours."""
    if len(text) > LONGEST_HOURS:
        raise BadHours(f"This is {len(text)} characters long, {LONGEST_HOURS} at most; {WANTED}.")
    plain = " ".join(text.split()).casefold()
    if plain in CLOSED:
        return []
    if plain in WHOLE_DAY:
        return [Span(0, MIDNIGHT)]
    spans = sorted(
        (read_span(part.strip()) for part in BETWEEN.split(plain) if part.strip()),
        key=lambda span: span.opens,
    )
    if len(spans) > MOST_SPANS:
        raise BadHours(f"These are {len(spans)} spans of time in one day, {MOST_SPANS} at most.")
    for one, following in zip(spans, spans[1:], strict=False):
        if one.is_overnight or following.opens < one.closes:
            raise BadHours(f"{one} and {following} overlap.")
    return spans


def read_span(text: str) -> Span:
    found = SPAN.fullmatch(text)
    if found is None:
        raise BadHours(f"“{show(text)}” is no span of time; {WANTED}.")
    first, last = found.groups()[:3], found.groups()[3:]
    return Span(read_time(text, *first) % MIDNIGHT, read_time(text, *last))


def read_time(text: str, hour: str, minute: str | None, half: str | None) -> int:
    hours, minutes = int(hour), int(minute or 0)
    if half:
        is_possible = 1 <= hours <= 12
        hours = hours % 12 + (12 if half == "p" else 0)
    else:
        is_possible = hours <= 24
    if not is_possible or minutes > 59 or hours * 60 + minutes > MIDNIGHT:
        raise BadHours(f"“{show(text)}” has a time that no clock shows; {WANTED}.")
    return hours * 60 + minutes


def show(text: str) -> str:
    printable = "".join(letter for letter in text if letter.isprintable())
    return printable if len(printable) <= 30 else printable[:29] + "…"


def write_time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def write_spans(spans: Sequence[Span]) -> str:
    return ", ".join(map(str, spans))


def is_open(week: Sequence[str], time_zone: str, now: datetime) -> bool:
    """Whether `now` is within the hours of a `week` of seven texts; one without any is always open."""
    if not week:
        return True
    local = now.astimezone(ZoneInfo(time_zone))
    minute = local.hour * 60 + local.minute
    today, yesterday = read_spans(week[local.weekday()]), read_spans(week[local.weekday() - 1])
    return any(span.opens <= minute and (span.is_overnight or minute < span.closes) for span in today) or any(
        span.is_overnight and minute < span.closes for span in yesterday
    )


@lru_cache(maxsize=1)
def list_time_zones() -> tuple[str, ...]:
    """The zones that have a place in their name, and UTC."""
    places = (
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/"))
    )
    return ("UTC", *sorted(name for name in places if not name.startswith(("right/", "SystemV/", "US/"))))
