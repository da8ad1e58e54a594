"""A call with its legs as a story: who was asked, what became of it, in the order of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.utils import timezone

from accounts.people import User
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

BEGINNINGS = {
    CallLeg.Role.CALLER: "{who} called",
    CallLeg.Role.CALLED: "{who} {was} called",
    CallLeg.Role.CONSULTED: "{who} {was} asked first, for a transfer",
    CallLeg.Role.ADDED: "{who} {was} to be added",
    CallLeg.Role.TRANSFERRED_TO: "The call was passed on to {who}",
}


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
    was = "were" if who == "you" else "was"
    yield 0, leg.asked_at, begin_large(BEGINNINGS[CallLeg.Role(leg.role)].format(who=who, was=was))
    if leg.role != CallLeg.Role.CALLER:
        if leg.rung_at:
            yield 1, leg.rung_at, f"It rang at {who}" if who != "you" else "It rang here"
        if leg.answered_at:
            yield 2, leg.answered_at, begin_large(f"{who} answered")
    if leg.joined_at and not leg.left_at and leg.is_held:
        yield 3, leg.joined_at, begin_large(f"{who} {was} put on hold")
    if leg.ended_at and is_taken(row.call, leg):
        yield 4, leg.ended_at, begin_large(f"{who} took it, and put another call on hold")
    elif leg.ended_at:
        yield 4, leg.ended_at, tell_end(leg, who)


def tell_end(leg: CallLeg, who: str) -> str:
    was = "were" if who == "you" else "was"
    if leg.answered_at or leg.role == CallLeg.Role.CALLER:
        return begin_large(f"{who} {was} gone")
    cause = leg.cause or BY_STATUS.get(leg.status, "unclear")
    return begin_large(
        f"{who}: {name_cause(cause, leg.status)[:1].lower()}{name_cause(cause, leg.status)[1:]}"
    )


def name_leg(leg: CallLeg, row: RecentCall, people: dict[str, User], contacts: dict[str, str]) -> str:
    person = leg.user or people.get(read_identity(leg.address))
    if person is not None:
        return "you" if person.pk == row.user_id else person.display_name
    if read_identity(leg.address):
        return FORMER
    if leg.address == WITHHELD:
        return WITHHELD_NAME
    return contacts.get(leg.address) or format_number(leg.address)


def begin_large(words: str) -> str:
    return words[:1].upper() + words[1:]
