"""What became of a call, for one of those who made it or whose phone it rang."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.people import User
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.calls.records import ENDED
from phone.causes.cause import Cause, build_cause
from phone.causes.describing import BLOCKED, describe_cause, name_end, name_ends
from phone.causes.facts import find_hanger, is_blocked_for, is_taken
from phone.causes.hearing import choose_reports, get_reports_of

# Twilio's callbacks about the legs follow the end of the call within a moment.
SETTLING = timedelta(seconds=5)
# What befalls one of the two who talk.
OF_ONE_PAGE = ("connection_lost", "media_blocked")
TURNED_ROUND = {"hung_up": "other_hung_up", "other_hung_up": "hung_up"}
# Parts that somebody is given in a call that is going on.
JOINED_LATER = (CallLeg.Role.CONSULTED, CallLeg.Role.ADDED, CallLeg.Role.TRANSFERRED_TO)
MICROPHONE = {31208: "microphone_denied", 31401: "microphone_denied", 31402: "microphone_missing"}


@dataclass(frozen=True)
class Ending:
    """`cause` is empty while it is not known; `is_settled`: nothing more is to be learnt."""

    cause: Cause | None = None
    is_settled: bool = False

    def as_json(self) -> dict[str, Any]:
        empty = {"cause": "", "words": "", "remedy": "", "link": "", "link_name": ""}
        return {**(self.cause.as_json() if self.cause else empty), "is_settled": self.is_settled}


def get_calls_of(person: User) -> "models.QuerySet[Call]":
    """Those that `person` made, and those that rang for them or that they answered."""
    part = models.Q(user=person) | models.Q(rung=person) | models.Q(legs__user=person)
    return Call.objects.filter(part).select_related("user").distinct()


def describe_ending(call: Call, person: User, *, was_open: bool = False) -> Ending:
    """Why `call` is over for `person`. `was_open`: on the page that asks, they have talked."""
    if is_kept_from(call, person.pk, list(call.legs.all())):
        return Ending(build_cause("refused_here", "blocked_by_you"), is_settled=True)
    receiver = find_receiver(call, person)
    if receiver is not None:
        return Ending(build_cause("answered", "passed_on", to=name_end(receiver.address)), is_settled=True)
    by = find_who_sent_out(call, person.pk, list(call.legs.all()))
    if by is not None:
        return Ending(describe_sent_out(by, person), is_settled=True)
    was_open = was_open or any(is_taken(call, leg) for leg in call.legs.all() if leg.user_id == person.pk)
    if is_caller(call, person) or (call.answered_at is not None and was_open):
        return Ending(describe_own(call, person) if call.cause else None, is_settled(call))
    if call.answered_at is not None:
        return Ending(describe_who_answered(call, person), is_settled=True)
    if call.status not in ENDED or not call.cause:
        return Ending()
    return Ending(describe_missed(call, person), is_settled(call))


def find_cause_for(call: Call, person_id: int, legs: Sequence[CallLeg] = ()) -> str:
    """The slug alone, as `person_id` sees it in a list: of the row and the call's `legs`, without a query.

    "" while it is not known.
    """
    if is_kept_from(call, person_id, legs):
        return BLOCKED
    if is_out(call, person_id, legs):
        return "answered"
    if call.user_id == person_id and call.direction == Call.Direction.OUTGOING:
        return find_own_cause(call, person_id)
    own = [leg for leg in legs if leg.user_id == person_id]
    if any(leg.answered_at or is_taken(call, leg) for leg in own):
        return find_own_cause(call, person_id)
    if is_left_out(call, own, legs):
        return "voicemail" if has_message(call, person_id) else "missed"
    if call.answered_at is None:
        if has_message(call, person_id):
            return call.cause and "voicemail"
        return call.cause and find_missed_for(call, choose_reports(call, [leg.call_sid for leg in own]))
    is_mine = call.direction == Call.Direction.OUTGOING or call.user_id == person_id
    return call.cause if is_mine else "answered_elsewhere"


def is_kept_from(call: Call, person_id: int, legs: Iterable[CallLeg]) -> bool:
    """Whether they have blocked the caller, and no colleague has asked them into the call."""
    return is_blocked_for(call, person_id) and all(leg.user_id != person_id for leg in legs)


def find_missed_for(call: Call, reports: Iterable[dict[str, Any]]) -> str:
    """Of a call that was not answered, to one whose phone it rang. `reports` are their own pages'."""
    for report in reports:
        slug = MICROPHONE.get(report.get("original_code") or 0) or MICROPHONE.get(report.get("code") or 0)
        if slug:
            return slug
    # Nobody has missed it for want of somebody else's microphone.
    is_as_told = call.direction == Call.Direction.INCOMING and call.cause not in MICROPHONE.values()
    return call.cause if is_as_told else "missed"


