"""One person's part in a call: which leg is theirs, and who the others are."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from django.db import models
from django.utils import timezone

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.statements import GivenMany, GivenMoment, Question
from accounts.twilio.rest import TwilioLogin
from phone.calls.call import Call
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.causes.endings import get_calls_of
from phone.causes.facts import is_taken
from phone.in_call.asking import get_own_login
from phone.in_call.rooms import is_live, is_talking
from phone.recordings.state import get_recording_states

# Twilio ends every call after a day.
LONGEST = timedelta(hours=25)
# So long a call that is over is still shown.
SHOWN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Part:
    """`legs` are the call's own; `mine` may be another call's, where two share a room.

    `around` is what else was read with it, where it is one of many.
    """

    person: User
    call: Call
    legs: Sequence[CallLeg]
    mine: CallLeg | None
    around: "Around | None" = field(default=None, repr=False, compare=False)

    @property
    def others(self) -> list[CallLeg]:
        """The other parties that are not over, the one first that has been there longest."""
        return [leg for leg in self.legs if is_live(leg) and not self.is_me(leg) and not self.is_hidden(leg)]

    @property
    def talking(self) -> list[CallLeg]:
        """The other parties that have answered."""
        return [leg for leg in self.others if is_talking(leg)]

    @property
    def consulted(self) -> list[CallLeg]:
        """Whom the person asks before a transfer, ringing or talking."""
        return [leg for leg in self.others if leg.role == CallLeg.Role.CONSULTED]

    @property
    def is_consulting(self) -> bool:
        """Whether somebody is asked while somebody else waits."""
        return bool(self.consulted) and any(leg not in self.consulted for leg in self.talking)

    @property
    def is_guest(self) -> bool:
        """Whether the person is the one who is asked: the call is not theirs yet."""
        is_asked = self.mine is not None and self.mine.role == CallLeg.Role.CONSULTED
        return is_asked and len(self.talking) > 1

    @property
    def is_held(self) -> bool:
        """Whether somebody else has put the person on hold."""
        return self.mine is not None and is_live(self.mine) and self.mine.is_held

    @property
    def inviter(self) -> CallLeg | None:
        """Who has brought the person into the call, and is still there."""
        wanted = get_inviter(self.call, self.mine) if self.mine is not None else None
        return next((leg for leg in self.talking if wanted is not None and leg.user_id == wanted), None)

    @property
    def is_in_it(self) -> bool:
        """Whether the person talks in this call, held or not."""
        if self.mine is None or not is_talking(self.mine):
            return False
        # Their part in a call that was sent on out of a room is in the room of another one.
        return self.mine.conference_id in (None, self.call.conference_id)

    @property
    def is_answering(self) -> bool:
        """Whether a leg of theirs is not answered, as far as Twilio has told; their page may know more."""
        mine = self.mine
        return self.call.ended_at is None and mine is not None and is_live(mine) and not is_talking(mine)

    @property
    def is_ringing(self) -> bool:
        """Whether it rings for them, and nobody has answered."""
        return self.call.ended_at is None and self.call.answered_at is None and self.call.user_id is None

    @property
    def is_returning(self) -> bool:
        """Whether it rings for them for whoever has been left in the call, with nobody to talk to."""
        if self.call.ended_at is not None or self.mine is None or not is_live(self.mine):
            return False
        left = {leg.call_sid for leg in self.legs if is_talking(leg) and leg.conference_id is None}
        return self.call.answered_at is not None and self.mine.parent_call_sid in left

    def is_me(self, leg: CallLeg) -> bool:
        return leg.user_id == self.person.pk

    def is_hidden(self, leg: CallLeg) -> bool:
        """Whom somebody else asks before a transfer is nobody else's to see, or to decide about."""
        if leg.role != CallLeg.Role.CONSULTED or self.is_me(leg):
            return False
        return self.is_held or get_inviter(self.call, leg) not in (None, self.person.pk)

    @cached_property
    def recording(self) -> str:
        """`off`, `on` or `paused`."""
        known = self.around.recordings if self.around else get_recording_states([self.call.pk])
        return known[self.call.pk]

    @cached_property
    def neighbours(self) -> list["Part"]:
        """The person's other calls in the same room that go on."""
        if self.call.conference_id is None:
            return []
        around = self.around or read_around([self.person], [self.call])
        rooms = [call for call in around.in_rooms if call.conference_id == self.call.conference_id]
        parts = [around.build_part(self.person, call) for call in rooms if call.pk != self.call.pk]
        return [part for part in parts if part.is_in_it and part.others]

    @property
    def elsewhere(self) -> list["Part"]:
        """The person's other calls that go on, or have just ended; the oldest first."""
        parts = self.around.list_parts(self.person) if self.around else list_parts(self.person)
        return [part for part in parts if part.call.pk != self.call.pk]

    def get_login(self) -> TwilioLogin:
        """Raises DeedRefused."""
        return get_own_login(self.call.account, self.person)


