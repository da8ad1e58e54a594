"""Whom somebody means who transfers a call, or brings another person into it."""

from collections.abc import Mapping

from phone.calls.call import Call
from phone.calls.destinations import CannotDial, Destination, find_destination, say
from phone.calls.parties import get_names, name_person
from phone.calls.reachability import is_reachable
from phone.in_call.parts import Part
from phone.in_call.refusals import DeedRefused, NotPossible
from phone.in_call.rooms import is_live

AWAY = "{name} cannot be reached right now. Nobody is at that phone."
HERE = "{name} is in this call already."
KEYS = "What stands behind the number cannot be dialled for you here."
# By the reason that `phone/calls/destinations.py` names; what is no number is no rule of ours.
CAUSES: Mapping[str, str] = {
    **dict.fromkeys(("emergency", "sip", "yourself", "several_people", "premium", "limit"), "refused_here"),
    "no_caller_id": "caller_id_refused",
    "country": "country_not_allowed",
}


def find_target(part: Part, *, typed: str, call_from: str, takes_keys: bool) -> Destination:
    """Where `typed` leads, of those who are not in the call yet. Raises DeedRefused.

    `takes_keys`: whether digits can be dialled once the number has answered.
    """
    try:
        found = find_destination(
            caller=part.person,
            account=part.call.account,
            typed=typed,
            caller_id=call_from or find_own_number(part.call),
        )
    except CannotDial as refused:
        cause = CAUSES.get(refused.reason, "invalid_number")
        raise DeedRefused(422, cause, refused.sentence, "Check what you typed.") from refused
    refuse_who_is_here(part, found)
    if found.colleague and not is_reachable(found.colleague):
        away = AWAY.format(name=say(found.colleague.display_name))
        raise DeedRefused(422, "nobody_available", away, "Try somebody else.")
    if found.after and not takes_keys:
        raise DeedRefused(422, "refused_here", KEYS, "Leave it out, and use the keypad once they answer.")
    return found


def find_own_number(call: Call) -> str:
    """The number of the account's that the call came in on: whoever is called next sees the same."""
    return call.to_address if call.direction == Call.Direction.INCOMING else ""


def refuse_who_is_here(part: Part, wanted: Destination) -> None:
    """Raises NotPossible for somebody who is in the call, or whom it rings."""
    legs = [leg for one in (part, *part.neighbours) for leg in one.legs if is_live(leg)]
    if any(leg.address == wanted.address for leg in legs) or (
        wanted.colleague and any(leg.user_id == wanted.colleague.pk for leg in legs)
    ):
        raise NotPossible(HERE.format(name=name_target(wanted)))


def name_target(wanted: Destination) -> str:
    return name_person(wanted.address, get_names([wanted.address]))