def find_own_cause(call: Call, person_id: int) -> str:
    """For one who has talked: a message that was left for somebody else later is none of theirs."""
    people = call.cause_facts.get("voicemail_for")
    is_anothers = call.answered_at is not None and people is not None and person_id not in people
    return "answered" if call.cause == "voicemail" and is_anothers else call.cause


def has_message(call: Call, person_id: int) -> bool:
    """Whether a message has been left for them in particular."""
    return "voicemail" in call.cause_facts and person_id in call.cause_facts.get("voicemail_for", ())


def is_left_out(call: Call, own: Sequence[CallLeg], legs: Sequence[CallLeg]) -> bool:
    """Whether `own`, one person's legs, were of a call that went on already, and it goes on without them.

    Of those whom it rang for somebody who had been left in it, all have missed it unless one has taken it.
    """
    if any(leg.answered_at for leg in own):
        return False
    if any(leg.role in JOINED_LATER for leg in own):
        return True
    is_over = bool(own) and all(leg.ended_at for leg in own)
    return is_over and is_rung_again(call, own[-1].user_id) and find_who_took_it_up(call, legs) is None


def is_rung_again(call: Call, person_id: int | None) -> bool:
    """Whether it rang for them for somebody who was left in the call."""
    return person_id in call.cause_facts.get("rung_again", ())


def find_who_took_it_up(call: Call, legs: Sequence[CallLeg]) -> CallLeg | None:
    """Who answered for somebody who was left in the call: later than it was answered first."""
    rung = [leg for leg in legs if leg.role == CallLeg.Role.CALLED and is_rung_again(call, leg.user_id)]
    first = min((leg.answered_at for leg in legs if leg.answered_at), default=None)
    later = [
        leg
        for leg in rung
        if is_taken(call, leg) or (first is not None and leg.answered_at and leg.answered_at > first)
    ]
    return later[-1] if later else None


def is_caller(call: Call, person: User) -> bool:
    return call.direction == Call.Direction.OUTGOING and call.user_id == person.pk


def find_receiver(call: Call, person: User) -> CallLeg | None:
    """To whom `person` has put the call through: of one that came back, nobody."""
    return choose_receiver(call, person.pk, list(call.legs.all()))


def choose_receiver(call: Call, person_id: int, legs: Sequence[CallLeg]) -> CallLeg | None:
    """As `find_receiver`, of the call's `legs`."""
    if call.answered_at is None:
        return None
    own = [leg for leg in legs if leg.user_id == person_id]
    if not own or own[-1].let_go_at is None or any(leg.ended_at is None for leg in own):
        return None
    there = [leg for leg in legs if leg not in own and is_put_through(call, person_id, leg)]
    return next((leg for leg in reversed(there) if leg.answered_at or leg.ended_at is None), None)


def is_put_through(call: Call, person_id: int, leg: CallLeg) -> bool:
    """Whether `person_id` has put the others through to `leg`, whom they may have asked first."""
    by = call.cause_facts.get("brought_by", {}).get(leg.label)
    if leg.role == CallLeg.Role.CONSULTED:
        return by == person_id and leg.ended_at is None
    return leg.role == CallLeg.Role.TRANSFERRED_TO and by in (None, person_id)


def find_who_sent_out(call: Call, person_id: int, legs: Sequence[CallLeg]) -> int | None:
    """The key of whoever had `person_id` leave the call while the others went on: mostly they themselves."""
    own = [leg for leg in legs if leg.user_id == person_id]
    if not own or any(leg.ended_at is None for leg in own):
        return None
    found: int | None = call.cause_facts.get("sent_out_by", {}).get(own[-1].label)
    return found


def is_out(call: Call, person_id: int, legs: Sequence[CallLeg]) -> bool:
    """Whether the call is over for `person_id`, however long the others talk on."""
    is_sent_out = find_who_sent_out(call, person_id, legs) is not None
    return is_sent_out or choose_receiver(call, person_id, legs) is not None


