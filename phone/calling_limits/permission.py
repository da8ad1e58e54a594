"""Asks whether a call to a number may be made, and counts it: one after the other for each account.

What is counted is read and written under the lock of the account's limits, and nobody outside is asked
meanwhile: neither two workers nor two calls at once come past a limit. The row is there before
Twilio is told.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.statements import Given, Question, insert
from accounts.twilio.credentials import TwilioAccount
from phone.calling_limits import rules
from phone.calling_limits.alarming import look_for_pattern
from phone.calling_limits.calling_limits import CallingLimits, get_limits
from phone.calling_limits.kinds import Target, read_target
from phone.calling_limits.owner import build_owner_home, get_owner
from phone.calling_limits.placed_calls import NUMBER_LENGTH, PlacedCall, count
from phone.calling_limits.zones import get_day
from phone.calls.call import Call
from phone.calls.destinations import CannotDial
from phone.calls.records import CallOfAnotherAccount
from phone.contacts.names import build_name_of_one

# Until it is answered, and what Twilio takes to say so.
RINGING = timedelta(minutes=3)
# The limits that a refusal names.
COUNTS = frozenset(
    {"calls_at_once", "calls_at_once_of_person", "minutes", "minutes_abroad", "new_numbers"}
    | {"new_numbers_abroad"}
)


@dataclass(frozen=True)
class Asked:
    """`key` names the leg that Twilio would be told to make; asked twice, the answer is the same.

    `person` None: a call that came in and is forwarded. `leg_id`: the row of that leg, where there is one.
    """

    account: TwilioAccount
    person: User | None
    number: str
    key: str
    call_sid: str
    leg_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Permission:
    """A call may be talked for `seconds`, or is not made: `refusal`."""

    seconds: int
    refusal: CannotDial | None = None
    # Whether its call was not on record a moment ago.
    is_unknown: bool = False
    # The row by which it counts, where whoever asked stores it along with the call: see `ask_permission()`.
    counted: PlacedCall | None = None
    # What the person calls the number, where that was read: "" for nothing.
    name: str | None = None

    @property
    def time_limit(self) -> int | None:
        """What Twilio is told: nothing where it ends the call by then anyway."""
        return self.seconds if self.seconds < rules.LONGEST_SECONDS else None


@transaction.atomic(savepoint=False)
def ask_permission(asked: Asked, *, stores: bool = True) -> Permission:
    """Whether the call may be made. It counts from now on, if the caller's transaction is committed.

    Without `stores`, a call that may be made and is not on record counts once the caller has stored
    `counted`, which they do in the same transaction.

    Raises CallOfAnotherAccount.
    """
    row = lock_for(asked)
    now, target = timezone.now(), read_target(asked.number)
    limits = row.as_rules(owner_home=row.owner_home)
    if row.is_of_another:
        raise CallOfAnotherAccount(asked.call_sid)
    if row.is_kept_home and limits.is_abroad(target):
        # It is not counted: what one person may not do anyway stops nobody else's calls abroad.
        return Permission(0, build_refusal("may_not_call_abroad", target, limits, asked.account))
    day = get_day(row.time_zone, now)
    found = count(asked.account, asked.person, number=asked.number, key=asked.key, now=now, day=day)
    if found.has_key:
        known = PlacedCall.objects.get(key=asked.key)
        reason = known.refused_for
        refusal = build_refusal(reason, target, limits, asked.account) if reason else None
        return Permission(known.granted_seconds, refusal)
    is_new = not found.is_known and not row.has_called
    is_persons = asked.person is not None
    judged = rules.judge_call(target, limits, found.used, is_new=is_new, is_persons=is_persons, now=now)
    placed = build_placed(asked, row, target, judged, limits, is_new=is_new, now=now)
    if not (stores or row.has_call or placed.is_abroad or placed.refused_for):
        return Permission(placed.granted_seconds, is_unknown=True, counted=placed, name=row.contact_name)
    if not insert(placed):
        # Of this account it would have been found.
        raise CallOfAnotherAccount(asked.call_sid)
    if placed.is_abroad and asked.person is not None and look_for_pattern(row, asked.person, now):
        # This call is the one by which it is seen; it is not made either.
        placed.refused_for, placed.granted_seconds = placed.refused_for or "abroad_stopped", 0
        placed.save(update_fields=["refused_for", "granted_seconds"])
    if placed.refused_for:
        return Permission(0, build_refusal(placed.refused_for, target, limits, asked.account))
    return Permission(placed.granted_seconds, is_unknown=not row.has_call)


def build_placed(
    asked: Asked,
    row: CallingLimits,
    target: Target,
    judged: rules.Judgement,
    limits: rules.Limits,
    *,
    is_new: bool,
    now: datetime,
) -> PlacedCall:
    return PlacedCall(
        key=asked.key,
        account=asked.account,
        person=asked.person,
        call_sid=asked.call_sid,
        leg_id=asked.leg_id,
        number=target.number[:NUMBER_LENGTH],
        country=target.country,
        is_abroad=limits.is_abroad(target),
        is_new=is_new,
        refused_for=judged.reason,
        day=get_day(row.time_zone, now),
        begun_at=now,
        granted_seconds=judged.seconds,
        expires_at=now + RINGING + timedelta(seconds=judged.seconds),
        ended_at=now if judged.reason else None,
    )


def lock_for(asked: Asked) -> CallingLimits:
    """The account's limits, locked, with what is read along with them."""
    given = {
        "account": asked.account.pk,
        "person": asked.person.pk if asked.person else None,
        "number": asked.number,
        "key": asked.key,
        "call_sid": asked.call_sid,
    }
    row = LOCKED.ask_first(**given)
    if row is None:
        get_limits(asked.account)
        row = LOCKED.ask(**given)[0]
    row.account = asked.account
    return row