def get_inviter(call: Call, leg: CallLeg) -> int | None:
    """The key of the person who has brought the party into the call; None where that is not known."""
    found: int | None = call.cause_facts.get("brought_by", {}).get(leg.label)
    return found


def get_part(person: User, call_sid: str) -> Part | None:
    """None for a call that is none of theirs, and for one of an account that they have left."""
    calls = get_calls_of(person).select_related("account", "user", "conference")
    call = calls.filter(call_sid=call_sid).first()
    if call is None or not is_member(person, call):
        return None
    return build_part(person, call)


def is_member(person: User, call: Call) -> bool:
    return Membership.objects.filter(user=person, credentials__account=call.account_id).exists()


def build_part(person: User, call: Call) -> Part:
    legs = list(call.legs.select_related("call", "user"))
    return Part(person, call, legs, find_mine(person, call, legs) or find_lent(person, call))


def find_mine(person: User, call: Call, legs: Sequence[CallLeg]) -> CallLeg | None:
    """Their leg that goes on: where they talk in this call, else where it rings for them.

    Their leg in a call that was sent on out of a room may talk in another one, whose room it shares.
    """
    mine = [leg for leg in legs if leg.user_id == person.pk]
    # Twilio tells later that what was taken by "Hold and answer" rings no more.
    live = [leg for leg in mine if is_live(leg) and not is_taken(call, leg)]
    talking = [leg for leg in live if is_talking(leg)]
    here = [leg for leg in talking if leg.conference_id in (None, call.conference_id)]
    ringing = [leg for leg in live if leg not in talking]
    return next(iter((here or ringing or talking)[::-1]), None)


def find_lent(person: User, call: Call) -> CallLeg | None:
    """Their leg of another call, which is in the same room."""
    room: Conference | None = call.conference
    return choose_lent(person, call, get_lent([person], [room])) if room is not None else None


def get_lent(people: Iterable[User], rooms: Iterable[Conference]) -> list[CallLeg]:
    """The legs of `people` in `rooms`, whichever call they are of."""
    legs = CallLeg.objects.filter(conference__in=list(rooms), user__in=list(people), ended_at=None)
    return list(legs.select_related("call", "user"))


def choose_lent(person: User, call: Call, legs: Iterable[CallLeg]) -> CallLeg | None:
    """As `find_lent`, of the `legs` that `get_lent` has found."""
    room = call.conference_id
    theirs = (leg for leg in legs if leg.user_id == person.pk and leg.conference_id == room)
    return next((leg for leg in theirs if leg.call_id != call.pk), None)


def list_parts(person: User) -> list[Part]:
    """Their calls that go on, and those that have just ended; the oldest first."""
    return read_parts([person]).list_parts(person)


