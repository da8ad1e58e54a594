"""Whom somebody means who transfers a call, or brings another person into it."""

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.outside import leave_database
from accounts.people import User
from phone.calling_limits.permission import Asked, ask_permission, note_refused, refuse_number
from phone.calls.call import Call
from phone.calls.destinations import CannotDial, Destination, find_destination, say
from phone.calls.legs import CallLeg
from phone.calls.parties import get_names, name_person
from phone.calls.reachability import find_registered, may_be_back
from phone.causes.cause import build_cause
from phone.causes.refusals import AWAY, find_refusal_of, find_rule
from phone.contacts.blocked_callers import find_blocks
from phone.device.presence import BACK_WITHIN
from phone.in_call.parts import Part
from phone.in_call.refusals import DeedRefused, NotPossible
from phone.in_call.rooms import is_live

UNWILLING = _("{name} does not take calls from this caller.")
HERE = _("{name} is in this call already.")
# https://www.twilio.com/docs/voice/api/call-resource#create-a-call: of SendDigits.
MOST_KEYS = 32
# Between two looks whether a page that was left is there again.
LOOK_SECONDS = 0.1
KEYS = _("What stands behind the number is too long to be dialled for you here.")


def find_target(part: Part, *, typed: str, call_from: str, most_keys: int | None = None) -> Destination:
    """Where `typed` leads, of those who are not in the call yet. Raises DeedRefused.

    `most_keys`: how many can be dialled once the number has answered.
    """
    try:
        found = find_destination(
            caller=part.person,
            account=part.call.account,
            typed=typed,
            caller_id=call_from or find_own_number(part.call),
        )
    except CannotDial as refused:
        cause = build_cause(**find_rule(refused), sentence=refused.words)
        raise DeedRefused(422, cause.slug, refused.words, cause.remedy) from refused
    refuse_who_is_here(part, found)
    limited = None
    if found.phone_number:
        limited = refuse_number(part.call.account, found.phone_number, person=part.person)
    if limited is not None:
        asked = build_asked(part.call, part.person, found.phone_number, uuid.uuid4())
        with keeping_refusals():
            raise LimitReached(asked, limited)
    refusal = find_refusal_after_waiting(found.colleague) if found.colleague else None
    if found.colleague and refusal:
        cause = build_cause(**refusal, name=say(found.colleague.display_name))
        raise DeedRefused(422, cause.slug, cause.words, _("Try somebody else."))
    if most_keys is not None and len(found.send_digits) > most_keys:
        raise DeedRefused(422, "refused_here", KEYS, _("Leave it out, and use the keypad once they answer."))
    return found


def find_refusal_after_waiting(colleague: User) -> Mapping[str, str] | None:
    """Why a colleague is not called. One whose page is being loaded anew is, as soon as it is there."""
    refusal = find_refusal_of(colleague)
    if refusal == AWAY and may_be_back(colleague):
        wait_until_registered(colleague)
        refusal = find_refusal_of(colleague)
    return refusal


def wait_until_registered(person: User) -> None:
    """Returns after a moment in any case."""
    deadline = time.monotonic() + BACK_WITHIN.total_seconds()
    people = User.objects.filter(pk=person.pk)
    while not find_registered(people) and time.monotonic() < deadline:
        leave_database()
        time.sleep(LOOK_SECONDS)


def count_leg(call: Call, leg: CallLeg, person: User) -> None:
    """Counts a leg to a number that Twilio is about to be told of, in the transaction that makes its row.

    Raises LimitReached where the company's limits do not allow one more.
    """
    if leg.route != CallLeg.Route.NUMBER:
        return
    asked = build_asked(call, person, leg.address, leg.pk)
    permission = ask_permission(asked)
    if permission.refusal is not None:
        raise LimitReached(asked, permission.refusal)


def build_asked(call: Call, person: User, number: str, key: uuid.UUID) -> Asked:
    return Asked(
        account=call.account,
        person=person,
        number=number,
        key=key.hex,
        call_sid=call.call_sid,
        leg_id=key,
    )


class LimitReached(DeedRefused):
    """The company's limits do not allow what was `asked`."""

    def __init__(self, asked: Asked, refused: CannotDial) -> None:
        # Both are said to whoever asks now.
        owner = refused.facts.get("owner", "")
        cause = build_cause(**find_rule(refused), sentence=refused.words, owner=owner)
        super().__init__(422, cause.slug, cause.words, cause.remedy)
        self.asked = asked


@contextmanager
def keeping_refusals() -> Iterator[None]:
    """Round a transaction: what a limit refuses is undone with it, and that it was asked for is kept."""
    try:
        yield
    except LimitReached as refused:
        note_refused(refused.asked)
        raise


def find_own_number(call: Call) -> str:
    """The number of the account's that the call came in on: whoever is called next sees the same."""
    return call.to_address if call.direction == Call.Direction.INCOMING else ""


def refuse_who_is_here(part: Part, wanted: Destination) -> None:
    """Raises NotPossible for somebody who is in the call, or whom it rings."""
    legs = [leg for one in (part, *part.neighbours) for leg in one.legs if is_here(leg)]
    if any(leg.address == wanted.address for leg in legs) or (
        wanted.colleague and any(leg.user_id == wanted.colleague.pk for leg in legs)
    ):
        raise NotPossible(format_lazy(HERE, name=name_target(wanted)))


def is_here(leg: CallLeg) -> bool:
    """In the call, or asked into it. Of those it rang at first and somebody answered, the others are not:
    Twilio ends their ringing with the answer, and its word of that may still be on the way.
    """
    has_lost = leg.role == CallLeg.Role.CALLED and leg.answered_at is None and leg.joined_at is None
    return is_live(leg) and not has_lost


def name_target(wanted: Destination) -> str:
    return name_person(wanted.address, get_names([wanted.address]))


def refuse_unwilling(part: Part, wanted: Destination, party: CallLeg) -> None:
    """Raises DeedRefused for a colleague who has blocked `party`, and would have to talk to them alone."""
    person = wanted.colleague
    if person is not None and person.pk in find_blocks(part.call.account, party.address).people:
        words = format_lazy(UNWILLING, name=say(person.display_name))
        raise DeedRefused(422, "refused_here", words, _("Talk to them first, or choose somebody else."))
