"""Checks what a page reports of a test. What is refused is told what was seen and what was expected."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from phone.connection_tests.texts import CHECKS
from phone.device.frames import InvalidEvent, parse_frame, parse_uuid, read_time, show

MOST_BYTES = 4096
# No wait of a test is longer, and no percentage greater.
MOST_VALUE = 600_000
FIELDS = frozenset({"id", "page_session", "at", "is_in_call", "lines"})
LINE_FIELDS = frozenset({"check", "finding", "value"})


class InvalidTest(Exception):
    """`words` say what was seen and what was expected."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class Reported:
    """A checked report of a test."""

    test_id: uuid.UUID
    page_session: uuid.UUID
    tested_at: datetime
    is_in_call: bool
    lines: list[dict[str, Any]]


def read_test(body: bytes) -> Reported:
    """Raises InvalidTest."""
    if len(body) > MOST_BYTES:
        raise InvalidTest(f"A test of {len(body)} bytes; expected {MOST_BYTES} at most.")
    try:
        frame = parse_frame(body.decode())
        refuse_unknown(frame, FIELDS, "the test")
        test_id = read_uuid(frame, "id")
        return Reported(
            test_id=test_id,
            page_session=read_uuid(frame, "page_session"),
            tested_at=read_time(frame.get("at"), test_id),
            is_in_call=read_flag(frame.get("is_in_call")),
            lines=read_lines(frame.get("lines")),
        )
    except UnicodeDecodeError as error:
        raise InvalidTest("Not UTF-8; expected JSON.") from error
    except InvalidEvent as invalid:
        raise InvalidTest(invalid.reason) from invalid


def refuse_unknown(seen: dict[str, Any], known: frozenset[str], of_what: str) -> None:
    strange = sorted(seen.keys() - known)
    if strange:
        raise InvalidTest(f"A field {show(strange[0])} of {of_what}; expected {', '.join(sorted(known))}.")


def read_uuid(frame: dict[str, Any], name: str) -> uuid.UUID:
    value = parse_uuid(frame.get(name))
    if value is None:
        raise InvalidTest(f"{name} is {show(frame.get(name))}; expected a UUID.")
    return value


def read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidTest(f"is_in_call is {show(value)}; expected true or false.")
    return value


def read_lines(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 1 <= len(value) <= len(CHECKS):
        raise InvalidTest(f"lines is {show(value)}; expected a list of 1 to {len(CHECKS)} lines.")
    lines = [read_line(line) for line in value]
    if len({line["check"] for line in lines}) < len(lines):
        raise InvalidTest("Two lines of the same check; expected one for each.")
    return lines


def read_line(line: Any) -> dict[str, Any]:
    if not isinstance(line, dict):
        raise InvalidTest(f"A line is {show(line)}; expected an object.")
    refuse_unknown(line, LINE_FIELDS, "a line")
    slug, finding, value = (line.get(name) for name in ("check", "finding", "value"))
    check = CHECKS.get(slug) if isinstance(slug, str) else None
    if check is None:
        raise InvalidTest(f"check is {show(slug)}; expected one of {', '.join(CHECKS)}.")
    if not isinstance(finding, str) or check.get(finding) is None:
        expected = ", ".join(check.findings)
        raise InvalidTest(f"finding of {slug} is {show(finding)}; expected one of {expected}.")
    read = {"check": slug, "finding": finding}
    return read if value is None else {**read, "value": read_value(value, slug)}


def read_value(value: Any, slug: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= MOST_VALUE:
        raise InvalidTest(f"value of {slug} is {show(value)}; expected a number from 0 to {MOST_VALUE}.")
    return round(value, 2)
