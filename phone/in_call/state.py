"""A call as one of its people's pages shows it: a CallState, JSON and nothing else."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.languages import speaking_to
from accounts.people import User
from phone.calls.call import Call
from phone.calls.card import NamesOfNumbers, get_names_of_numbers
from phone.calls.confirmation import find_with_login
from phone.calls.legs import CallLeg
from phone.calls.notes import Notes, get_notes
from phone.calls.parties import IDENTITY, Names, get_names, name_person
from phone.causes.cause import Cause
from phone.causes.describing import describe_party
from phone.causes.endings import JOINED_LATER, describe_ending
from phone.causes.facts import is_followed
from phone.contacts.names import NamesOfCallers, find_names_of
from phone.in_call.awaiting import NOT_TOLD
from phone.in_call.deeds import find_possible
from phone.in_call.parts import Part, read_parts
from phone.in_call.rooms import is_live, is_talking

Role = CallLeg.Role


@dataclass(frozen=True)
class Facts:
    """What the states of many parts are told from besides, read at once for all of them.

    `names` are those of people, `contacts` what each person calls numbers, `called` the names of our numbers;
    `with_login` are the keys of the accounts that let Dog n Bone change a call.
    """

    names: Names
    contacts: NamesOfCallers
    called: NamesOfNumbers
    with_login: set[uuid.UUID]
    notes: Notes


def build_states(person: User) -> list[dict[str, Any]]:
    """All their calls that go on, and those that have just ended; in the language that is spoken."""
    parts, facts = read_parts_with_facts([person])
    return [build_state(part, facts) for part in parts[person.pk]]


def build_states_of(people: Sequence[User]) -> dict[int, list[dict[str, Any]]]:
    """The same of each of `people`, by their keys, in their languages: a few queries, however many."""
    parts, facts = read_parts_with_facts(people)
    states: dict[int, list[dict[str, Any]]] = {person.pk: [] for person in people}
    for person in people:
        if not parts[person.pk]:
            continue
        with speaking_to(person):
            states[person.pk] = [build_state(part, facts) for part in parts[person.pk]]
    return states


def read_parts_with_facts(people: Sequence[User]) -> tuple[dict[int, list[Part]], Facts]:
    around = read_parts(people)
    parts = {person.pk: around.list_parts(person) for person in people}
    return parts, read_facts([part for some in parts.values() for part in some])


def describe_part(part: Part) -> dict[str, Any]:
    return build_state(part, read_facts([part]))


def read_facts(parts: Sequence[Part]) -> Facts:
    calls = list({part.call.pk: part.call for part in parts}.values())
    addresses = {address for part in parts for address in list_addresses(part)}
    return Facts(
        names=get_names(addresses),
        contacts=find_names_of({part.person.pk for part in parts}, addresses),
        called=get_names_of_numbers(calls),
        with_login=find_with_login(call.account for call in calls) if calls else set(),
        notes=get_notes(calls, {part.person for part in parts}) if calls else {},
    )


def name_for(part: Part, address: str, facts: Facts) -> str:
    """What the part's person calls whoever is at `address`."""
    return facts.contacts.get((part.person.pk, address)) or name_person(address, facts.names)


def list_addresses(part: Part) -> Iterable[str]:
    yield from (part.call.from_address, part.call.to_address)
    yield from (leg.address for leg in part.legs)


def build_state(part: Part, facts: Facts) -> dict[str, Any]:
    call = part.call
    is_caller = is_their_own(part)
    address = find_other(part, is_caller)
    can, cannot = find_possible(part, has_login=call.account_id in facts.with_login)
    state = find_state(part)
    cause = find_cause(part) if state == "ended" else None
    return {
        "id": str(call.pk),
        "call_sid": call.call_sid,
        "leg_sid": part.mine.call_sid if part.mine else "",
        "direction": "outgoing" if is_caller else "incoming",
        "name": name_for(part, address, facts),
        "address": write_address(address, part),
        "is_another": is_another(part, is_caller),
        "called": "" if is_caller else write_address(call.to_address, part),
        "called_name": "" if is_caller else facts.called.get((call.account_id, call.to_address), ""),
        "state": state,
        "answered_at": call.answered_at.isoformat() if call.answered_at else None,
        "parties": [build_party(leg, part, facts) for leg in list_parties(part)],
        "recording": part.recording,
        "is_moved": call.conference_id is not None,
        "can": can,
        "cannot": {name: str(reason) for name, reason in cannot.items()},
        # Possible on a page whose own line is open by now.
        "soon": [name for name, reason in cannot.items() if reason is NOT_TOLD],
        "cause": cause.slug if cause else "",
        "words": cause.words if cause else "",
        "note": facts.notes.get((call.pk, part.person.pk), ""),
    }


