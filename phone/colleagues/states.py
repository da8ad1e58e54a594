"""How somebody is just now, as their colleagues see it. Pure. Not with whom they talk, nor since when."""

from enum import StrEnum


class State(StrEnum):
    FREE = "free"
    IN_CALL = "in_call"
    DO_NOT_DISTURB = "do_not_disturb"
    AWAY = "away"


WORDS = {
    State.FREE: "Free",
    State.IN_CALL: "In a call",
    State.DO_NOT_DISTURB: "Do not disturb",
    State.AWAY: "Away",
}
# Whom one can best talk to stands first.
ORDER = {state: place for place, state in enumerate(State)}


def decide_state(*, is_talking: bool, is_undisturbed: bool, is_there: bool) -> State:
    """Who talks is in a call, whatever else they want. The switch is told of those who are away, too: by it,
    a call does not ring for them, as the caller is told.
    """
    if is_talking:
        return State.IN_CALL
    if is_undisturbed:
        return State.DO_NOT_DISTURB
    return State.FREE if is_there else State.AWAY
