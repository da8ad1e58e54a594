"""Who is in a room, as far as Twilio has told; and when a call in one is over."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from phone.calls.call import Call
from phone.calls.changes import look_changed
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.calls.records import ENDED


def get_live_legs(room: Conference) -> list[CallLeg]:
    """The legs of a room that are not over, in it or on their way."""
    legs = CallLeg.objects.filter(conference=room, ended_at=None).select_related("call", "user")
    return [leg for leg in legs if is_live(leg)]


def is_live(leg: CallLeg) -> bool:
    return leg.ended_at is None and leg.status not in ENDED


def is_present(leg: CallLeg) -> bool:
    """In its room now."""
    return is_live(leg) and leg.joined_at is not None and leg.left_at is None


def is_talking(leg: CallLeg) -> bool:
    """Answered and not over. The caller's own leg is answered by whoever answers the call."""
    if not is_live(leg):
        return False
    if leg.role == CallLeg.Role.CALLER:
        return leg.call.answered_at is not None or leg.answered_at is not None
    return leg.answered_at is not None or leg.status == "in-progress"


def get_live_calls(room: Conference) -> "QuerySet[Call]":
    return Call.objects.filter(conference=room, ended_at=None)


def is_shared(call: Call) -> bool:
    """Whether another call goes on in the same room."""
    if call.conference is None:
        return False
    others = get_live_calls(call.conference).exclude(pk=call.pk)
    return others.filter(legs__ended_at=None, legs__conference=call.conference).exists()


def is_in_other(leg: CallLeg, call: Call) -> bool:
    """Whether a leg has stayed in a room that its own call has left."""
    return leg.conference_id is not None and leg.conference_id != call.conference_id


def tell_room(room: Conference, *, but: Call | None = None) -> None:
    """Says that what pages show of each call in a room has changed, because of somebody in another one.

    Their rows are another transaction's to change: nothing is kept of what is read of them here.
    """
    for call in get_live_calls(room):
        if but is None or call.pk != but.pk:
            look_changed.send(sender=Call, call=call)


def settle_call(call: Call) -> bool:
    """Ends `call`, which is locked, once nobody is left in it: whether it is over now.

    Of a call whose room is shared, one leg may be left that goes on in the other call.
    """
    if call.ended_at is not None:
        return True
    legs = list(call.legs.all())
    live = [leg for leg in legs if is_live(leg)]
    is_lent = (
        len(live) == 1 and live[0].user_id is not None and (is_shared(call) or is_in_other(live[0], call))
    )
    if live and not is_lent:
        return False
    ends = [leg.ended_at for leg in legs if leg.ended_at is not None]
    end_call(call, max(ends, default=timezone.now()))
    return True


def end_call(call: Call, at: datetime) -> None:
    call.status = "completed" if call.answered_at else call.status
    if call.status not in ENDED:
        call.status = "no-answer" if call.direction == Call.Direction.INCOMING else "canceled"
    call.ended_at = at
    call.save(update_fields=["status", "ended_at"])


def mark_over(legs: Iterable[CallLeg], at: datetime) -> None:
    """`legs` have ended, whether their own callbacks have come or not."""
    for leg in legs:
        if leg.ended_at is None:
            leg.status = leg.status if leg.status in ENDED else find_end(leg)
            leg.ended_at = at
        if leg.joined_at is not None:
            leg.left_at = leg.left_at or at
        leg.is_held = False
        leg.save(update_fields=["status", "ended_at", "left_at", "is_held"])


def find_end(leg: CallLeg) -> str:
    return "completed" if is_talking(leg) else "canceled"
