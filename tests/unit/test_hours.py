"""Opening hours: what people write, and when that is open, by the clock on the wall."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from phone.hours import BadHours, is_open, list_time_zones, read_spans, write_spans

OFFICE = ("09:00-12:30, 13:30-17:00",) * 5 + ("", "")


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("9-17", "09:00-17:00"),
        ("9:00-12:30, 13.30–17h00", "09:00-12:30, 13:30-17:00"),
        ("1:30 pm to 5 p.m. and 9am to noon".replace("noon", "12pm"), "09:00-12:00, 13:30-17:00"),
        ("  22:00 -  2:00 ", "22:00-02:00"),
        ("12am-12pm", "00:00-12:00"),
        ("8-24", "08:00-24:00"),
        ("24-6", "00:00-06:00"),
        ("all day", "00:00-24:00"),
        ("24h", "00:00-24:00"),
        ("closed", ""),
        ("9 bis 12 Uhr und 13:30 Uhr bis 17 Uhr", "09:00-12:00, 13:30-17:00"),
        ("8 Uhr - 18 Uhr", "08:00-18:00"),
        ("Ganztägig", "00:00-24:00"),
        ("Geschlossen", ""),
        ("", ""),
        (" , ", ""),
    ],
)
def test_what_people_write_is_understood(typed: str, written: str) -> None:
    assert write_spans(read_spans(typed)) == written
    assert write_spans(read_spans(written)) == written


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9-25", "a time that no clock shows"),
        ("9:60-10", "a time that no clock shows"),
        ("13pm-15", "a time that no clock shows"),
        ("nine to five", "“nine to five” is no span of time; expected such as 9:00"),
        ("9", "is no span of time"),
        ("9-17\x00", "is no span of time"),
        ("9-12, 11-15", "09:00-12:00 and 11:00-15:00 overlap"),
        ("22-2, 23-24", "overlap"),
        ("9-17" * 100, "400 characters long, 200 at most"),
        (",".join(f"{hour}-{hour + 1}" for hour in range(9)), "9 spans of time in one day"),
    ],
)
def test_what_is_none_is_refused_with_what_was_seen_and_what_is_expected(typed: str, said: str) -> None:
    with pytest.raises(BadHours, match=said):
        read_spans(typed)


@pytest.mark.parametrize(
    ("local", "is_so"),
    [
        ("2026-11-30 08:59", False),
        ("2026-11-30 09:00", True),
        ("2026-11-30 12:29", True),
        ("2026-11-30 12:30", False),
        ("2026-11-30 16:59", True),
        ("2026-11-30 17:00", False),
        ("2026-11-28 10:00", False),
    ],
)
def test_it_is_open_from_the_first_minute_to_before_the_last(local: str, is_so: bool) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert is_open(OFFICE, "Europe/Berlin", now) is is_so


@pytest.mark.parametrize(
    ("local", "is_so"),
    [
        ("2026-11-27 21:59", False),
        ("2026-11-27 22:00", True),
        ("2026-11-28 00:00", True),
        ("2026-11-28 01:59", True),
        ("2026-11-28 02:00", False),
        ("2026-11-28 22:00", False),
        # From Sunday into Monday.
        ("2026-11-29 23:59", True),
        ("2026-11-30 04:59", True),
        ("2026-11-30 05:00", False),
    ],
)
def test_hours_go_on_past_midnight_and_past_the_end_of_the_week(local: str, is_so: bool) -> None:
    week = ("", "", "", "", "22:00-02:00", "", "20:00-05:00")
    now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    assert is_open(week, "Asia/Tokyo", now) is is_so


@pytest.mark.parametrize(
    ("at", "is_so"),
    [
        # New York puts the clock back on 1 November 2026, and forward on 14 March 2027.
        (datetime(2026, 10, 30, 12, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 30, 13, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 2, 13, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 2, 14, 0, tzinfo=UTC), True),
        (datetime(2027, 3, 15, 12, 59, tzinfo=UTC), False),
        (datetime(2027, 3, 15, 13, 0, tzinfo=UTC), True),
    ],
)
def test_the_clock_on_the_wall_counts_when_it_is_put_back_or_forward(at: datetime, is_so: bool) -> None:
    assert is_open(OFFICE, "America/New_York", at) is is_so


def test_an_hour_that_comes_twice_is_open_both_times_and_one_that_is_left_out_closes_nothing() -> None:
    sunday = ("",) * 6 + ("01:00-01:30, 02:30-04:00",)
    for utc in (datetime(2026, 11, 1, 5, 10, tzinfo=UTC), datetime(2026, 11, 1, 6, 10, tzinfo=UTC)):
        assert is_open(sunday, "America/New_York", utc)
    assert not is_open(sunday, "America/New_York", datetime(2026, 11, 1, 6, 40, tzinfo=UTC))
    # In March the clock goes from 01:59 to 03:00.
    assert is_open(sunday, "America/New_York", datetime(2027, 3, 14, 7, 0, tzinfo=UTC))


def test_without_hours_it_is_always_open() -> None:
    assert is_open((), "UTC", datetime(2026, 1, 1, tzinfo=UTC))


def test_every_zone_that_is_offered_has_a_clock() -> None:
    zones = list_time_zones()
    assert {"UTC", "Europe/London", "America/Argentina/Buenos_Aires"} <= set(zones)
    assert not [zone for zone in zones if zone.startswith(("Etc/", "posix", "right"))]
    for zone in zones:
        is_open(OFFICE, zone, datetime(2026, 1, 1, tzinfo=UTC))
