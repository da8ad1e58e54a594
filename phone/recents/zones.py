"""Days as a person counts them, in a time zone of theirs."""

from datetime import date, datetime, timedelta, tzinfo

from django.utils import formats, timezone
from django.utils.translation import gettext as _


def name_day(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    is_this_year = day.year == today.year
    return formats.date_format(day, "WEEKDAY_OF_YEAR_FORMAT" if is_this_year else "WEEKDAY_DAY_FORMAT")


def find_day(moment: datetime, zone: tzinfo) -> date:
    return timezone.localtime(moment, zone).date()
