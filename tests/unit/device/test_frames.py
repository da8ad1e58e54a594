"""Which frames of a page are taken, and what is said of the others."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phone.device.frames import InvalidEvent, parse_frame, parse_report

EVENT_ID = "0f0e3c0a-6f3e-4e0e-9d5e-2f2d6d1c7a11"


def build_frame(**fields: Any) -> dict[str, Any]:
    return {
        "type": "event",
        "id": EVENT_ID,
        "seq": 1,
        "state": "ready",
        "sdk_event": "registered",
        "code": None,
        "original_code": None,
        "message": "",
        "at": "2026-11-23T10:42:00.123Z",
        **fields,
    }


def test_a_report_is_read_as_it_was_told() -> None:
    report = parse_report(build_frame(state="error", sdk_event="error", code=20101, original_code=31204))
    assert report.event_id == uuid.UUID(EVENT_ID)
    assert (report.code, report.original_code) == (20101, 31204)
    assert report.reported_at == datetime(2026, 11, 23, 10, 42, 0, 123000, UTC)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (None, "binary"),
        ("", "Not JSON"),
        ("{", "Not JSON"),
        ("[]", "list"),
        ("null", "null"),
        ('"event"', "text"),
        ("7", "number"),
        ("true", "true or false"),
        ('{"seq": NaN}', "Not JSON"),
        ('{"seq": -Infinity}', "Not JSON"),
        ("9" * 5000, "Not JSON"),
        ("[" * 16000, "Not JSON"),
        ('"' + "x" * 20000 + '"', "20002 characters"),
    ],
)
def test_what_is_no_json_object_is_refused_by_what_was_seen(text: str | None, seen: str) -> None:
    with pytest.raises(InvalidEvent) as refused:
        parse_frame(text)
    assert seen in refused.value.reason
    assert refused.value.event_id is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seq", -1),
        ("seq", 1.5),
        ("seq", True),
        ("seq", "1"),
        ("seq", None),
        ("seq", 2**53),
        ("state", "registered"),
        ("state", ""),
        ("state", None),
        ("state", ["ready"]),
        ("sdk_event", ""),
        ("sdk_event", None),
        ("sdk_event", "x" * 65),
        ("sdk_event", "two words"),
        ("sdk_event", "line\n"),
        ("code", "31202"),
        ("code", 31202.0),
        ("code", False),
        ("code", -1),
        ("code", 2**31),
        ("original_code", {}),
        ("message", None),
        ("message", 7),
        ("message", "x" * 1001),
        ("message", "nul\x00"),
        ("message", "half \ud83d"),
        ("at", ""),
        ("at", None),
        ("at", 1763894520),
        ("at", "yesterday"),
        ("at", "2026-11-23"),
        ("at", "2026-11-23T10:42:00"),
        ("at", "0001-01-01T00:00:00+14:00"),
        ("at", "9999-12-31T23:59:59-14:00"),
        ("at", "1999-12-31T23:59:59Z"),
        ("at", "2026-13-01T00:00:00Z"),
    ],
)
def test_a_wrong_field_is_refused_by_name_and_the_report_by_id(field: str, value: Any) -> None:
    with pytest.raises(InvalidEvent) as refused:
        parse_report(build_frame(**{field: value}))
    assert field in refused.value.reason
    assert refused.value.event_id == uuid.UUID(EVENT_ID)


@pytest.mark.parametrize("field", ["seq", "state", "sdk_event", "at"])
def test_a_missing_field_is_named(field: str) -> None:
    frame = build_frame()
    del frame[field]
    with pytest.raises(InvalidEvent) as refused:
        parse_report(frame)
    assert refused.value.reason == f"Without {field}."


def test_without_codes_and_message_there_were_none() -> None:
    frame = build_frame()
    for field in ("code", "original_code", "message"):
        del frame[field]
    assert parse_report(frame) == parse_report(build_frame())


def test_what_a_newer_page_says_beside_it_is_passed_over() -> None:
    assert parse_report(build_frame(identity="somebody", edge=["dublin"])) == parse_report(build_frame())


@pytest.mark.parametrize("value", ["", "7", None, 7, EVENT_ID.replace("-", ""), EVENT_ID + "\n", "z" * 36])
def test_an_id_that_is_no_uuid_is_refused(value: Any) -> None:
    with pytest.raises(InvalidEvent) as refused:
        parse_report(build_frame(id=value))
    assert refused.value.event_id is None


@settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from([*build_frame(), "other"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()),
    )
)
def test_anything_is_either_taken_or_refused_in_words(changes: dict[str, Any]) -> None:
    try:
        parse_report(parse_frame(json.dumps({**build_frame(), **changes})))
    except InvalidEvent as refused:
        assert refused.reason
