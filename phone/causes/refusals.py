"""Our own refusals to call, as causes: by the reason that `phone/calls/destinations.py` names."""

from collections.abc import Mapping
from typing import Any

from accounts.people import User
from phone.calls.destinations import CannotDial
from phone.calls.do_not_disturb import is_do_not_disturb
from phone.calls.reachability import is_reachable
from phone.causes.facts import build_refusal

# What is no number is no refusal of a rule of ours: `invalid_number`.
RULES: Mapping[str, tuple[str, str]] = {
    "emergency": ("refused_here", "emergency"),
    "sip": ("refused_here", "sip"),
    "yourself": ("refused_here", "yourself"),
    "several_people": ("refused_here", "several_people"),
    "may_not_call_out": ("refused_here", "member"),
    "may_not_call_abroad": ("refused_here", "abroad"),
    "no_number_for_you": ("caller_id_refused", "none_allowed"),
    "no_caller_id": ("caller_id_refused", "none"),
    # The company's own limits.
    "country": ("country_not_allowed", "here"),
    **dict.fromkeys(("premium", "shared_cost", "satellite"), ("refused_here", "premium")),
    **dict.fromkeys(("calls_at_once", "calls_at_once_of_person"), ("refused_here", "at_once")),
    **dict.fromkeys(("minutes", "minutes_abroad", "hours"), ("refused_here", "limit")),
    **dict.fromkeys(("new_numbers", "new_numbers_abroad"), ("refused_here", "limit")),
    "abroad_stopped": ("refused_here", "stopped"),
}

AWAY = build_refusal("nobody_available", "colleague")
UNDISTURBED = build_refusal("do_not_disturb", "colleague")


def find_refusal_of(colleague: User) -> dict[str, str] | None:
    """Why a colleague is not rung at all."""
    if is_do_not_disturb(colleague):
        return UNDISTURBED
    return None if is_reachable(colleague) else AWAY


def read_refusal(refused: CannotDial) -> dict[str, Any]:
    """The facts that say why a call is not made; `said` is what its sentence is made of."""
    return {"refusal": find_rule(refused), "said": {"reason": refused.reason, **refused.facts}}


def find_rule(refused: CannotDial) -> dict[str, str]:
    return build_refusal(*RULES.get(refused.reason, ("invalid_number", "typed")))
