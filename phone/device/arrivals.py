"""Pages that open their sockets: who they are, whether they may, and what they are to be told first.

All that arrive at the same time are let in together, by a few statements for all of them: after a deploy, or
an outage of a network, a whole company's pages come at once.
"""

import json
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from django.db import Error, transaction

from accounts.clients import ClientInfo
from accounts.gathering import Gathering
from accounts.languages import keep_languages
from accounts.people import User
from accounts.sign_ins.noting import Sighting, note_seen
from accounts.sign_ins.standing import Claim, find_standing, read_claims
from phone.device.greetings import build_greetings
from phone.device.of_person import Slot, leave_slots, take_packets, take_slots
from phone.device.one_device import find_elsewhere
from phone.device.presence import Known, OpenedPage, PageKey, lock_presences, record_connected
from phone.device.sessions import SignedIn, Standing, check_claims
from phone.device.silences import find_marked, mark_silent
from phone.device.threads import in_database_thread
from phone.device.together import together

# At a time: their answers come together, and none of them waits for more than these.
MOST = 200


@dataclass(frozen=True, eq=False)
class Arrival:
    """A page that opens its socket. `asked` is the language that its browser asks for, "" where none of ours.

    `join` has the socket hear, from then on, of whatever is pushed to the pages of a person, by their key.
    """

    session_key: str
    page_session: uuid.UUID
    socket: uuid.UUID
    client: ClientInfo
    asked: str
    join: Callable[[int], None]


@dataclass(frozen=True)
class Admission:
    """Whose page was let in, and what it is told first."""

    user: User
    slot: Slot
    standing: Standing
    # How its page stands in the database, and whether it was found silent.
    known: Known | None
    is_marked: bool
    # Whether so many frames of theirs were counted already (`of_person.py`).
    has_packet: bool
    greetings: Sequence[str] = field(repr=False)


class Refused(Enum):
    SIGNED_OUT = "signed out"


@dataclass(frozen=True)
class TooMany:
    """A person has as many pages open as they may."""

    user: User


Arrived = Admission | Refused | TooMany


@dataclass(frozen=True, eq=False)
class Claimed:
    """An arrival, whose its session says that it is, and its place; None where there is none."""

    arrival: Arrival
    claim: Claim
    slot: Slot | None
    has_packet: bool


async def let_in(arrivals: Sequence[Arrival]) -> Sequence[Arrived | BaseException]:
    """Joins are between the two readings: what changes before them is read, and what does later is heard."""
    claimed = await together(claim, arrivals)
    coming = [one for one in claimed if isinstance(one, Claimed)]
    for one in coming:
        if one.slot is not None:
            one.arrival.join(one.claim.user_id)
    found = dict(zip(coming, await together(begin, coming), strict=True))
    outcomes = [found[one] if isinstance(one, Claimed) else one for one in claimed]
    await give_back(
        [one.slot for one in coming if one.slot is not None and not isinstance(found[one], Admission)]
    )
    return outcomes


ARRIVALS: Gathering[Arrival, Arrived] = Gathering(let_in, most=MOST)


async def give_back(slots: Sequence[Slot]) -> None:
    if slots:
        await in_database_thread(leave_slots, slots)


def claim(arrivals: Sequence[Arrival]) -> Sequence[Claimed | Refused]:
    claims = read_claims({arrival.session_key for arrival in arrivals})
    known = [arrival for arrival in arrivals if arrival.session_key in claims]
    slots = take_slots([(claims[one.session_key].user_id, one.socket) for one in known])
    given = take_packets(claims[one.session_key].user_id for one in known)
    claimed = {}
    for arrival, slot in zip(known, slots, strict=True):
        own = claims[arrival.session_key]
        claimed[arrival] = Claimed(arrival, own, slot, has_packet=own.user_id in given)
        # Another page of the same person takes of the same packet.
        given.discard(own.user_id)
    return [claimed.get(arrival, Refused.SIGNED_OUT) for arrival in arrivals]


