"""The end of rings that followed: Twilio ends none of them with the others, so they are hung up on by us."""

import uuid
from functools import partial

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.tasks.background import enqueue
from phone.calls.call import Call
from phone.calls.changes import call_changed
from phone.calls.legs import CallLeg
from phone.causes.facts import FOLLOWS, LOST, find_first
from phone.in_call.consulting import end_stray, hang_up_on
from phone.in_call.following.rings import is_in_vain, is_over, is_ringing_still
from phone.in_call.following.threads import at_once, get_threads
from phone.in_call.rooms import mark_over


@receiver(call_changed, dispatch_uid="rings that followed")
def hear_changed(sender: object, call: Call, **kwargs: object) -> None:
    """Twilio ends no ring that followed with the others: where nobody waits any more, it is hung up on.

    Heard inside the transaction that changes the call.
    """
    follows, lost = call.cause_facts.get(FOLLOWS, {}), call.cause_facts.get(LOST, {})
    if not follows and not lost:
        return
    every = list(call.legs.select_related("call"))
    legs = {leg.call_sid: leg for leg in every if leg.call_sid}
    # To decline in one page is to decline in all.
    declined = {find_first(call, leg) for leg in every if leg.status == "busy"}
    for leg in every:
        if is_ringing_still(leg) and find_first(call, leg) in declined:
            let_go_of(leg)
            continue
        if leg.label in lost and is_ringing_still(leg) and is_in_vain(call, leg):
            # Its end was told, and put off for a page that need not come any more.
            mark_over([leg], timezone.now())
            continue
        if leg.label not in follows or leg.conference_id is not None or not is_ringing_still(leg):
            continue
        waiting = legs.get(leg.parent_call_sid)
        if waiting is None or is_over(call, waiting):
            let_go_of(leg)


def let_go_of(leg: CallLeg) -> None:
    leg.let_go_at = timezone.now()
    leg.save(update_fields=["let_go_at"])
    if leg.label in leg.call.cause_facts.get(LOST, {}):
        # Its end has been told.
        mark_over([leg], timezone.now())
    else:
        transaction.on_commit(partial(begin_to_end, leg.pk), robust=True)
        # And by a worker, in case this server ends meanwhile.
        enqueue(end_stray, leg.pk)


def begin_to_end(leg_id: uuid.UUID) -> None:
    """At once: somebody hears it ring for nothing."""
    get_threads().submit(at_once, partial(hang_up_on, str(leg_id)))
