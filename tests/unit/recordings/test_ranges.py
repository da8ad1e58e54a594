"""Byte ranges as RFC 9110 has them."""

import pytest

from phone.recordings.ranges import (
    NotSatisfiable,
    Span,
    find_span,
    is_one_range,
    read_content_range,
    read_unsatisfied,
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-", Span(0, 99, 100)),
        ("bytes=0-0", Span(0, 0, 100)),
        ("bytes=10-19", Span(10, 19, 100)),
        ("bytes=10-1000", Span(10, 99, 100)),
        ("bytes=99-", Span(99, 99, 100)),
        ("bytes=-10", Span(90, 99, 100)),
        ("bytes=-1000", Span(0, 99, 100)),
        ("BYTES= 10 - 19 ", Span(10, 19, 100)),
        # Nonsense, several, and other units are ignored.
        ("", None),
        ("bytes", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=0-" + "9" * 400, None),
        ("bytes=٣-٤", None),
        ("bytes=0-1\x00", None),
    ],
)
def test_a_header_is_read_as_one_range_or_ignored(header: str, expected: Span | None) -> None:
    assert find_span(header, 100) == expected
    assert is_one_range(header) == (expected is not None)


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999999999-"])
def test_what_is_beyond_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        find_span(header, 100)


def test_nothing_of_an_empty_sound_can_be_asked_for() -> None:
    for header in ("bytes=0-", "bytes=-5"):
        with pytest.raises(NotSatisfiable):
            find_span(header, 0)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes 0-9/100", Span(0, 9, 100)),
        (" bytes 90-99/100 ", Span(90, 99, 100)),
        ("bytes 90-100/100", None),
        ("bytes 9-0/100", None),
        ("bytes 0-9/*", None),
        ("", None),
    ],
)
def test_what_a_part_says_of_itself(header: str, expected: Span | None) -> None:
    assert read_content_range(header) == expected


def test_how_long_the_whole_is_of_which_nothing_was_sent() -> None:
    assert read_unsatisfied("bytes */100") == 100
    assert read_unsatisfied("bytes */*") is None
