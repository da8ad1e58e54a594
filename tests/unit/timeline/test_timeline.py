"""The order of a timeline: by the server's clock, with gaps marked and late reports where they belong."""

import uuid
from datetime import UTC, datetime, timedelta

from phone.device.events import DeviceEvent
from phone.durations import describe_duration
from phone.timeline.timeline import Entry, build_device_entries, build_timeline

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PAGE = uuid.UUID(int=1)


def report(
    seq: int, second: float, *, clock_off: float = 0, delay: float = 0, page: uuid.UUID = PAGE
) -> DeviceEvent:
    """Made `second` s after noon by a clock that is `clock_off` s fast; `delay` s on its way."""
    happened = NOON + timedelta(seconds=second)
    return DeviceEvent(
        pk=seq,
        seq=seq,
        page_session=page,
        state="ready",
        sdk_event="registered",
        reported_at=happened + timedelta(seconds=clock_off),
        received_at=happened + timedelta(seconds=delay),
    )


def test_a_late_report_stands_where_it_happened_whatever_the_browsers_clock() -> None:
    for clock_off in (0, 3600, -3600):
        events = [report(1, 0, clock_off=clock_off), report(2, 10, clock_off=clock_off, delay=240)]
        events.append(report(3, 20, clock_off=clock_off, delay=0))
        entries = sorted(build_device_entries(events), key=lambda entry: entry.at)
        assert [entry.order for entry in entries] == [1, 2, 3]
        assert [entry.late for entry in entries] == [None, timedelta(seconds=240), None]
        assert entries[1].at == NOON + timedelta(seconds=10)


def test_reports_that_never_arrived_are_marked() -> None:
    other = uuid.UUID(int=2)
    events = [report(1, 0), report(2, 1), report(5, 2), report(1, 3, page=other), report(3, 4, page=other)]
    timeline = build_timeline(build_device_entries(events))
    assert [entry.title for entry in timeline.entries if entry.tone == "gap"] == [
        "2 reports of this page never arrived",
        "1 report of this page never arrived",
    ]
    assert timeline.pages == {PAGE: 1, other: 2}
    assert timeline.entries[2].tone == "gap"


def test_a_long_silence_is_marked() -> None:
    entries = [Entry(NOON, "token", "a"), Entry(NOON + timedelta(minutes=72), "token", "b")]
    titles = [entry.title for entry in build_timeline(entries).entries]
    assert titles == ["a", "Nothing for 1 h 12 min", "b"]


def test_the_entry_nearest_to_the_moment_sought_is_marked() -> None:
    entries = [Entry(NOON + timedelta(seconds=second), "token", str(second)) for second in (0, 40, 90)]
    timeline = build_timeline(entries, sought=NOON + timedelta(seconds=50))
    assert [entry.title for entry in timeline.entries if entry.is_sought] == ["40"]
    assert build_timeline([], sought=NOON).entries == []


def test_durations_are_said_in_two_units_at_most() -> None:
    said = {0: "0 s", 8: "8 s", 200: "3 min 20 s", 7500: "2 h 5 min", 90061: "1 d 1 h"}
    for seconds, words in said.items():
        assert describe_duration(timedelta(seconds=seconds)) == words