def describe_sent_out(by: int, person: User) -> Cause:
    if by == person.pk:
        return build_cause("answered", "left")
    other = User.objects.filter(pk=by).first()
    return build_cause("answered", "removed", name=other.display_name if other else "")


def is_settled(call: Call) -> bool:
    """Whether the cause is known, and what may yet sharpen it has had its time."""
    if not call.cause or call.ended_at is None:
        return False
    if "dial" in call.cause_facts or "refusal" in call.cause_facts:
        legs = [leg.status in ENDED for leg in call.legs.all() if leg.role != leg.Role.CALLER]
        if all(legs) and (legs or not is_leg_awaited(call)):
            return True
    return timezone.now() - call.ended_at > SETTLING


def is_leg_awaited(call: Call) -> bool:
    """A Dial may be told of before the leg that it rang, which says how that was busy or did not answer."""
    is_outgoing = call.direction == Call.Direction.OUTGOING
    return is_outgoing and call.cause_facts.get("dial", {}).get("status") in ("busy", "no-answer")


def describe_own(call: Call, person: User) -> Cause:
    """For one of the two whose call it was. What is kept is told as the caller of a colleague sees it."""
    if find_own_cause(call, person.pk) != call.cause:
        return build_cause(find_own_cause(call, person.pk))
    is_called = call.direction == Call.Direction.OUTGOING and not is_caller(call, person)
    name = {"name": call.user.display_name} if is_called and call.user else {}
    if call.cause in OF_ONE_PAGE and call.answered_at and not get_reports_of(call, person.pk):
        return describe_cause(call, variant="other", **name)
    told = call.cause_facts.get("told", {}).get("variant", "")
    hanger = find_hanger(call, list(call.legs.all())) if told in TURNED_ROUND else None
    if hanger is not None:
        is_own = hanger.user_id == person.pk
        return describe_cause(
            call, variant="hung_up" if is_own else "other_hung_up", name=name_end(hanger.address)
        )
    if not is_called:
        return describe_cause(call)
    return describe_cause(call, variant=TURNED_ROUND.get(told, told), **name)


def describe_who_answered(call: Call, person: User) -> Cause:
    """For `person` on a page that did not get the call."""
    legs = list(call.legs.all())
    own = [leg for leg in legs if leg.user_id == person.pk]
    if is_left_out(call, own, legs):
        return describe_left_out(call, own)
    taker = find_who_took_it_up(call, legs) if is_rung_again(call, person.pk) else None
    if taker is not None and taker.user is not None and taker.user != person:
        return build_cause("answered_elsewhere", by=taker.user.display_name)
    # A colleague's call rings for nobody else, and its `user` is the one who made it.
    if call.direction == Call.Direction.OUTGOING or call.user_id == person.pk:
        return build_cause("answered_elsewhere", "own_page")
    return build_cause("answered_elsewhere", by=call.user.display_name if call.user else "")


def describe_left_out(call: Call, own: Sequence[CallLeg]) -> Cause:
    """For whoever was asked into a call that others have, and did not come."""
    if own and own[-1].user_id is not None and has_message(call, own[-1].user_id):
        return build_cause("voicemail")
    if all(leg.role not in JOINED_LATER for leg in own):
        is_incoming = call.direction == Call.Direction.INCOMING
        return build_cause("missed", name=name_end(call.from_address if is_incoming else call.to_address))
    return build_cause("missed", name=call.user.display_name if call.user else "")


def was_sent_away(call: Call, person: User) -> bool:
    """Whether `person` sent the caller to voicemail, who left no message there."""
    answered = call.cause_facts.get("answering", {})
    return answered.get("why") == "sent" and answered.get("by") == person.pk


def describe_missed(call: Call, person: User) -> Cause:
    """For `person`, whose phone rang and who did not take the call."""
    if has_message(call, person.pk):
        return build_cause("voicemail")
    reports = get_reports_of(call, person.pk)
    slug = find_missed_for(call, reports)
    if slug != "missed":
        return describe_cause(call) if slug == call.cause else build_cause(slug)
    if any(report.get("event") == "reject" for report in reports):
        return build_cause("missed", "declined_here")
    if was_sent_away(call, person):
        return build_cause("missed", "sent_away")
    if call.cause == "missed":
        return describe_cause(call)
    caller = call.user.display_name if call.user else ""
    is_incoming = call.direction == Call.Direction.INCOMING
    return build_cause("missed", name=name_ends(call)["name"] if is_incoming else caller)