@dataclass(frozen=True)
class Around:
    """The calls of some people, and all that their parts in them are told from: read at once, for all.

    `whose` are the keys of those who have a part in a call, by its key; `in_rooms` the calls that go on in
    the same rooms, `lent` the people's legs there. All calls have their legs with them.
    """

    calls: Sequence[Call]
    whose: Mapping[uuid.UUID, set[int | None]]
    in_rooms: Sequence[Call]
    lent: Sequence[CallLeg]
    recordings: Mapping[uuid.UUID, str]

    def list_parts(self, person: User) -> list[Part]:
        """The oldest first."""
        return [self.build_part(person, call) for call in self.calls if person.pk in self.whose[call.pk]]

    def build_part(self, person: User, call: Call) -> Part:
        legs = list(call.legs.all())
        mine = find_mine(person, call, legs)
        if mine is None and call.conference_id is not None:
            mine = choose_lent(person, call, self.lent)
        return Part(person, call, legs, mine, self)


def read_parts(people: Sequence[User]) -> Around:
    """What `people` have part in of calls that go on or have just ended: a few queries for however many."""
    now = timezone.now()
    calls = SHOWN.ask(people=[person.pk for person in people], now=now)
    models.prefetch_related_objects(calls, build_legs())
    whose = {call.pk: {call.user_id, *(leg.user_id for leg in call.legs.all())} for call in calls}
    rung = Call.rung.through.objects.filter(call__in=calls, user__in=people) if calls else ()
    for one in rung:
        whose[one.call_id].add(one.user_id)
    members = get_members(people, calls)
    for call in calls:
        whose[call.pk] &= members[call.account_id]
    return read_around(people, calls, whose)


def build_shown() -> "models.QuerySet[Call]":
    """The calls of `people` that go on or have just ended.

    Each way to have part in one is looked up by an index of its own: all of them in one condition would have
    the database look through everybody's calls of the day.
    """
    now, people = GivenMoment("now"), GivenMany("people", models.BigIntegerField())
    shown = models.Q(ended_at=None) | models.Q(ended_at__gt=now - SHOWN_AFTER)
    lately = Call.objects.filter(shown, started_at__gt=now - LONGEST).order_by()
    made = lately.filter(user__among=people).values("pk")
    legs = CallLeg.objects.filter(user__among=people, asked_at__gt=now - LONGEST).order_by()
    rung = Call.rung.through.objects.filter(user__among=people, call__in=lately)
    found = lately.filter(pk__in=made.union(legs.values("call"), rung.values("call")))
    return with_those_in_it(found).order_by("started_at")


SHOWN = Question(build_shown)


def get_members(people: Iterable[User], calls: Sequence[Call]) -> Mapping[uuid.UUID | None, set[int | None]]:
    """The keys of those of `people` whose phones are of the account of one of `calls`, by its key.

    Nothing is told of a company's calls to who has left it.
    """
    members: defaultdict[uuid.UUID | None, set[int | None]] = defaultdict(set)
    if calls:
        found = Membership.objects.filter(user__in=list(people))
        for account, user in found.values_list("credentials__account", "user"):
            members[account].add(user)
    return members


def read_around(
    people: Iterable[User], calls: Sequence[Call], whose: Mapping[uuid.UUID, set[int | None]] | None = None
) -> Around:
    rooms = {call.conference for call in calls if call.conference is not None}
    in_rooms = list(with_legs(Call.objects.filter(conference__in=rooms, ended_at=None))) if rooms else []
    return Around(
        calls=calls,
        whose=whose or {},
        in_rooms=in_rooms,
        lent=get_lent(people, rooms) if rooms else [],
        recordings=get_recording_states({call.pk for call in (*calls, *in_rooms)}) if calls else {},
    )


def with_legs(calls: "models.QuerySet[Call]") -> "models.QuerySet[Call]":
    return with_those_in_it(calls).prefetch_related(build_legs())


def with_those_in_it(calls: "models.QuerySet[Call]") -> "models.QuerySet[Call]":
    return calls.select_related("account", "user", "conference")


def build_legs() -> "models.Prefetch[str]":
    return models.Prefetch("legs", CallLeg.objects.select_related("user"))
