"""Keeps the cause of each call that is over, and of each leg, in the transaction that tells of its end.

Whenever a call changes, all that is known of it is looked at again. What is found may sharpen what was
unclear; a cause that is known is never made unclear again. Where what is known does not suffice, Twilio is
asked by a task (`asking.py`).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.dispatch import Signal, receiver

from accounts.statements import update
from accounts.tasks.background import enqueue
from phone.calls.call import Call
from phone.calls.changes import call_changed
from phone.calls.legs import CallLeg
from phone.calls.records import ENDED
from phone.causes.asking import PAUSE, ask_twilio
from phone.causes.evidence import Evidence, Explanation
from phone.causes.explaining import explain, explain_leg
from phone.causes.facts import gather_evidence, is_taken, note_facts, read_leg
from phone.causes.naming import is_unnamed

UNCLEAR = "unclear"
# A call has a cause, or another one than before. Arguments: `call`, a Call, and `before`, a slug or "".
# Sent in the transaction that stores it.
cause_found = Signal()


@receiver(call_changed, dispatch_uid="keep_cause")
def keep_cause(sender: object, call: Call, **kwargs: Any) -> None:
    """Finds and stores the cause of `call`, which its caller has locked, and of its legs."""
    legs = list(call.legs.all())
    if call.status not in ENDED and not any(leg.status in ENDED for leg in legs):
        # Nothing of it is over.
        return
    evidence = gather_evidence(call, legs)
    explanation = explain(evidence) if call.status in ENDED else None
    keep_of_legs(call, legs, evidence, explanation)
    if explanation is not None and is_enough(call, explanation):
        store(call, explanation)


def is_enough(call: Call, explanation: Explanation) -> bool:
    """Whether the cause can be stored; where it cannot, Twilio is asked, once."""
    if explanation.is_sure or call.cause_facts.get("asked") == "done":
        return True
    if "asked" not in call.cause_facts:
        note_facts(call, asked="waits")
        # A page says at once that its call has failed, and Twilio's lists may be a little behind.
        enqueue(ask_twilio, call.pk, after=PAUSE if is_unnamed(call) else timedelta())
    return False


def store(call: Call, explanation: Explanation) -> None:
    before = call.cause
    if before and explanation.slug == UNCLEAR:
        return
    told = {"variant": explanation.variant, "facts": dict(explanation.facts)}
    if before == explanation.slug and call.cause_facts.get("told") == told:
        return
    call.cause = explanation.slug
    call.cause_facts = {**call.cause_facts, "told": told}
    update(call, "cause", "cause_facts")
    if call.cause != before:
        cause_found.send(sender=Call, call=call, before=before)


def keep_of_legs(call: Call, legs: Iterable[CallLeg], evidence: Evidence, whole: Explanation | None) -> None:
    """Each leg that is over has a cause of its own: one may decline while the call goes on."""
    for leg in legs:
        seen = read_leg(leg)
        if not seen.is_ended:
            continue
        if leg.role == CallLeg.Role.CALLER:
            slug = whole.slug if whole else ""
        elif is_taken(call, leg):
            slug = "answered"
        else:
            slug = explain_leg(seen, evidence).slug
        if slug and slug != leg.cause and not (leg.cause and slug == UNCLEAR):
            leg.cause = slug
            update(leg, "cause")
