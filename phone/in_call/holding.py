"""Hold and resume: music for the others, and nobody hears anybody; or all together again."""

import time
import uuid
from collections.abc import Iterable, Sequence
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.outside import leave_database
from accounts.translated import Words
from accounts.twilio.rest import TwilioLogin, TwilioUnreachable
from accounts.twilio.side_by_side import ask_side_by_side
from phone.calls.changes import tell_changed
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.records import get_locked_call
from phone.in_call.moving import learn_participants, move_into_conference
from phone.in_call.participants import hold_participant
from phone.in_call.parts import Part
from phone.in_call.refusals import DeedRefused, NotPossible, TwilioAway, TwilioRefused
from phone.in_call.rooms import is_live, tell_room
from phone.in_call.twiml import build_music_address

# Within which somebody who was just moved or added has to be in the room.
JOIN_SECONDS = 3.0
AGAIN_SECONDS = 0.25


def hold(part: Part) -> None:
    """Everybody else in the call is held. Moves it into a room first where it is in none."""
    login = part.get_login()
    room = move_into_conference(part.call, login)
    hold_legs(login, room, [leg for leg in refresh(part.talking) if not leg.is_held], is_held=True)


def resume(part: Part) -> None:
    """Everybody in the call is heard again; another call of the person's in the room is held instead."""
    room = part.call.conference
    if room is None:
        raise NotPossible(_("This call is not on hold."))
    login = part.get_login()
    # First, so that the two never hear each other.
    for neighbour in part.neighbours:
        hold_legs(login, room, [leg for leg in neighbour.talking if not leg.is_held], is_held=True)
    hold_legs(login, room, find_to_resume(part), is_held=False)


def find_to_resume(part: Part) -> list[CallLeg]:
    """Who waits for a `resume`: while somebody is asked, the first waits for more than that."""
    held = [leg for leg in part.talking if leg.is_held]
    return [leg for leg in held if leg in part.consulted] if part.is_consulting else held


def hold_legs(login: TwilioLogin, room: Conference, legs: Iterable[CallLeg], *, is_held: bool) -> None:
    """Holds all of them at once, or lets them hear and be heard again.

    Waits for somebody who has not joined yet. Raises DeedRefused; a row is changed only once Twilio has
    done it.
    """
    waiting = list(legs)
    deadline = time.monotonic() + JOIN_SECONDS
    while waiting:
        if not room.conference_sid:
            learn_participants(room, login)
            room.refresh_from_db()
        refusals = ask_of_all(login, room, waiting, is_held=is_held)
        for leg in waiting:
            if leg.pk not in refusals:
                note_hold(leg, is_held)
        waiting = [leg for leg in waiting if leg.pk in refusals]
        for leg in waiting:
            refused = refusals[leg.pk]
            is_gone = isinstance(refused, TwilioRefused) and refused.is_gone
            if not is_gone or time.monotonic() > deadline or is_over(leg):
                raise refused
        if waiting:
            leave_database()
            time.sleep(AGAIN_SECONDS)


def ask_of_all(
    login: TwilioLogin, room: Conference, legs: Sequence[CallLeg], *, is_held: bool
) -> dict[uuid.UUID, DeedRefused]:
    """Of whom it was not done, by the leg, and why."""

    def ask(leg: CallLeg) -> DeedRefused | None:
        name, music = room.conference_sid or room.name, build_music_address()
        try:
            hold_participant(login, name, leg.call_sid, is_held=is_held, music=music)
        except DeedRefused as refused:
            return refused
        return None

    if len(legs) == 1:
        answers = {leg.pk: ask(leg) for leg in legs}
    else:
        try:
            answers = ask_side_by_side(login.account_sid, {leg.pk: partial(ask, leg) for leg in legs})
        except TwilioUnreachable as error:
            raise TwilioAway from error
    return {key: refused for key, refused in answers.items() if refused is not None}


@transaction.atomic
def note_hold(leg: CallLeg, is_held: bool) -> None:
    call = get_locked_call(leg.call.account, leg.call.call_sid)
    leg.refresh_from_db()
    if call is None or not is_live(leg) or leg.left_at is not None:
        return
    leg.is_held = is_held
    # Twilio knows them in the room, whether its word of that has come or not.
    leg.joined_at = leg.joined_at or timezone.now()
    leg.save(update_fields=["is_held", "joined_at"])
    tell_changed(call)
    if leg.conference is not None:
        tell_room(leg.conference, but=call)


def is_over(leg: CallLeg) -> bool:
    return not CallLeg.objects.filter(pk=leg.pk, ended_at=None).exists()


def refresh(legs: Iterable[CallLeg]) -> list[CallLeg]:
    """As they are now: a move has changed them."""
    return list(CallLeg.objects.filter(pk__in=[leg.pk for leg in legs]).select_related("call", "user"))


def why_not_hold(part: Part) -> Words:
    if not part.is_in_it:
        return _("You are not in this call.")
    if not part.talking:
        return _("Nobody else is in this call yet.")
    return _("It is on hold already.") if all(leg.is_held for leg in part.talking) else ""


def why_not_resume(part: Part) -> Words:
    if not part.is_in_it:
        return _("You are not in this call.")
    if find_to_resume(part):
        return ""
    return _("Go back to the caller, or join all.") if part.is_consulting else _("It is not on hold.")
