"""What looks like misuse in the calls abroad of one person within an hour. Pure.

Who has stolen a login calls numbers of which a share of the price is theirs: many of them, at once, one after
the other in a range, shortly, and at night when nobody looks.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WITHIN = timedelta(hours=1)
# So many numbers of one range, which differ in the last two digits alone.
SEQUENTIAL = 5
# So many calls to one range of ten thousand that were answered, and over after so many seconds.
SHORT_CALLS, SHORT_SECONDS = 10, 20
# So many numbers that are not allowed, tried all the same.
REFUSED = 10
# So many new numbers between these hours, by the company's clock.
NIGHT_CALLS, NIGHT = 3, (23, 5)


@dataclass(frozen=True)
class Attempt:
    """A call abroad that was asked for; `seconds`: how long it was talked, None while that is not known."""

    at: datetime
    number: str
    is_new: bool = True
    is_allowed: bool = True
    seconds: int | None = None


def find_pattern(attempts: Sequence[Attempt], *, new_numbers: int, time_zone: str, now: datetime) -> str:
    """The name of what is out of the ordinary in `attempts`, the newest with them; "" where nothing is.

    `new_numbers`: from how many on they are too many. `time_zone` "": by night is not known.
    """
    lately = [one for one in attempts if now - WITHIN < one.at <= now]
    made = [one for one in lately if one.is_allowed]
    if has_sequence([one.number for one in lately]):
        return "sequential"
    if has_short_calls(made):
        return "short_calls"
    new = {one.number for one in made if one.is_new}
    if len(new) >= new_numbers:
        return "new_numbers"
    if len({one.number for one in lately if not one.is_allowed}) >= REFUSED:
        return "refused"
    by_night = {one.number for one in made if one.is_new and is_night(one.at, time_zone)}
    return "night" if len(by_night) >= NIGHT_CALLS else ""


def has_sequence(numbers: Sequence[str]) -> bool:
    ranges = Counter(number[:-2] for number in set(numbers))
    return max(ranges.values(), default=0) >= SEQUENTIAL


def has_short_calls(made: Sequence[Attempt]) -> bool:
    short = [one for one in made if one.seconds and one.seconds < SHORT_SECONDS]
    ranges = Counter(one.number[:-4] for one in short)
    return max(ranges.values(), default=0) >= SHORT_CALLS


def is_night(at: datetime, time_zone: str) -> bool:
    if not time_zone:
        return False
    hour, (begins, ends) = at.astimezone(ZoneInfo(time_zone)).hour, NIGHT
    return hour >= begins or hour < ends
