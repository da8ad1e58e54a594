"""Keeps the rows of recent calls true, in the transaction that changes a call."""

from collections.abc import Iterable

from django.db import models
from django.dispatch import receiver

from accounts.people import User
from accounts.push import push_to_user
from phone.calls.call import Call
from phone.calls.changes import call_changed
from phone.calls.legs import CallLeg
from phone.calls.marks import is_marked
from phone.calls.records import ENDED, read_identity
from phone.calls.unread import push_counts
from phone.recents.recent_call import RecentCall
from phone.recents.searching import build_searched
from phone.recents.sides import VOICEMAIL, build_side, name_other_end

# What the call tells. The note and when it was seen are the person's own.
TOLD = (
    *("direction", "address", "name", "our_number", "answered_at", "ended_at", "cause", "is_missed"),
    *("has_recording", "has_voicemail", "searched"),
)


@receiver(call_changed, dispatch_uid="keep_recents")
def keep_recents(sender: object, call: Call, **kwargs: object) -> None:
    legs = list(call.legs.all())
    known = {row.user_id: row for row in RecentCall.objects.filter(call=call)}
    people = list_people(call, legs, known)
    if not people:
        return
    ends = get_people_at([call.from_address, call.to_address])
    rows = [build_row(call, person, legs, ends, known.get(person.pk)) for person in people]
    changed = [row for row in rows if is_news(row, known.get(row.user_id))]
    RecentCall.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["user", "call"], update_fields=list(TOLD)
    )
    for row in changed:
        push_to_user(row.user_id, {"type": "recents", "call": str(call.pk)})
        before = known.get(row.user_id)
        if row.is_missed != (before is not None and before.is_missed):
            push_counts(row.user)


def list_people(call: Call, legs: Iterable[CallLeg], known: Iterable[int]) -> list[User]:
    """Whoever had a part in `call`; of one that came in and rang for nobody, whoever could have taken it."""
    keys = {call.user_id, *(leg.user_id for leg in legs), *known}
    is_part = models.Q(pk__in=keys - {None}) | models.Q(calls_rung=call)
    people = list(User.objects.filter(is_part).distinct())
    if not people and call.direction == Call.Direction.INCOMING and call.status in ENDED:
        people = list(User.objects.filter(is_active=True, twilio_credentials__account=call.account_id))
    return people


def get_people_at(addresses: Iterable[str]) -> dict[str, User]:
    """Those of ours whose addresses these are, by identity."""
    identities = {identity for address in addresses if (identity := read_identity(address))}
    if not identities:
        return {}
    return {person.identity: person for person in User.objects.filter(identity__in=identities)}


def build_row(
    call: Call,
    person: User,
    legs: Iterable[CallLeg],
    ends: dict[str, User],
    known: RecentCall | None,
) -> RecentCall:
    """As the call tells it now, with what only `known`, the row so far, has.

    `ends` are those of ours at the call's ends, by identity.
    """
    side = build_side(call, person, legs)
    name, email = name_other_end(side.address, ends)
    row = RecentCall(
        user=person,
        call=call,
        direction=side.direction,
        address=side.address,
        name=known.name if known and known.name else name,
        our_number=side.our_number,
        # The row keeps its place in the list.
        started_at=known.started_at if known else side.started_at,
        answered_at=side.answered_at,
        ended_at=side.ended_at,
        cause=side.cause,
        is_missed=side.is_missed,
        seen_at=known.seen_at if known else None,
        note=known.note if known else "",
        has_recording=is_marked("recording", call, person),
        has_voicemail=side.cause == VOICEMAIL or is_marked("voicemail", call, person),
    )
    row.searched = build_searched(
        name=row.name, email=email, address=row.address, our_number=row.our_number, note=row.note
    )
    return row


def is_news(row: RecentCall, known: RecentCall | None) -> bool:
    return known is None or any(getattr(known, field) != getattr(row, field) for field in TOLD)