def begin(coming: Sequence[Claimed]) -> Sequence[Arrived]:
    """Lets in those who are signed in still, and notes that they are there."""
    known = find_still_signed_in(coming)
    admitted = {one: known[one] for one in coming if one in known and one.slot is not None}
    admissions = admit(admitted) if admitted else {}
    return [
        admissions[one]
        if one in admissions
        else TooMany(known[one].user)
        if one in known
        else Refused.SIGNED_OUT
        for one in coming
    ]


def admit(admitted: Mapping[Claimed, SignedIn]) -> dict[Claimed, Admission]:
    noted = note(admitted)
    told = greet(admitted, noted.new)
    return {
        one: Admission(
            user=found.user,
            slot=one.slot,
            standing=found.standing,
            known=noted.known.get((found.user.pk, one.arrival.page_session)),
            is_marked=(found.user.identity, one.arrival.page_session) in noted.marked,
            has_packet=one.has_packet,
            greetings=told.get(one, ()),
        )
        for one, found in admitted.items()
        if one.slot is not None
    }


def find_still_signed_in(coming: Sequence[Claimed]) -> dict[Claimed, SignedIn]:
    """Sessions are looked for once more: one may have ended when its page could not be told."""
    claims = {one.arrival.session_key: one.claim for one in coming}
    signed_in = check_claims(claims)
    keys = signed_in.keys() & find_standing(claims.keys())
    return {one: signed_in[one.arrival.session_key] for one in coming if one.arrival.session_key in keys}


@dataclass(frozen=True)
class Noted:
    """How pages stand in the database: each as it is `known`, which are `new`, which `marked` silent."""

    known: Mapping[PageKey, Known]
    new: Set[PageKey]
    marked: Set[tuple[str, uuid.UUID]]


@transaction.atomic
def note(admitted: Mapping[Claimed, SignedIn]) -> Noted:
    """Notes their sessions, languages and pages as in use."""
    keep_languages([(found.user, one.arrival.asked) for one, found in admitted.items()])
    note_seen(
        Sighting(found.user, one.arrival.session_key, one.arrival.client) for one, found in admitted.items()
    )
    pages = [
        OpenedPage(found.user, one.arrival.page_session, one.arrival.socket)
        for one, found in admitted.items()
    ]
    before = lock_presences(pages)
    mark_silent(before)
    return Noted(
        known=record_connected(pages, before=before),
        new={page.key for page in pages} - {row.key for row in before},
        marked=find_marked({page.page_session for page in pages}),
    )


def greet(admitted: Mapping[Claimed, SignedIn], new: Set[PageKey]) -> dict[Claimed, Sequence[str]]:
    """What each is told first; nothing where the database has just gone away."""
    pages = {one: (found.user.pk, one.arrival.page_session) for one, found in admitted.items()}
    with suppress(Error):
        built = build_page_greetings([found.user for found in admitted.values()], pages.values(), new)
        return {one: built[page] for one, page in pages.items()}
    return {}


def build_page_greetings(
    people: Sequence[User], pages: Collection[PageKey], new: Set[PageKey] = frozenset()
) -> dict[PageKey, Sequence[str]]:
    """What each of `pages` is told of how things are, as JSON; `new` ones not that the phone is elsewhere.

    A page that has just been opened may yet say that it is here.
    """
    greetings = build_greetings(list({person.pk: person for person in people}.values()))
    elsewhere = find_elsewhere(page for page in pages if page not in new)
    frames = {
        page: [*greetings[page[0]], *([elsewhere[page]] if page in elsewhere else [])] for page in pages
    }
    # Colleagues are told the same, the very object, which is written once.
    texts = {id(frame): json.dumps(frame) for some in frames.values() for frame in some}
    return {page: [texts[id(frame)] for frame in some] for page, some in frames.items()}
