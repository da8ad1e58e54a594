"""What is to be done with a call that comes in, step by step. Pure: rules and the time in, steps out.

A plan is made when the call arrives and kept with it (`progress.py`). Its last step needs nobody: a caller
always comes to an end that they hear.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from phone.hours import is_open

DEFAULT_SECONDS = 25
# https://www.twilio.com/docs/voice/twiml/dial#timeout; ten minutes is where Twilio's own limit is.
LEAST_SECONDS, MOST_SECONDS = 5, 600
NOBODY = "Nobody can take your call right now. Please try again later."
CLOSED = "We are closed right now. Please try again later."
FORWARD_SECONDS = 30

# {"do": "ring", "people": [user id, …] or None for everybody, "seconds"}, {"do": "forward", "to"},
# {"do": "voicemail"}, {"do": "say", "sentence"}, {"do": "refuse"}: for a caller who is blocked. A ring that
# `is_late` is for those who were woken while it rang for others. What stands behind LEFT is for a caller who
# has been answered, and was left.
Step = dict[str, Any]
LEFT: Step = {"do": "left"}
REFUSE: Step = {"do": "refuse"}


@dataclass(frozen=True)
class Fallback:
    """What becomes of a call that is not put through: `voicemail`, another `number`, or a `sentence`."""

    then: str = "sentence"
    number: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Rules:
    """What is to happen with calls to one number. `people` None: everybody of the connection."""

    people: tuple[int, ...] | None = None
    is_in_order: bool = False
    seconds: int = DEFAULT_SECONDS
    week: tuple[str, ...] = ()
    time_zone: str = "UTC"
    unanswered: Fallback = field(default_factory=Fallback)
    closed: Fallback = field(default_factory=Fallback)

    def is_open(self, now: datetime) -> bool:
        return is_open(self.week, self.time_zone, now)


@dataclass(frozen=True)
class Choice:
    """The step that is next, whom it rings, whose closed browsers it wakes, and who may be back in a moment.

    One that rings nobody waits for a page of those.
    """

    index: int
    people: tuple[int, ...] = ()
    asleep: tuple[int, ...] = ()
    back: tuple[int, ...] = ()

    @property
    def is_to_wait(self) -> bool:
        return not self.people and bool(self.asleep or self.back)


def build_plan(rules: Rules, now: datetime, *, may_forward: bool) -> list[Step]:
    """The steps for a call that arrives `now`. `may_forward` False: it was forwarded to us already."""
    if not rules.is_open(now):
        return build_fallback(rules.closed, CLOSED, may_forward=may_forward)
    return [
        *build_rings(rules),
        *build_fallback(rules.unanswered, NOBODY, may_forward=may_forward),
    ]


def build_rings(rules: Rules) -> list[Step]:
    if rules.people is None:
        groups: list[list[int] | None] = [None]
    elif rules.is_in_order:
        groups = [[person] for person in rules.people]
    else:
        groups = [list(rules.people)]
    return [{"do": "ring", "people": group, "seconds": rules.seconds} for group in groups]


def build_fallback(fallback: Fallback, sentence: str, *, may_forward: bool) -> list[Step]:
    said = {"do": "say", "sentence": fallback.sentence or sentence}
    if fallback.then == "voicemail":
        return [{"do": "voicemail"}]
    if fallback.then == "number" and fallback.number and may_forward:
        return [{"do": "forward", "to": fallback.number}, said]
    return [said]


def has_been_left(steps: Sequence[Step], step: int) -> bool:
    """Whether `step` is for a caller who has been answered and was left."""
    return LEFT in steps[: step + 1]


# Those of a step who are ready, and those who may be back in a moment.
Found = tuple[Sequence[int], Sequence[int]]


def nobody(people: list[int] | None) -> Sequence[int]:
    return ()


def choose_next(
    steps: Sequence[Step],
    after: int,
    find_ready: Callable[[list[int] | None], Found],
    find_asleep: Callable[[list[int] | None], Sequence[int]] = nobody,
) -> Choice:
    """The step that follows `after` (-1: the first). A ring is passed over where nobody is ready for it, nor
    may be back, nor can be woken. Whoever may be back is rung with those who are ready.
    """
    for index in range(after + 1, len(steps)):
        step = steps[index]
        if step["do"] != "ring":
            return Choice(index)
        ready, back = find_ready(step["people"])
        # Who was woken before is not woken again.
        asleep = () if step.get("is_late") else tuple(find_asleep(step["people"]))
        if ready:
            return Choice(index, (*ready, *back), asleep)
        if asleep or back:
            return Choice(index, (), asleep, tuple(back))
    # Twilio may ask what follows the last step, which is over then.
    return Choice(len(steps))


def add_late_ring(steps: list[Step], choice: Choice) -> None:
    """Whoever is woken while a step rings for others is rung after it, if they have come by then."""
    if choice.people and choice.asleep:
        seconds = steps[choice.index]["seconds"]
        late = {"do": "ring", "people": list(choice.asleep), "seconds": seconds, "is_late": True}
        steps.insert(choice.index + 1, late)
