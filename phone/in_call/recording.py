"""Recording as a deed: what is offered, and the room that a call needs for everybody in it to be told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.translated import Words
from phone.calls.call import Call
from phone.in_call.moving import learn_participants, move_into_conference
from phone.in_call.parts import Part
from phone.in_call.refusals import DeedRefused
from phone.recordings.deeds import is_announced, start_recording
from phone.recordings.recordings import Recording
from phone.recordings.refusals import CannotRecord, NotAnnounced

NOT_IN_IT = _("You are not in this call.")
NOT_RECORDED = _("This call is not being recorded.")


def record(part: Part) -> None:
    """Begins a recording, or goes on with a paused one. Raises DeedRefused.

    Of a plain Dial only one side can be told that it is recorded: it is moved into a room first.
    """
    room = part.call.conference
    if room is not None and not room.conference_sid:
        learn_participants(room, part.get_login())
        room.refresh_from_db()
    with as_deed():
        try:
            start_recording(part.person, part.call)
        except NotAnnounced:
            move_into_conference(part.call, part.get_login())
            start_recording(part.person, part.call)


def change(part: Part, how: Callable[[User, Call], Recording]) -> None:
    """Pauses, goes on or stops. Raises DeedRefused."""
    with as_deed():
        how(part.person, part.call)


@contextmanager
def as_deed() -> Iterator[None]:
    """What keeps a call from being recorded, as every deed says it."""
    try:
        yield
    except CannotRecord as reason:
        raise DeedRefused(reason.status, reason.cause, reason.words, reason.remedy) from reason


def why_not_record(part: Part) -> Words:
    reason = why_nobody(part)
    if reason or part.recording == "paused":
        return reason
    if part.recording == "on":
        return _("It is being recorded already.")
    if any(leg.is_held for leg in part.talking) and not is_announced(part.call):
        return _("Whoever is on hold would not hear that the call is recorded: resume it first.")
    return ""


def why_not_pause(part: Part) -> Words:
    return why_nobody(part) or why_not_recorded(part, paused=_("It is paused already."))


def why_not_go_on(part: Part) -> Words:
    reason = why_nobody(part) or why_not_recorded(part)
    return reason or ("" if part.recording == "paused" else _("It is being recorded already."))


def why_not_stop(part: Part) -> Words:
    return why_nobody(part) or why_not_recorded(part)


def why_nobody(part: Part) -> Words:
    if not part.is_in_it:
        return NOT_IN_IT
    return "" if part.talking else _("Nobody else is in this call yet.")


def why_not_recorded(part: Part, *, paused: Words = "") -> Words:
    if part.recording == "off":
        return NOT_RECORDED
    return paused if part.recording == "paused" else ""
