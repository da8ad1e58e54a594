"""How somebody is just now, as their colleagues see it. Pure. Not with whom they talk, nor since when."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words


class State(StrEnum):
    FREE = "free"
    IN_CALL = "in_call"
    DO_NOT_DISTURB = "do_not_disturb"
    AWAY = "away"


WORDS: Mapping[State, Words] = {
    State.FREE: _("Free"),
    State.IN_CALL: _("In a call"),
    State.DO_NOT_DISTURB: _("Do not disturb"),
    State.AWAY: _("Away"),
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
