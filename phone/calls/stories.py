"""What Twilio's list of calls says of one call and its legs, and what the call's row makes of it.

https://www.twilio.com/docs/voice/api/call-resource
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from phone.calls.call import Call
from phone.calls.records import (
    ANSWERED,
    ENDED,
    Leg,
    move_forward,
    note_answer,
    parse_timestamp,
    read_identity,
    read_number,
)

LIVE = ("queued", "ringing", "in-progress")
# How a Dial with several legs ended, the word that tells the most first.
UNANSWERED = ("busy", "no-answer", "failed")


@dataclass(frozen=True)
class Story:
    """A call's own status, its end if it is over, and the legs that it rang."""

    status: str
    ended_at: datetime | None
    legs: tuple[Leg, ...]


def read_story(call: Mapping[str, Any], legs: Iterable[Mapping[str, Any]]) -> Story:
    """From Twilio's JSON for a call and for its legs."""
    ended_at = read_time(call, "end_time")
    return Story(str(call.get("status")), ended_at, tuple(read_leg(leg) for leg in legs))


def read_leg(leg: Mapping[str, Any]) -> Leg:
    """A leg, with the time of its answer where it was answered."""
    return Leg(
        status=str(leg.get("status")),
        identity=read_identity(str(leg.get("to"))),
        at=find_answer(leg) or timezone.now(),
        error_code=None,
        call_sid=str(leg.get("sid") or ""),
        address=str(leg.get("to") or ""),
        ended_at=read_time(leg, "end_time"),
    )


def find_answer(leg: Mapping[str, Any]) -> datetime | None:
    """`duration` counts from the answer to the end; a leg that is going on has its start alone."""
    ended_at = read_time(leg, "end_time")
    seconds = read_number(str(leg.get("duration") or ""))
    if ended_at and seconds is not None:
        return ended_at - timedelta(seconds=seconds)
    return read_time(leg, "start_time")


def read_time(row: Mapping[str, Any], name: str) -> datetime | None:
    return parse_timestamp(str(row.get(name) or ""))


def take_story(call: Call, story: Story) -> None:
    """Changes `call`, which has not ended, to what its callbacks would have made of it."""
    for leg in story.legs:
        if leg.status in ANSWERED and call.answered_at is None:
            note_answer(call, leg)
            move_forward(call, "in-progress")
    if story.status in ENDED:
        call.status = "completed" if call.answered_at else find_unanswered(call, story)
        call.ended_at = story.ended_at or timezone.now()


def find_unanswered(call: Call, story: Story) -> str:
    """How a call ended that nobody answered."""
    found = {leg.status for leg in story.legs}
    for status in UNANSWERED:
        if status in found:
            return status
    if call.direction == Call.Direction.INCOMING:
        return "no-answer"
    # Without a leg of its own, whatever the caller heard was no answer.
    return "canceled" if found or story.status == "canceled" else "failed"
