"""What is left of the time that a leg was granted, for whoever takes it out of the Dial that ends it."""

from django.utils import timezone

from phone.calling_limits.placed_calls import PlacedCall
from phone.calling_limits.rules import LONGEST_SECONDS
from phone.calling_limits.settling import find_leg, is_placed
from phone.calls.legs import CallLeg

# "You can use any value between just one minute, all the way up to that 24 hour limit":
# https://www.twilio.com/en-us/blog/introducing-configurable-call-limits-for-programmable-voice
LEAST_TOLD = 60


def find_time_left(leg: CallLeg) -> int | None:
    """Seconds, from now on, for the TimeLimit of an update of `leg`; None where it has no limit of ours.

    Twilio does not say whether it counts an update's limit from then or from the call's beginning. From
    the beginning on, a call ends early by this; the other way round it would never end.
    """
    if not is_placed(leg):
        return None
    rows = PlacedCall.objects.allowed().filter(call_sid=leg.call.call_sid, ended_at=None)
    legs = list(leg.call.legs.all())
    for row in rows:
        found = find_leg(row, legs)
        if found is not None and found.pk == leg.pk and row.granted_seconds < LONGEST_SECONDS:
            began = found.answered_at or found.joined_at or row.begun_at
            used = (timezone.now() - began).total_seconds()
            return max(LEAST_TOLD, int(row.granted_seconds - used))
    return None
