"""Brings somebody else into a call: a number, a colleague. The others talk on while it rings there."""

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from phone.calls.legs import CallLeg
from phone.in_call.inviting import claim, invite
from phone.in_call.moving import move_into_conference
from phone.in_call.parts import Part
from phone.in_call.targets import MOST_KEYS, find_target

CONSULTING = _("You are asking somebody: complete that, or go back to the caller.")


def add(part: Part, *, typed: str, call_from: str) -> None:
    """Raises DeedRefused; the call goes on as it was then."""
    wanted = find_target(part, typed=typed, call_from=call_from, most_keys=MOST_KEYS)
    login = part.get_login()
    room = move_into_conference(part.call, login)
    leg = claim(part, room, wanted, CallLeg.Role.ADDED)
    invite(part, room, leg, wanted, login)


def why_not_add(part: Part) -> Words:
    if not part.is_in_it or not part.talking:
        return _("Nobody else is in this call yet.") if part.is_in_it else _("You are not in this call.")
    if part.neighbours:
        return _("You have two calls here. End one of them first.")
    if part.consulted:
        return CONSULTING
    return _("It is on hold: resume it first.") if all(leg.is_held for leg in part.talking) else ""
