from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import RequestFactory

from accounts.time_zones import get_zone
from phone.recents.cursors import Cursor
from phone.recents.zones import find_day, name_day


def get(cookie: str, rf: RequestFactory) -> Any:
    request = rf.get("/")
    request.COOKIES["time_zone"] = cookie
    return get_zone(request)


@pytest.mark.parametrize(
    ("cookie", "name"),
    [
        ("Europe%2FBerlin", "Europe/Berlin"),
        ("America/Argentina/Salta", "America/Argentina/Salta"),
        ("UTC", "UTC"),
        ("", "UTC"),
        ("Mars/Olympus", "UTC"),
        ("../../etc/passwd", "UTC"),
        ("Europe", "UTC"),
        ("x" * 5000, "UTC"),
        ("\x00", "UTC"),
    ],
)
def test_the_browser_says_where_its_days_are(cookie: str, name: str, rf: RequestFactory) -> None:
    assert str(get(cookie, rf)) == name


def test_a_call_late_in_the_evening_is_of_another_day_elsewhere(rf: RequestFactory) -> None:
    late = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
    assert find_day(late, get("UTC", rf)) == date(2026, 11, 29)
    assert find_day(late, get("Europe%2FBerlin", rf)) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 2), "Today"),
        (date(2026, 1, 1), "Yesterday"),
        (date(2025, 12, 31), "Wednesday 31 December 2025"),
    ],
)
def test_days_have_names(day: date, name: str) -> None:
    assert name_day(day, date(2026, 1, 2)) == name


@pytest.mark.parametrize("text", ["", "1", "1.", "a.b", "1.2.3", "-1.2", "9" * 40 + ".1", "1.\x00", "１.２"])
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert Cursor.read(text) is None


def test_a_cursor_is_read_as_it_was_written() -> None:
    cursor = Cursor(datetime(2026, 11, 29, 12, 0, 0, 123456, tzinfo=UTC), 42)
    assert Cursor.read(str(cursor)) == cursor
