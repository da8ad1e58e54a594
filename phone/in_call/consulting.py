"""Talk first: somebody is asked while the first party waits with music; then the two are put through.

Whoever is asked and declines, is busy, or does not answer brings the person back to the first party, and so
does hanging up: `bring_back`, asked for by the callback that says so.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.tasks.background import background, enqueue
from accounts.translated import Words
from phone.calls.call import Call
from phone.calls.changes import tell_changed
from phone.calls.legs import CallLeg
from phone.calls.records import get_locked_call
from phone.in_call.asking import get_own_login
from phone.in_call.holding import hold_legs, refresh
from phone.in_call.inviting import claim, invite
from phone.in_call.leaving import end_legs, leave, let_go, note_ended
from phone.in_call.moving import move_into_conference
from phone.in_call.participants import end_leg
from phone.in_call.parts import Part
from phone.in_call.refusals import DeedRefused, NotPossible
from phone.in_call.rooms import get_live_calls, is_live, is_talking
from phone.in_call.targets import MOST_KEYS, find_target

Role = CallLeg.Role

NOBODY_ASKED = _("You are asking nobody.")
# A page that waits for the answer must not do by itself what the answer does.
SOON = timedelta(seconds=2)


def consult(part: Part, *, typed: str, call_from: str) -> None:
    """Raises DeedRefused; the first party is heard again then, at once or as soon as Twilio answers."""
    wanted = find_target(part, typed=typed, call_from=call_from, most_keys=MOST_KEYS)
    login = part.get_login()
    room = move_into_conference(part.call, login)
    leg = claim(part, room, wanted, Role.CONSULTED)
    try:
        hold_legs(login, room, [one for one in refresh(part.talking) if not one.is_held], is_held=True)
        invite(part, room, leg, wanted, login)
    except DeedRefused:
        cancel(part, leg)
        raise


def cancel(part: Part, leg: CallLeg) -> None:
    """Nobody is asked after all. A worker lets the first be heard: Twilio may not answer now."""
    let_go([leg])
    with transaction.atomic():
        note_ended(part, [leg])
        enqueue(bring_back, part.call.pk)


def complete(part: Part) -> None:
    """The first is heard again and the person leaves: the two talk on."""
    consulted = part.consulted
    leave(part)
    rename(part.call, consulted, Role.TRANSFERRED_TO)


def join(part: Part) -> None:
    """All talk with all."""
    room = part.call.conference
    if room is None:
        raise NotPossible(NOBODY_ASKED)
    hold_legs(part.get_login(), room, [leg for leg in part.talking if leg.is_held], is_held=False)
    rename(part.call, part.consulted, Role.ADDED)


def go_back(part: Part) -> None:
    """Whoever is asked is hung up on, and the first is heard again."""
    room = part.call.conference
    if room is None:
        raise NotPossible(NOBODY_ASKED)
    login, consulted = part.get_login(), part.consulted
    let_go(consulted)
    end_legs(login, consulted)
    with transaction.atomic():
        note_ended(part, consulted)
        # In case Twilio does not answer below.
        enqueue(bring_back, part.call.pk, after=SOON)
    hold_legs(login, room, [leg for leg in part.talking if leg.is_held], is_held=False)


@transaction.atomic
def rename(call: Call, legs: Sequence[CallLeg], role: "CallLeg.Role") -> None:
    row = get_locked_call(call.account, call.call_sid)
    if row is not None:
        CallLeg.objects.filter(pk__in=[leg.pk for leg in legs], role=Role.CONSULTED).update(role=role)
        tell_changed(row)


@background(tries=8, priority=50, lease=timedelta(seconds=60))
def bring_back(call_id: str) -> None:
    """Lets the first be heard again, once nobody is asked any more and somebody is there to talk to."""
    calls = Call.objects.select_related("account", "user", "conference")
    call = calls.filter(pk=uuid.UUID(str(call_id)), ended_at=None).first()
    if call is None or call.conference is None:
        return
    legs = [leg for leg in call.legs.select_related("call", "user") if is_live(leg)]
    held = [leg for leg in legs if leg.is_held]
    if any(leg.role == Role.CONSULTED for leg in legs) or not held or is_elsewhere(call):
        return
    agents = [leg for leg in legs if leg.user_id and is_talking(leg) and not leg.is_held]
    if agents:
        hold_legs(get_own_login(call.account, agents[0].user), call.conference, held, is_held=False)


def is_elsewhere(call: Call) -> bool:
    """Whether the person talks to another call in the same room meanwhile."""
    if call.conference is None:
        return False
    for other in get_live_calls(call.conference).exclude(pk=call.pk):
        legs = other.legs.filter(conference=call.conference, ended_at=None, is_held=False)
        if any(is_talking(leg) for leg in legs.select_related("call")):
            return True
    return False


@background(tries=6, priority=40, lease=timedelta(seconds=60))
def end_stray(leg_id: str) -> None:
    """Hangs up on somebody whom Twilio called although it had not answered that it would."""
    hang_up_on(leg_id)


def hang_up_on(leg_id: str) -> None:
    """Raises DeedRefused."""
    leg = CallLeg.objects.select_related("call__account", "call__user").filter(pk=uuid.UUID(str(leg_id)))
    found = leg.exclude(call_sid="").first()
    if found is not None:
        end_leg(get_own_login(found.call.account, found.call.user), found.call_sid)


def why_not_consult(part: Part) -> Words:
    if not part.is_in_it:
        return _("You are not in this call.")
    if not part.talking:
        return _("Nobody else is in this call yet.")
    if part.neighbours:
        return _("You have two calls here. End one of them first.")
    return _("You are asking somebody already.") if part.is_consulting else ""


def why_not_complete(part: Part) -> Words:
    reason = why_not_join(part)
    return reason or (_("You have another call in the same place.") if part.neighbours else "")


def why_not_join(part: Part) -> Words:
    if not part.is_in_it or not part.consulted:
        return NOBODY_ASKED
    if not any(is_talking(leg) for leg in part.consulted):
        return _("They have not answered yet.")
    return "" if part.is_consulting else _("The caller has hung up.")


def why_not_go_back(part: Part) -> Words:
    if not part.is_in_it or not part.consulted:
        return NOBODY_ASKED
    return "" if part.is_consulting else _("The caller has hung up.")
