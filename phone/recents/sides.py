"""A call as it looks from one person's side: who was at the other end, and what became of it for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.people import User
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.calls.records import ENDED, read_identity
from phone.causes.describing import BLOCKED
from phone.causes.endings import JOINED_LATER, find_cause_for, is_out
from phone.causes.facts import is_taken

MISSED = "missed"
VOICEMAIL = "voicemail"
ANSWERED = "answered"
ANSWERED_ELSEWHERE = "answered_elsewhere"
# Until its cause is known, and for calls from before there were causes: by Twilio's last word of it.
BY_STATUS = {
    "completed": ANSWERED,
    "busy": "busy",
    "no-answer": "no_answer",
    "canceled": "canceled",
    "failed": "unclear",
}


@dataclass(frozen=True)
class Side:
    """What of a row of recent calls the call itself tells."""

    direction: str
    address: str
    our_number: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    cause: str
    is_missed: bool


def build_side(call: Call, person: User, legs: Sequence[CallLeg]) -> Side:
    """`legs` are the call's, all of them."""
    own = [leg for leg in legs if leg.user_id == person.pk]
    cause = find_cause_for(call, person.pk, legs)
    # Who has left a call is told how long they were in it, and not how long the others talked on.
    is_left = is_out(call, person.pk, legs)
    ended_at = max(leg.ended_at for leg in own if leg.ended_at) if is_left else call.ended_at
    if call.direction == Call.Direction.OUTGOING and call.user_id == person.pk:
        return build_calling_side(call, cause, ended_at)
    later = next((leg for leg in own if leg.role in JOINED_LATER), None)
    if later is not None:
        return build_joining_side(call, cause, later)
    has_talked = any(leg.answered_at or is_taken(call, leg) for leg in own)
    return build_called_side(call, cause, ended_at, has_talked=has_talked)


def build_calling_side(call: Call, cause: str, ended_at: datetime | None) -> Side:
    return Side(
        direction=Call.Direction.OUTGOING,
        address=call.to_address,
        our_number=call.caller_id,
        started_at=call.started_at,
        answered_at=call.answered_at,
        ended_at=ended_at,
        cause=cause or (find_by_status(call) if call.status in ENDED else ""),
        is_missed=False,
    )


def build_called_side(call: Call, cause: str, ended_at: datetime | None, *, has_talked: bool) -> Side:
    """`has_talked`: the person themselves, whatever others did."""
    is_over = call.status in ENDED
    was_taken = call.answered_at is not None
    is_left = cause == MISSED or (cause == VOICEMAIL and not has_talked)
    is_taken_here = was_taken and not is_left and cause not in (ANSWERED_ELSEWHERE, BLOCKED)
    return Side(
        direction=Call.Direction.INCOMING,
        address=call.from_address,
        our_number=call.to_address if call.direction == Call.Direction.INCOMING else "",
        started_at=call.started_at,
        answered_at=call.answered_at if is_taken_here else None,
        ended_at=ended_at,
        cause=cause or (find_end(is_taken=was_taken) if is_over else ""),
        is_missed=is_left or (is_over and not was_taken and cause != BLOCKED),
    )


def build_joining_side(call: Call, cause: str, leg: CallLeg) -> Side:
    """Of somebody who was consulted, added, or whom the call was passed on to."""
    is_incoming = call.direction == Call.Direction.INCOMING
    is_over = leg.status in ENDED or call.status in ENDED
    is_taken = leg.answered_at is not None
    return Side(
        direction=Call.Direction.INCOMING,
        address=call.from_address if is_incoming else call.to_address,
        our_number=call.to_address if is_incoming else call.caller_id,
        # The row keeps its place in the list, whenever they were asked.
        started_at=leg.asked_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at or call.ended_at,
        cause=(cause or find_end(is_taken=is_taken)) if is_over else "",
        is_missed=is_over and not is_taken and leg.role == CallLeg.Role.TRANSFERRED_TO,
    )


def find_end(*, is_taken: bool) -> str:
    return ANSWERED if is_taken else MISSED


def find_by_status(call: Call) -> str:
    if call.answered_at is not None:
        return ANSWERED
    return BY_STATUS.get(call.status, "unclear")


def name_other_end(address: str, people: dict[str, User]) -> tuple[str, str]:
    """What the other end is called, and its e-mail address if it is one of ours; "" for whatever else,
    which is said when it is read.

    `people` by identity.
    """
    person = people.get(read_identity(address))
    if person is not None:
        return person.display_name, person.email
    return "", ""
