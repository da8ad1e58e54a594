"""Checks what a page says over the socket. A report that is refused is told what was seen and expected."""

import json
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from phone.device.events import DeviceEvent

MAX_FRAME_CHARACTERS = 16_384
MAX_MESSAGE = 1000
# What JavaScript counts without loss (Number.MAX_SAFE_INTEGER) and the column of a code can hold.
MAX_SEQ = 2**53 - 1
MAX_CODE = 2**31 - 1
# A browser's clock may be years off and is recorded as it is; outside of these it is no clock at all.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)

SDK_EVENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")

NEEDED_FIELDS = ("id", "seq", "state", "sdk_event", "at")
STATES = frozenset(DeviceEvent.State.values)


def refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity, which Python reads but JSON (RFC 8259) does not know."""
    raise ValueError(f"{name} is not JSON")


# One for all frames: `json.loads` would make one for each.
DECODER = json.JSONDecoder(parse_constant=refuse_constant)


class InvalidEvent(Exception):
    """A frame that cannot be taken: `reason` in words, and the event's id where it could be read."""

    def __init__(self, reason: str, event_id: uuid.UUID | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.event_id = event_id


@dataclass(frozen=True)
class Report:
    """A checked `event` frame."""

    event_id: uuid.UUID
    seq: int
    state: str
    sdk_event: str
    code: int | None
    original_code: int | None
    message: str
    reported_at: datetime


def parse_frame(text: str | None) -> dict[str, Any]:
    """The JSON object of a text frame. Raises InvalidEvent for anything else."""
    if text is None:
        raise InvalidEvent("A binary frame; expected text.")
    if len(text) > MAX_FRAME_CHARACTERS:
        raise InvalidEvent(f"A frame of {len(text)} characters; expected {MAX_FRAME_CHARACTERS} at most.")
    try:
        frame = DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise InvalidEvent("Not JSON; expected an object.") from error
    if not isinstance(frame, dict):
        raise InvalidEvent(f"JSON {name_kind(frame)}; expected an object.")
    return frame


def parse_report(frame: dict[str, Any]) -> Report:
    """The checked fields of an `event` frame. Raises InvalidEvent.

    Without `code`, `original_code` or `message` there was none. A field that is not known here is a
    newer page's, and is passed over.
    """
    event_id = read_id(frame)
    require_fields(frame, event_id)
    if event_id is None:
        raise InvalidEvent(f"id is {show(frame['id'])}; expected a UUID.")
    return Report(
        event_id=event_id,
        seq=read_seq(frame["seq"], event_id),
        state=read_state(frame["state"], event_id),
        sdk_event=read_sdk_event(frame["sdk_event"], event_id),
        code=read_code(frame.get("code"), "code", event_id),
        original_code=read_code(frame.get("original_code"), "original_code", event_id),
        message=read_message(frame.get("message", ""), event_id),
        reported_at=read_time(frame["at"], event_id),
    )


def require_fields(frame: dict[str, Any], event_id: uuid.UUID | None) -> None:
    """Raises InvalidEvent unless an `event` frame has what no report can do without."""
    missing = [name for name in NEEDED_FIELDS if name not in frame]
    if missing:
        raise InvalidEvent(f"Without {', '.join(missing)}.", event_id)


def read_id(frame: dict[str, Any]) -> uuid.UUID | None:
    """The frame's id if it is a UUID, for the answer to name it by."""
    return parse_uuid(frame.get("id"))


def read_echo(frame: dict[str, Any]) -> uuid.UUID:
    """The id of an `echo` frame, which the page wants back to see how long that takes."""
    echo = read_id(frame)
    if echo is None:
        raise InvalidEvent(f"id is {show(frame.get('id'))}; expected a UUID.")
    return echo


def parse_uuid(value: Any) -> uuid.UUID | None:
    """A UUID written in the usual way, 36 characters; None for anything else."""
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return uuid.UUID(value)
    except ValueError:
        return None


def read_seq(value: Any, event_id: uuid.UUID) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEQ:
        raise InvalidEvent(f"seq is {show(value)}; expected a whole number from 0.", event_id)
    return value


def read_state(value: Any, event_id: uuid.UUID | None = None) -> str:
    if not isinstance(value, str) or value not in STATES:
        expected = ", ".join(DeviceEvent.State.values)
        raise InvalidEvent(f"state is {show(value)}; expected one of {expected}.", event_id)
    return value


def read_sdk_event(value: Any, event_id: uuid.UUID) -> str:
    if not isinstance(value, str) or not SDK_EVENT.fullmatch(value):
        raise InvalidEvent(f"sdk_event is {show(value)}; expected a name of 1 to 64 characters.", event_id)
    return value


def read_code(value: Any, name: str, event_id: uuid.UUID) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_CODE:
        raise InvalidEvent(f"{name} is {show(value)}; expected a whole number or null.", event_id)
    return value


def read_message(value: Any, event_id: uuid.UUID) -> str:
    if not isinstance(value, str):
        raise InvalidEvent(f"message is {show(value)}; expected text.", event_id)
    if len(value) > MAX_MESSAGE:
        raise InvalidEvent(f"message has {len(value)} characters; expected {MAX_MESSAGE} at most.", event_id)
    # PostgreSQL cannot store either of them.
    if "\x00" in value or LONE_SURROGATE.search(value):
        raise InvalidEvent("message holds a NUL or half of a surrogate pair; expected text.", event_id)
    return value


def read_time(value: Any, event_id: uuid.UUID) -> datetime:
    expected = "expected ISO 8601 with an offset, between 2000 and 2100"
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not EARLIEST <= at < LATEST:
        raise InvalidEvent(f"at is {show(value)}; {expected}.", event_id)
    return at.astimezone(UTC)


def name_kind(value: Any) -> str:
    names = {str: "text", bool: "true or false", int: "number", float: "number", list: "list"}
    return names.get(type(value), "null")


def show(value: Any) -> str:
    """A value as it was seen, cut short; a report carries no secret, but it may carry a novel."""
    shown = json.dumps(value)
    return shown if len(shown) <= 40 else f"{shown[:37]}…"
