"""Hanging up for all, leaving the others to go on, and sending one away."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from accounts.twilio.rest import TwilioLogin
from phone.calls.changes import tell_changed
from phone.calls.legs import CallLeg
from phone.calls.records import get_locked_call
from phone.causes.facts import note_facts
from phone.in_call.holding import hold_legs
from phone.in_call.moving import find_pair
from phone.in_call.participants import end_conference, end_leg
from phone.in_call.parts import Part
from phone.in_call.refusals import NotPossible
from phone.in_call.rooms import is_live, is_talking, mark_over, settle_call, tell_room


def hang_up(part: Part) -> None:
    """Ends the call for everybody in it. Another call of the person's in the same room goes on.

    Who is only asked before a transfer, or is on hold while others talk, hangs up for themselves.
    """
    if part.call.ended_at is not None:
        return
    live = [leg for leg in part.legs if is_live(leg)]
    login = part.get_login()
    # Whoever is put aside has no say over who talks meanwhile.
    is_aside = part.is_guest or (part.is_held and len(live) > 2)
    if is_aside and part.mine is not None:
        end_own(part, part.mine, login)
        return
    if part.call.conference is None:
        end_dial(part, live, login)
        note_who_hung_up(part)
        return
    goes_on = bool(part.neighbours)
    ended = part.others if goes_on else live
    let_go(ended)
    if part.call.conference.conference_sid and not goes_on:
        end_conference(login, part.call.conference.conference_sid)
    # Also those whose phones still ring, or who are not in the room yet.
    end_legs(login, [leg for leg in ended if goes_on or leg.joined_at is None or not is_talking(leg)])
    note_who_hung_up(part)
    note_ended(part, ended)


@transaction.atomic
def note_who_hung_up(part: Part) -> None:
    """Twilio tells only that all were ended at once."""
    row = get_locked_call(part.call.account, part.call.call_sid)
    if row is None:
        return
    is_own = row.direction == row.Direction.OUTGOING and row.user_id == part.person.pk
    by = CallLeg.Role.CALLER if is_own else CallLeg.Role.CALLED
    note_facts(row, hung_up_by=by, ended_by=part.person.pk)
    tell_changed(row)


def end_dial(part: Part, live: list[CallLeg], login: TwilioLogin) -> None:
    """With the leg that dialled the other one ends, whether it talks or still rings."""
    if part.mine is not None:
        let_go([part.mine])
    parent, _ = find_pair(part.call, live)
    end_leg(login, (parent.call_sid if parent else "") or part.call.call_sid)


def leave(part: Part) -> None:
    """The person alone goes; the others, whoever was held, talk on with each other."""
    if part.mine is None or part.call.conference is None:
        raise NotPossible(_("You are not in a conference."))
    login = part.get_login()
    # Who is on hold themselves decides nothing about the others.
    held = [] if part.is_held else [leg for leg in part.talking if leg.is_held]
    hold_legs(login, part.call.conference, held, is_held=False)
    end_own(part, part.mine, login)


def end_own(part: Part, mine: CallLeg, login: TwilioLogin) -> None:
    let_go([mine])
    end_leg(login, mine.call_sid)
    note_sent_out(part, mine)
    note_ended(part, [mine])


@transaction.atomic
def note_sent_out(part: Part, leg: CallLeg) -> None:
    """The person has had `leg` leave the call, which goes on for the others."""
    row = get_locked_call(part.call.account, part.call.call_sid)
    if row is not None:
        note_facts(row, sent_out_by={**row.cause_facts.get("sent_out_by", {}), leg.label: part.person.pk})


def remove(part: Part, leg: CallLeg) -> None:
    """Sends one party away. Where nobody else is left, the call is over with that."""
    if not leg.call_sid:
        raise NotPossible(_("Twilio is just calling them."), _("Try again in a moment."))
    login = part.get_login()
    let_go([leg])
    end_leg(login, leg.call_sid)
    note_sent_out(part, leg)
    note_ended(part, [leg])


def end_legs(login: TwilioLogin, legs: Iterable[CallLeg]) -> None:
    for leg in legs:
        if leg.call_sid:
            end_leg(login, leg.call_sid)


@transaction.atomic
def let_go(legs: Iterable[CallLeg]) -> None:
    """Committed before Twilio is asked: whoever leaves now was not lost with a page."""
    CallLeg.objects.filter(pk__in=[leg.pk for leg in legs], let_go_at=None).update(let_go_at=timezone.now())


@transaction.atomic
def note_ended(part: Part, legs: Iterable[CallLeg]) -> None:
    """Twilio has ended them; their own callbacks follow."""
    row = get_locked_call(part.call.account, part.call.call_sid)
    if row is None:
        return
    mark_over(CallLeg.objects.select_related("call").filter(pk__in=[leg.pk for leg in legs]), timezone.now())
    settle_call(row)
    tell_changed(row)
    if row.conference is not None:
        tell_room(row.conference, but=row)


def why_not_hang_up(part: Part) -> Words:
    if part.mine is None or part.call.ended_at is not None:
        return _("You are not in this call.")
    # A call that nobody has answered is its caller's to end: it may ring for others, too.
    is_theirs = part.call.answered_at is None and part.mine.role == CallLeg.Role.CALLER
    return "" if is_theirs or part.is_in_it else _("It rings for you: decline it instead.")


def why_not_leave(part: Part) -> Words:
    if not part.is_in_it or part.call.conference_id is None:
        return _("You are not in a conference.")
    if part.neighbours:
        return _("You have another call in the same place.")
    return "" if len(part.talking) > 1 else _("Only one other is in this call: hang up instead.")


def why_not_remove(part: Part) -> Words:
    if not part.is_in_it or part.call.conference_id is None:
        return _("You are not in a conference.")
    return "" if len(part.others) > 1 else _("Only one other is in this call: hang up instead.")


def find_party(part: Part, wanted: str) -> CallLeg:
    """The other party whose leg's id is `wanted`. Raises NotPossible."""
    leg = next((one for one in part.others if str(one.pk) == wanted or one.pk.hex == wanted), None)
    if leg is None:
        raise NotPossible(_("They are not in this call any more."))
    return leg