def find_cause(part: Part) -> Cause | None:
    """Why it is over for them; None while that is not known."""
    has_talked = any(leg.answered_at for leg in part.legs if part.is_me(leg))
    return describe_ending(part.call, part.person, was_open=has_talked).cause


def find_other(part: Part, is_caller: bool) -> str:
    """Who is at the other end for this person: who called or was called, or who is there in their place."""
    first = part.call.to_address if is_caller else part.call.from_address
    if part.inviter is not None:
        return part.inviter.address
    there = [leg.address for leg in part.talking]
    return first if not there or first in there or not part.is_in_it else there[0]


def is_another(part: Part, is_caller: bool) -> bool:
    """Whether that is somebody else than the page took its line for when it was made."""
    first = part.call.to_address if is_caller else part.call.from_address
    was_brought = part.mine is not None and part.mine.role in JOINED_LATER
    return part.is_in_it and (was_brought or find_other(part, is_caller) != first)


def is_their_own(part: Part) -> bool:
    """Whether the person made the call; to a colleague who takes it over it is one that came in."""
    return part.call.direction == Call.Direction.OUTGOING and part.call.user_id == part.person.pk


def find_state(part: Part) -> str:
    call = part.call
    if call.ended_at is None and part.mine is not None and is_live(part.mine) and not is_talking(part.mine):
        # It rings for them, whatever the others are doing.
        return "ringing"
    if call.ended_at is not None or (call.answered_at is not None and not part.is_in_it):
        # It goes on without them, or somebody else has it.
        return "ended"
    if call.answered_at is None:
        return "ringing" if call.status in ("ringing", "in-progress") else "connecting"
    talking = part.talking
    if part.is_held:
        return "held"
    held = [leg for leg in talking if leg.is_held]
    if held and any(leg.role == Role.CONSULTED for leg in part.others if leg not in held):
        return "consulting"
    if held and len(held) == len(talking):
        return "held"
    return "conference" if len(talking) - len(held) > 1 else "open"


def list_parties(part: Part) -> list[CallLeg]:
    """Who is or was in the call: themselves, the others, and of the phones that rang in vain none."""
    shown = [leg for leg in part.legs if is_party(leg, part) and not part.is_hidden(leg)]
    # Nobody is there twice whose ring has followed them from page to page.
    shown = [leg for leg in shown if leg.answered_at is not None or not is_followed(part.call, leg)]
    if part.mine is not None and part.mine not in shown and is_live(part.mine):
        shown.insert(0, part.mine)
    return shown


def is_party(leg: CallLeg, part: Part) -> bool:
    return leg.role != Role.CALLED or leg.answered_at is not None or is_live(leg)


def build_party(leg: CallLeg, part: Part, facts: Facts) -> dict[str, Any]:
    name = name_for(part, leg.address, facts)
    cause = describe_party(leg.cause, leg.address, name)
    return {
        "id": str(leg.pk),
        "name": name,
        "address": write_address(leg.address, part),
        "role": leg.role,
        "state": find_party_state(leg),
        "is_me": part.is_me(leg),
        "cause": leg.cause,
        "words": cause.words if cause else "",
    }


def find_party_state(leg: CallLeg) -> str:
    if not is_live(leg):
        return "gone"
    if leg.is_held:
        return "held"
    return "talking" if is_talking(leg) else "ringing"


def write_address(address: str, part: Part) -> str:
    """A number as it is, a colleague by their e-mail address: an identity is nobody's to see."""
    found = IDENTITY.fullmatch(address)
    if not found:
        return address
    people = [leg.user for leg in part.legs if leg.user] + [part.call.user, part.person]
    wanted = found[1] or found[2]
    return next((one.email for one in people if one and one.identity == wanted), "")
