"""Keeps the rows of recent calls true, in the transaction that changes a call."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models.signals import post_delete
from django.dispatch import receiver

from accounts.people import User
from accounts.statements import Given, Question, insert_many, replace
from phone.calls.call import Call
from phone.calls.changes import call_changed, call_made
from phone.calls.legs import CallLeg
from phone.calls.marks import find_marked
from phone.calls.records import ENDED, read_identity
from phone.calls.unread import push_counts
from phone.causes.facts import BLOCKED_FOR, is_blocked_for
from phone.contacts.names import find_names_of
from phone.recents.recent_call import RecentCall
from phone.recents.searching import build_searched
from phone.recents.sides import Side, build_side, name_other_end
from phone.recents.telling import tell_after_commit
from phone.recordings.recordings import Recording

# What the call tells. The note and when it was seen are the person's own.
TOLD = (
    *("direction", "address", "name", "our_number", "answered_at", "ended_at", "cause", "is_missed"),
    *("has_recording", "has_voicemail", "searched"),
)


def build_kept() -> "models.QuerySet[RecentCall]":
    """Locked: a name that a contact gives meanwhile (`renaming.py`) is not written over with an older one."""
    rows = RecentCall.objects.select_related("user").select_for_update(of=("self",))
    return rows.filter(call=Given("call", models.UUIDField())).order_by("pk")


KEPT = Question(build_kept)


@receiver(call_made, dispatch_uid="list_first_recents")
def list_first_lines(sender: object, call: Call, **kwargs: object) -> list[RecentCall]:
    """The lines of a call that somebody makes, which are stored along with it."""
    if call.direction != Call.Direction.OUTGOING:
        return []
    call.first_lines = build_rows(call, list_first_people(call), list(call.legs.all()), {})
    return call.first_lines


@receiver(call_changed, dispatch_uid="keep_recents")
def keep_recents(sender: object, call: Call, **kwargs: object) -> None:
    if call.is_just_made and call.first_lines is not None:
        tell_after_commit(call, [row.user_id for row in call.first_lines])
        return
    legs = list(call.legs.all())
    known = {} if call.is_just_made else {row.user_id: row for row in KEPT.ask(call=call.pk)}
    is_made_here = call.is_just_made and call.direction == Call.Direction.OUTGOING
    people = list_first_people(call) if is_made_here else list_people(call, legs, known)
    changed = [row for row in build_rows(call, people, legs, known) if is_news(row, known.get(row.user_id))]
    store(changed)
    tell_after_commit(call, [row.user_id for row in changed])
    for row in changed:
        before = known.get(row.user_id)
        if row.is_unseen != (before is not None and before.is_unseen):
            push_counts(row.user)


def build_rows(
    call: Call, people: Sequence[User], legs: Sequence[CallLeg], known: Mapping[int, RecentCall]
) -> list[RecentCall]:
    """As the call tells them now; `known` are those that there are, by their people's keys."""
    if not people:
        return []
    ends = {person.identity: person for person in people}
    ends |= get_people_at(
        end for end in (call.from_address, call.to_address) if read_identity(end) not in ends
    )
    recorded, messaged = find_marked("recording", call), find_marked("voicemail", call)
    sides = {person.pk: build_side(call, person, legs) for person in people}
    if call.called_name is not None and call.user is not None:
        contacts = {call.user.pk: call.called_name}
    else:
        contacts = name_numbers(sides, known)
    rows = [
        build_row(call, person, sides[person.pk], ends, contacts.get(person.pk, ""), known.get(person.pk))
        for person in people
    ]
    for row in rows:
        row.has_recording, row.has_voicemail = row.user_id in recorded, row.user_id in messaged
    return rows


def store(rows: Sequence[RecentCall]) -> None:
    if rows:
        insert_many(rows, conflict=f"(user_id, call_id) {replace(*TOLD)}", returning=["user_id"])


def list_first_people(call: Call) -> list[User]:
    """As `list_people`, of a call that somebody has just made: they, and whom it rings."""
    people = {person.pk: person for person in (call.user, *call.rung.all()) if person is not None}
    return list(people.values())