def build_locked() -> QuerySet[CallingLimits]:
    """Read along are where the owner is at home, whether the number was called before, and what the person
    calls it.

    A number that rang is known, also from before calls were counted.
    """
    text, person = models.CharField(), Given("person", models.BigIntegerField())
    calls = Call.objects.filter(
        account=OuterRef("account"),
        to_address=Given("number", text),
        direction=Call.Direction.OUTGOING,
    )
    of_another = ~Q(account=OuterRef("account"))
    call = Call.objects.filter(call_sid=Given("call_sid", text))
    placed = PlacedCall.objects.filter(of_another, key=Given("key", text))
    along = {
        "owner_home": build_owner_home(),
        "has_called": Exists(calls.exclude(status="failed")),
        "has_call": Exists(call),
        "is_of_another": Exists(call.filter(of_another)) | Exists(placed),
        "is_kept_home": Exists(list_kept_home().filter(user=person)),
        "contact_name": build_name_of_one(person, Given("number", text)),
    }
    rows = CallingLimits.objects.filter(account=Given("account", models.UUIDField()))
    return rows.select_for_update(of=("self",)).annotate(**along)


LOCKED = Question(build_locked)


def list_kept_home() -> QuerySet[Membership]:
    """The memberships of those whom the owner of their company does not let call abroad."""
    found: QuerySet[Membership] = Membership.objects.filter(
        role=Membership.Role.MEMBER, may_call_abroad=False
    )
    return found


def refuse_number(account: TwilioAccount, number: str, *, person: User | None) -> CannotDial | None:
    """Why a number is not called at all; None where it may be. Counts nothing.

    `person` as in `Asked`: what is abroad for them is abroad for the company's limits, too.
    """
    limits, target = get_limits(account).as_rules(), read_target(number)
    reason = rules.judge_number(target, limits, timezone.now())
    if person is not None and limits.is_abroad(target) and list_kept_home().filter(user=person).exists():
        reason = "may_not_call_abroad"
    return build_refusal(reason, target, limits, account) if reason else None


def build_refusal(reason: str, target: Target, limits: rules.Limits, account: TwilioAccount) -> CannotDial:
    """The refusal with the facts that its words name: who can change it, which country, how many."""
    owner = get_owner(account)
    facts = {"owner": owner.display_name if owner else ""}
    if reason == "country":
        facts["country"] = target.country
    if reason in COUNTS:
        facts["count"] = str(getattr(limits, reason))
    return CannotDial(reason, target.number, is_attempt=True, **facts)


def note_refused(asked: Asked) -> None:
    """Keeps that a call was asked for and is not made, so that it is seen by whoever looks for misuse."""
    if ask_permission(asked).refusal is None:
        now = timezone.now()
        PlacedCall.objects.filter(key=asked.key).update(seconds=0, ended_at=now, expires_at=now)


def find_time_limit(key: str) -> int | None:
    """How long the leg `key`, which was counted, may be talked, as Twilio is told it."""
    granted = PlacedCall.objects.filter(key=key).values_list("granted_seconds", flat=True).first()
    return None if granted is None else Permission(granted).time_limit
