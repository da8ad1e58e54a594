"""When something was, in the words and figures of the language that is spoken; UTC, as the server's clock."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext, npgettext_lazy

# "vor 2 Tagen", but "2 Tage": what is told as past bends the words of other languages.
PAST: dict[str, Any] = {
    "year": npgettext_lazy("ago", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("ago", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("ago", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("ago", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("ago", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("ago", "%(num)d minute", "%(num)d minutes", "num"),
}


def describe_ago(at: datetime, *, depth: int = 2) -> str:
    """`2 days, 3 hours ago`: as many units as `depth`, none smaller than a minute."""
    return gettext("{time} ago").format(time=timesince(at, time_strings=PAST, depth=depth))


def describe_past(at: datetime) -> str:
    """The same, but `just now` in the first minute."""
    is_fresh = timezone.now() - at < timedelta(minutes=1)
    return gettext("just now") if is_fresh else describe_ago(at)


def write_moment(at: datetime) -> str:
    """`2026-11-23 10:42:07`"""
    return date_format(at, "SHORT_MOMENT_FORMAT")


def write_minute(at: datetime) -> str:
    """`2026-11-23 10:42`"""
    return date_format(at, "SHORT_DATETIME_FORMAT")


def write_day(day: date) -> str:
    """`2026-11-23`"""
    return date_format(day, "SHORT_DATE_FORMAT")