def list_people(call: Call, legs: Iterable[CallLeg], known: Mapping[int, RecentCall]) -> list[User]:
    """Whoever had a part in `call`, or would have but for a block of their own; of one that came in and rang
    for nobody, whoever it was for.
    """
    keys = {call.user_id, *(leg.user_id for leg in legs), *call.cause_facts.get(BLOCKED_FOR, ())}
    people = [row.user for row in known.values()]
    if not known:
        rung = Call.rung.through.objects.filter(call=call.pk).values("user")
        people += User.objects.filter(models.Q(pk__in=keys - {None}) | models.Q(pk__in=rung))
    elif missing := (keys | {key for (key,) in RUNG.ask_values(call=call.pk)}) - known.keys() - {None}:
        people += User.objects.filter(pk__in=missing)
    is_for_nobody = all(is_blocked_for(call, person.pk) for person in people)
    if is_for_nobody and call.direction == Call.Direction.INCOMING and call.status in ENDED:
        unwilling = [person.pk for person in people]
        people += [person for person in list_people_called(call) if person.pk not in unwilling]
    return people


RUNG: "Question[Any]" = Question(
    lambda: Call.rung.through.objects.filter(call=Given("call", models.UUIDField())).values_list("user_id")
)


def list_people_called(call: Call) -> list[User]:
    """Those that the number's rules name, as `answering` has noted; else all who use the connection."""
    members = User.objects.filter(is_active=True, membership__account=call.account_id)
    named = call.cause_facts.get("answering", {}).get("people", [])
    return list(members.filter(pk__in=named)) or list(members)


def get_people_at(addresses: Iterable[str]) -> dict[str, User]:
    """Those of ours whose addresses these are, by identity."""
    identities = {identity for address in addresses if (identity := read_identity(address))}
    if not identities:
        return {}
    return {person.identity: person for person in User.objects.filter(identity__in=identities)}


def name_numbers(sides: Mapping[int, Side], known: Mapping[int, RecentCall]) -> dict[int, str]:
    """What the people call the numbers at their other ends; one query at most.

    A number that was there before keeps its name: `renaming.py` sees to that where contacts change.
    """
    names = {
        key: row.name for key, row in known.items() if key in sides and row.address == sides[key].address
    }
    new = {key: side.address for key, side in sides.items() if key not in names}
    found = find_names_of(new.keys(), new.values())
    return names | {key: found.get((key, address), "") for key, address in new.items()}


def build_row(
    call: Call, person: User, side: Side, ends: dict[str, User], contact: str, known: RecentCall | None
) -> RecentCall:
    """As the call tells it now, with what only `known`, the row so far, has.

    `ends` are those of ours at the call's ends, by identity; `contact` is what the person calls a number.
    """
    name, email = name_other_end(side.address, ends)
    if side.address.startswith("+"):
        name = contact
    elif known and known.name:
        # As a colleague was called then.
        name = known.name
    row = RecentCall(
        user=person,
        call=call,
        direction=side.direction,
        address=side.address,
        name=name,
        our_number=side.our_number,
        # The row keeps its place in the list.
        started_at=known.started_at if known else side.started_at,
        answered_at=side.answered_at,
        ended_at=side.ended_at,
        cause=side.cause,
        is_missed=side.is_missed,
        seen_at=known.seen_at if known else None,
        note=known.note if known else "",
    )
    row.searched = build_searched(
        name=row.name, email=email, address=row.address, our_number=row.our_number, note=row.note
    )
    return row


@receiver(post_delete, sender=Recording, dispatch_uid="forget_recording")
def forget_recording(sender: object, instance: Recording, **kwargs: object) -> None:
    """What has aged is not offered any more. A message goes with its recording."""
    others = Recording.objects.filter(call=instance.call_id, source=instance.source).audible()
    if not others.exists():
        mark = "has_voicemail" if instance.source == Recording.Source.VOICEMAIL else "has_recording"
        RecentCall.objects.filter(call=instance.call_id, **{mark: True}).update(**{mark: False})


def is_news(row: RecentCall, known: RecentCall | None) -> bool:
    return known is None or any(getattr(known, field) != getattr(row, field) for field in TOLD)
