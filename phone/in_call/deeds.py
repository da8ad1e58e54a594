"""What a person may do to a call of theirs: each deed's name, when it can be done, and who does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.translated import Words
from phone.in_call import adding, consulting, holding, leaving, recording, second_call, transferring
from phone.in_call.awaiting import NOT_TOLD, wait_until_answered
from phone.in_call.parts import Part
from phone.in_call.refusals import NotPossible
from phone.recordings.deeds import pause_recording, resume_recording, stop_recording


@dataclass(frozen=True)
class Wanted:
    """What came with a deed, as it was typed or named."""

    to: str = ""
    call_from: str = ""
    party: str = ""
    note: str = ""


@dataclass(frozen=True)
class Deed:
    """`why_not` asks rows alone: "" where the deed can be done. `do` asks Twilio, and raises DeedRefused."""

    why_not: Callable[[Part], Words]
    do: Callable[[Part, Wanted], None]


DEEDS: Mapping[str, Deed] = {
    "hold": Deed(holding.why_not_hold, lambda part, _: holding.hold(part)),
    "resume": Deed(holding.why_not_resume, lambda part, _: holding.resume(part)),
    "answer": Deed(second_call.why_not_answer, lambda part, _: second_call.answer(part)),
    "transfer": Deed(
        transferring.why_not_transfer,
        lambda part, wanted: transferring.transfer(part, typed=wanted.to, call_from=wanted.call_from),
    ),
    "consult": Deed(
        consulting.why_not_consult,
        lambda part, wanted: consulting.consult(part, typed=wanted.to, call_from=wanted.call_from),
    ),
    "complete": Deed(consulting.why_not_complete, lambda part, _: consulting.complete(part)),
    "back": Deed(consulting.why_not_go_back, lambda part, _: consulting.go_back(part)),
    "join": Deed(consulting.why_not_join, lambda part, _: consulting.join(part)),
    "add": Deed(
        adding.why_not_add,
        lambda part, wanted: adding.add(part, typed=wanted.to, call_from=wanted.call_from),
    ),
    "remove": Deed(
        leaving.why_not_remove,
        lambda part, wanted: leaving.remove(part, leaving.find_party(part, wanted.party)),
    ),
    "leave": Deed(leaving.why_not_leave, lambda part, _: leaving.leave(part)),
    "hang-up": Deed(leaving.why_not_hang_up, lambda part, _: leaving.hang_up(part)),
    "record": Deed(recording.why_not_record, lambda part, _: recording.record(part)),
    "pause-recording": Deed(recording.why_not_pause, lambda part, _: recording.change(part, pause_recording)),
    # A page asks for `record` again; this is the same by its own name.
    "resume-recording": Deed(
        recording.why_not_go_on, lambda part, _: recording.change(part, resume_recording)
    ),
    "stop-recording": Deed(recording.why_not_stop, lambda part, _: recording.change(part, stop_recording)),
}
# Done at an address of its own (`phone/answering/views.py`), and offered with the rest.
ELSEWHERE: Mapping[str, Callable[[Part], Words]] = {"voicemail": second_call.why_not_send_away}
# What is not offered where Twilio cannot be asked, because that is how it is done.
NO_LOGIN = _(
    "Nothing in your connection to Twilio lets Dog n Bone change a call. Connect again on the Twilio page."
)
OVER = _("This call is over.")
# Who is asked before a transfer hears nobody but who asks, and has no say over the rest.
FOR_GUESTS = ("leave", "hang-up", "answer")
GUEST = _("You are being asked: the call is not yours yet.")
# What a page that has just answered is offered at once: done as soon as Twilio has told of the answer.
EARLY = ("hold", "transfer", "consult", "add", "record")
HELD = _("You are on hold: whoever has put you there goes on with the call.")


def do(name: str, part: Part, wanted: Wanted) -> None:
    """Does the deed `name`. Raises DeedRefused."""
    deed = DEEDS[name]
    if name in EARLY:
        part = wait_until_answered(part)
    if part.call.ended_at is not None:
        # Who hangs up on a call that is just over has what they want.
        if name == "hang-up":
            return
        raise NotPossible(OVER)
    reason = find_reason(name, deed, part)
    if reason:
        raise NotPossible(reason)
    deed.do(part, wanted)


def find_reason(name: str, deed: Deed, part: Part) -> Words:
    """Why it cannot be done; "" where it can."""
    if name not in FOR_GUESTS and (part.is_guest or part.is_held):
        return GUEST if part.is_guest else HELD
    if name in EARLY and part.is_answering:
        return NOT_TOLD
    return deed.why_not(part)


def find_possible(part: Part, *, has_login: bool) -> tuple[list[str], dict[str, Words]]:
    """The names of what can be done now, and for the rest why not."""
    if part.call.ended_at is not None:
        return [], {}
    reasons = {name: find_reason(name, deed, part) for name, deed in DEEDS.items()}
    reasons |= {name: why_not(part) for name, why_not in ELSEWHERE.items()}
    if not has_login:
        reasons = {
            name: NO_LOGIN if is_nothing(reason) or reason is NOT_TOLD else reason
            for name, reason in reasons.items()
        }
    can = [name for name, reason in reasons.items() if is_nothing(reason)]
    return can, {name: reason for name, reason in reasons.items() if name not in can}


def is_nothing(reason: Words) -> bool:
    """Whether it is "", without having it translated: that costs more than all else of a call's state."""
    return isinstance(reason, str) and not reason
