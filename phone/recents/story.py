"""A call with its legs as a story: who was asked, what became of it, in the order of time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.people import User
from accounts.translated import Words, is_english
from phone.calls.legs import CallLeg
from phone.calls.records import read_identity
from phone.calls.withheld import WITHHELD, WITHHELD_NAME
from phone.causes.facts import is_taken
from phone.contacts.names import find_names_of
from phone.dialling.writing import format_number
from phone.recents.causes import name_cause
from phone.recents.keeping import get_people_at
from phone.recents.recent_call import RecentCall
from phone.recents.showing import FORMER
from phone.recents.sides import BY_STATUS

# To the person it is about, and of anybody else.
Said = tuple[Words, Words]
BEGINNINGS: Mapping[str, Said] = {
    CallLeg.Role.CALLER: (_("You called"), _("{name} called")),
    CallLeg.Role.CALLED: (_("You were called"), _("{name} was called")),
    CallLeg.Role.CONSULTED: (
        _("You were asked first, for a transfer"),
        _("{name} was asked first, for a transfer"),
    ),
    CallLeg.Role.ADDED: (_("You were to be added"), _("{name} was to be added")),
    CallLeg.Role.TRANSFERRED_TO: (
        _("The call was passed on to you"),
        _("The call was passed on to {name}"),
    ),
}
RANG: Said = (_("It rang here"), _("It rang at {name}"))
ANSWERED: Said = (_("You answered"), _("{name} answered"))
HELD: Said = (_("You were put on hold"), _("{name} was put on hold"))
TOOK: Said = (
    _("You took it, and put another call on hold"),
    _("{name} took it, and put another call on hold"),
)
GONE: Said = (_("You were gone"), _("{name} was gone"))
FAILED: Said = (_("You: {cause}"), _("{name}: {cause}"))


@dataclass(frozen=True)
class Step:
    at: datetime
    words: str


def build_story(row: RecentCall, zone: tzinfo) -> list[Step]:
    """Two queries, and one more where there are numbers other than the row's own."""
    legs = list(row.call.legs.select_related("user"))
    people = get_people_at(leg.address for leg in legs)
    contacts = find_contacts(row, legs)
    steps = sorted(
        (step for leg in legs for step in put_in_order(tell_leg(leg, row, people, contacts))),
        key=lambda step: step[:3],
    )
    return [Step(timezone.localtime(at, zone), words) for _, _, at, words in steps]


def put_in_order(told: Iterable[tuple[int, datetime, str]]) -> Iterable[tuple[datetime, int, datetime, str]]:
    """What befell one leg, each with its place among all: the second, and what it is within one.

    Twilio's times are whole seconds and ours are not: within a second they say nothing of what came first,
    and what Twilio tells of a leg was never before it was asked for.
    """
    second = None
    for place, at, words in told:
        told_at = at.replace(microsecond=0)
        second = told_at if second is None else max(second, told_at)
        yield second, place, at, words


def find_contacts(row: RecentCall, legs: Iterable[CallLeg]) -> dict[str, str]:
    """What the row's person calls the numbers of `legs`."""
    own = {row.address: row.name} if row.name else {}
    others = {leg.address for leg in legs if leg.address.startswith("+")} - {row.address}
    if not others:
        return own
    names = find_names_of([row.user_id], others)
    return own | {number: name for (_, number), name in names.items()}


def tell_leg(
    leg: CallLeg, row: RecentCall, people: dict[str, User], contacts: dict[str, str]
) -> Iterable[tuple[int, datetime, str]]:
    """What befell it, in the order in which it can only have been, with the place of each in that."""
    who = name_leg(leg, row, people, contacts)
    yield 0, leg.asked_at, say(BEGINNINGS[leg.role], who)
    if leg.role != CallLeg.Role.CALLER:
        if leg.rung_at:
            yield 1, leg.rung_at, say(RANG, who)
        if leg.answered_at:
            yield 2, leg.answered_at, say(ANSWERED, who)
    if leg.joined_at and not leg.left_at and leg.is_held:
        yield 3, leg.joined_at, say(HELD, who)
    if leg.ended_at and is_taken(row.call, leg):
        yield 4, leg.ended_at, say(TOOK, who)
    elif leg.ended_at:
        yield 4, leg.ended_at, tell_end(leg, who)


def tell_end(leg: CallLeg, who: str) -> str:
    if leg.answered_at or leg.role == CallLeg.Role.CALLER:
        return say(GONE, who)
    cause = leg.cause or BY_STATUS.get(leg.status, "unclear")
    title = name_cause(cause, leg.status)
    return say(FAILED, who, cause=begin_small(title))


def name_leg(leg: CallLeg, row: RecentCall, people: dict[str, User], contacts: dict[str, str]) -> str:
    """ "" for the row's own person."""
    person = leg.user or people.get(read_identity(leg.address))
    if person is not None:
        return "" if person.pk == row.user_id else person.display_name
    if read_identity(leg.address):
        return str(FORMER)
    if leg.address == WITHHELD:
        return str(WITHHELD_NAME)
    return contacts.get(leg.address) or format_number(leg.address)


def say(said: Said, name: str, **facts: str) -> str:
    to_them, of_others = said
    return begin_large(str(of_others if name else to_them).format(name=name, **facts))


def begin_small(words: str) -> str:
    """As within a sentence: in English, since in German the first word may be a noun."""
    return words[:1].lower() + words[1:] if is_english() else words


def begin_large(words: str) -> str:
    return words[:1].upper() + words[1:]
