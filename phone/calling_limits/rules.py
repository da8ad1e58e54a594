"""Whether a call to a number may be made, and how long it may last. Pure: limits and what was used in.

Each call that begins is granted a time, which counts as used until it is known how long it was talked. So
calls that go on side by side never come to more than what is left together: each may take half of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from phone.calling_limits.kinds import FREE, ORDINARY, Target
from phone.hours import is_open

# Twilio ends every Dial after four hours: https://www.twilio.com/docs/voice/twiml/dial#timelimit.
LONGEST_SECONDS = 4 * 3600
# A grant is no shorter, where so much is left.
LEAST_SECONDS = 600
# With less left, nothing is begun.
WORTH_SECONDS = 60


@dataclass(frozen=True)
class Limits:
    """What a company's calls may be. `home`: the countries where it is at home; `countries`: others that it
    calls; `kinds`: of `SPECIAL` those that it calls. Minutes and new numbers are for a person and a day;
    `week` are the hours of calls abroad, by the clock of `time_zone`.
    """

    home: frozenset[str] = frozenset({"US"})
    countries: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    calls_at_once: int = 100
    calls_at_once_of_person: int = 10
    minutes: int = 600
    minutes_abroad: int = 240
    new_numbers: int = 200
    new_numbers_abroad: int = 30
    week: tuple[str, ...] = ()
    time_zone: str = "UTC"
    is_abroad_stopped: bool = False

    def is_abroad(self, target: Target) -> bool:
        return target.country not in self.home and not target.is_free_in(self.home)


@dataclass(frozen=True)
class Used:
    """What goes on at this moment, and what a person has used today; what is granted counts as used."""

    calls: int = 0
    calls_of_person: int = 0
    seconds: int = 0
    seconds_abroad: int = 0
    new_numbers: int = 0
    new_numbers_abroad: int = 0


@dataclass(frozen=True)
class Judgement:
    """`reason`: a name of `phone/calls/own_rules.py`, empty where the call may be made, for `seconds`."""

    reason: str = ""
    seconds: int = field(default=LONGEST_SECONDS)

    @property
    def is_allowed(self) -> bool:
        return not self.reason


def judge_number(target: Target, limits: Limits, now: datetime) -> str:
    """Why `target` is not called at all, now; "" where it may be."""
    if target.is_free_in(limits.home):
        return ""
    if target.kind not in (ORDINARY, FREE, *limits.kinds):
        return target.kind
    if target.country and target.country not in limits.home | limits.countries:
        return "country"
    if not limits.is_abroad(target):
        return ""
    if limits.is_abroad_stopped:
        return "abroad_stopped"
    return "" if is_open(limits.week, limits.time_zone, now) else "hours"


def judge_call(
    target: Target, limits: Limits, used: Used, *, is_new: bool, is_persons: bool, now: datetime
) -> Judgement:
    """Whether one more call may be made. `is_new`: nobody of the company has called the number before.

    One that nobody makes, because it came in and is forwarded, is not `is_persons`: who calls in decides how
    many there are and to whom is written in the rules, so that only what it may cost abroad is counted.
    """
    reason = judge_number(target, limits, now)
    if reason:
        return Judgement(reason, 0)
    is_abroad = limits.is_abroad(target)
    for name, is_reached in list_counts(limits, used, is_new, is_abroad, is_persons):
        if is_reached:
            return Judgement(name, 0)
    lefts = list_left(limits, used, is_abroad, is_persons)
    for name, left in lefts:
        if left < WORTH_SECONDS:
            return Judgement(name, 0)
    return Judgement("", min((grant(left) for _, left in lefts), default=LONGEST_SECONDS))


def list_counts(
    limits: Limits, used: Used, is_new: bool, is_abroad: bool, is_persons: bool
) -> Sequence[tuple[str, bool]]:
    company = ("calls_at_once", used.calls >= limits.calls_at_once)
    if not is_persons:
        return (company,)
    return (
        company,
        ("calls_at_once_of_person", used.calls_of_person >= limits.calls_at_once_of_person),
        ("new_numbers", is_new and used.new_numbers >= limits.new_numbers),
        (
            "new_numbers_abroad",
            is_new and is_abroad and used.new_numbers_abroad >= limits.new_numbers_abroad,
        ),
    )


def list_left(limits: Limits, used: Used, is_abroad: bool, is_persons: bool) -> Sequence[tuple[str, int]]:
    every = ("minutes", limits.minutes * 60 - used.seconds)
    abroad = ("minutes_abroad", limits.minutes_abroad * 60 - used.seconds_abroad)
    return tuple(left for left, counts in ((every, is_persons), (abroad, is_abroad)) if counts)


def grant(left: int) -> int:
    """How much of the `left` seconds a call may take that begins now."""
    return min(LONGEST_SECONDS, max(left // 2, min(left, LEAST_SECONDS)))
