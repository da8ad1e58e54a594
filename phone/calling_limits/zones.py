"""A company's day, by its own clock. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def get_day(time_zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(time_zone or "UTC")).date()
