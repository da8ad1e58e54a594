"""A person's own days: the time zone of the browser that asks, which it names in a cookie."""

import re
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.translation import gettext as _

COOKIE = "time_zone"
NAME = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}")


def get_zone(request: HttpRequest) -> tzinfo:
    """The server's own where the cookie names none that is known here."""
    name = request.COOKIES.get(COOKIE, "").replace("%2F", "/")
    try:
        return ZoneInfo(name if NAME.fullmatch(name) else settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


def name_day(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    is_this_year = day.year == today.year
    return formats.date_format(day, "WEEKDAY_OF_YEAR_FORMAT" if is_this_year else "WEEKDAY_DAY_FORMAT")


def find_day(moment: datetime, zone: tzinfo) -> date:
    return timezone.localtime(moment, zone).date()
