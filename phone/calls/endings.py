"""What became of a call, for one of those who made it or whose phone it rang."""

from dataclasses import dataclass

from django.db import models

from accounts.people import User
from phone.calls.call import Call
from phone.calls.records import ENDED

ANSWERED_ELSEWHERE = "answered_elsewhere"


@dataclass(frozen=True)
class Ending:
    """`words` are empty where the page's own will do; `is_settled`: nothing more is to be learnt."""

    words: str = ""
    cause: str = ""
    is_settled: bool = True


def get_calls_of(person: User) -> "models.QuerySet[Call]":
    """Those that `person` made, those that rang for them, and those they were brought into."""
    made = models.Q(user=person, direction=Call.Direction.OUTGOING)
    joined = models.Q(legs__user=person)
    return Call.objects.filter(made | models.Q(rung=person) | joined).select_related("user").distinct()


def describe_ending(call: Call, person: User) -> Ending:
    """What the caller was told instead of being connected; or who took the call that rang for `person`."""
    is_over = call.status in ENDED
    if call.user == person and call.direction == Call.Direction.OUTGOING:
        return Ending(call.ending, is_settled=is_over)
    if call.answered_at is None:
        return Ending(is_settled=is_over)
    return Ending(describe_who_answered(call, person), ANSWERED_ELSEWHERE)


def describe_who_answered(call: Call, person: User) -> str:
    """For `person` on a page that did not get the call."""
    # A colleague's call rings for nobody else, and its `user` is the one who made it.
    if call.direction == Call.Direction.OUTGOING or call.user == person:
        return "You answered on another page."
    return f"Answered by {call.user.display_name}." if call.user else "Answered by somebody else."
