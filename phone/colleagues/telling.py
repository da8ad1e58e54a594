"""Tells open pages how the colleagues of their people are, whenever that changes, and when a socket opens.

Whatever may have changed it is heard in its transaction (`hear_call`, `hear_presence`). After commit, beside
the requests (`phone/device/beside.py`), all of whom something was heard meanwhile are looked at together, and
whoever has a page open is told of those who are not what they were. Nobody is asked again and again.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import partial, update_wrapper
from typing import Any

from django.db import models, transaction

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.push import push_to_user, send_to_users
from accounts.statements import GivenMany, Question
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.colleagues.seeing import Seen, see_all
from phone.colleagues.told import note_changes
from phone.device.beside import Beside, get_server_loop
from phone.device.presence import SILENT_AFTER, has_open_page
from phone.device.threads import in_database_thread

Frame = dict[str, Any]
# When a page whose socket has ended counts as gone, unless it is back.
LOOKED_LATER_SECONDS = SILENT_AFTER.total_seconds() + 1


def hear_call(sender: Any, call: Call, **kwargs: Any) -> None:
    """Of a call that has changed: those whose part in it says whether they are in a call."""
    people = {leg.user_id for leg in call.legs.all() if leg.user_id is not None and is_or_was_in(leg)}
    if people:
        tell_after_commit(people)


def is_or_was_in(leg: CallLeg) -> bool:
    """Whoever is only rung is as before."""
    return leg.role == CallLeg.Role.CALLER or leg.answered_at is not None or leg.status == "in-progress"


def hear_presence(sender: Any, people: Iterable[int], **kwargs: Any) -> None:
    tell_after_commit(people)


def tell_after_commit(people: Iterable[int]) -> None:
    # A layer that is away takes nothing else with it; Django names in its log what failed.
    telling = update_wrapper(partial(tell_of, frozenset(people)), tell_of)
    transaction.on_commit(telling, robust=True)


def tell_of(people: frozenset[int]) -> None:
    """Soon where a server runs; before it returns anywhere else: in a worker, in a command."""
    loop = get_server_loop()
    if loop is None:
        for user_id, frame in build_frames(people).items():
            push_to_user(user_id, frame)
    else:
        BESIDE.want(loop, people)


def look_later(people: Iterable[User]) -> None:
    """Pages of theirs have lost their sockets: one that is not back by then is rung no more."""
    loop = get_server_loop()
    if loop is not None:
        BESIDE.want_later(loop, [person.pk for person in people], LOOKED_LATER_SECONDS)


async def tell(people: set[int]) -> None:
    await send_to_users(await in_database_thread(build_frames, people))


BESIDE = Beside(tell, "Pages were not told how their colleagues are")


def build_frames(people: Collection[int]) -> dict[int, Frame]:
    """What is told of those of `people` who are not what they were, by the keys of those who are told."""
    changed = note_changes(people)
    if not changed:
        return {}
    by_account: dict[Any, list[Seen]] = {}
    for seen in changed:
        by_account.setdefault(seen.account, []).append(seen)
    frames = {account: make_frame(several) for account, several in by_account.items()}
    return {user_id: frames[account] for user_id, account in list_listening(frames)}


def list_listening(accounts: Iterable[Any]) -> list[tuple[int, Any]]:
    """Whoever of these accounts has a page open, with their account."""
    members = User.objects.filter(has_open_page(), is_active=True, membership__account__in=list(accounts))
    return list(members.values_list("pk", "membership__account"))


def build_presence_frames(people: Sequence[User]) -> dict[int, Frame]:
    """Who is of their accounts, and how each of them is, for pages that open their sockets; by their keys."""
    accounts = dict(ACCOUNTS.ask_values(people=[person.pk for person in people]))
    members: dict[Any, list[Seen]] = {account: [] for account in accounts.values()}
    for seen in see_all(set(members) - {None}):
        members[seen.account].append(seen)
    frames = {account: make_whole_frame(several) for account, several in members.items()}
    nobody = make_whole_frame([])
    return {person.pk: frames.get(accounts.get(person.pk), nobody) for person in people}


ACCOUNTS: "Question[Any]" = Question(
    lambda: Membership.objects.filter(user__among=GivenMany("people", models.BigIntegerField())).values_list(
        "user", "account"
    )
)


def make_whole_frame(everybody: Iterable[Seen]) -> Frame:
    """With their names: whoever is not in it is no colleague."""
    people = [{**seen.as_json(), "name": seen.name} for seen in everybody]
    return {"type": "presence", "people": people, "is_all": True}


def make_frame(people: Iterable[Seen]) -> Frame:
    return {"type": "presence", "people": [seen.as_json() for seen in people]}
