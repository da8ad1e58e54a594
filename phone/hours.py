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

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_NAMES = (
    *(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")),
)
SHORT_DAY_NAMES = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
MIDNIGHT = 24 * 60
MOST_SPANS = 8
LONGEST_HOURS = 200
TIME = r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:([ap])\.?m\.?)?"
SPAN = re.compile(rf"{TIME}\s*(?:uhr\s*)?(?:[-‐‑‒–—−]|to|until|till|bis)\s*{TIME}(?:\s*uhr)?", re.IGNORECASE)
BETWEEN = re.compile(r"[,;&+\n]|\b(?:and|und)\b", re.IGNORECASE)
# As somebody may type it in any of the languages that the product has.
WHOLE_DAY = frozenset(
    {
        "24h",
        "24 h",
        "24 hours",
        "all day",
        "whole day",
        "open",
        "24 stunden",
        "ganztägig",
        "geöffnet",
        "offen",
    }
)
CLOSED = frozenset({"", "closed", "geschlossen", "zu", "-", "–"})


class BadHours(ValueError):
    """`str()` says what was seen, and what is expected, in the language that is spoken."""


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
        words = gettext(
            "This is {count} characters long, {most} at most; expected such as 9:00-12:30, 13:30-17:00."
        )
        raise BadHours(words.format(count=len(text), most=LONGEST_HOURS))
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
        words = gettext("These are {count} spans of time in one day, {most} at most.")
        raise BadHours(words.format(count=len(spans), most=MOST_SPANS))
    for one, following in zip(spans, spans[1:], strict=False):
        if one.is_overnight or following.opens < one.closes:
            raise BadHours(gettext("{one} and {other} overlap.").format(one=one, other=following))
    return spans


def read_span(text: str) -> Span:
    found = SPAN.fullmatch(text)
    if found is None:
        words = gettext("“{typed}” is no span of time; expected such as 9:00-12:30, 13:30-17:00.")
        raise BadHours(words.format(typed=show(text)))
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
        words = gettext("“{typed}” has a time that no clock shows; expected such as 9:00-12:30, 13:30-17:00.")
        raise BadHours(words.format(typed=show(text)))
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
