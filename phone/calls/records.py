"""Keeps the row of a call true while webhooks arrive, twice or in the wrong order."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from django.db import models, transaction
from django.http import QueryDict
from django.utils import timezone

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.statements import Given, Question, insert, insert_in_turn, update
from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.changes import list_rows_with, tell_changed, tell_made
from phone.calls.legs import CallLeg
from phone.calls.statuses import read_status

ADDRESS_LENGTH = 140
SID_LENGTH = 34
ENDING_LENGTH = 200
VERSTAT_LENGTH = 60
# https://www.twilio.com/docs/voice/api/call-resource#call-status-values
PROGRESS = ("queued", "initiated", "ringing", "in-progress")
ANSWERED = ("in-progress", "completed")
# What news of a leg may change in the call's row, what its end may, and what news may in the leg's own.
PROGRESSING = ("status", "user_id", "answered_at", "ended_at", "ending", "error_code")
ENDING = ("status", "answered_at", "ended_at", "error_code", "cause_facts")
TOLD_OF_LEG = (
    *("status", "sequence_number", "sip_response_code", "error_code"),
    *("rung_at", "answered_at", "ended_at"),
)
UNANSWERED = frozenset({"busy", "no-answer", "failed", "canceled"})
ENDED = UNANSWERED | {"completed"}
# Twilio percent-encodes what is odd in an identity; in ours nothing is.
CLIENT = re.compile(r"client:([A-Za-z0-9_]{1,121})")
# Twilio's Timestamp is believed this far from our own clock.
BELIEVED = timedelta(hours=6)


class CallOfAnotherAccount(Exception):
    """An account names a call that is known as another account's."""


class PartOfAnotherCall(Exception):
    """What is named as a call of its own is known as somebody's part in another one."""


@dataclass(frozen=True)
class Leg:
    """What a status callback says of one leg of a call, or Twilio's list of calls.

    `at` is the time of what is told, but in Twilio's list the time of a leg's answer, with its `ended_at`.
    `seconds`: of one that is over, how long it was answered.
    """

    status: str
    identity: str
    at: datetime
    error_code: int | None
    call_sid: str = ""
    address: str = ""
    sip_response_code: int | None = None
    sequence_number: int | None = None
    ended_at: datetime | None = None
    parent_call_sid: str = ""
    seconds: int | None = None


def record_call(
    *,
    account: TwilioAccount,
    call_sid: str,
    direction: str,
    user: User | None,
    from_address: str,
    to_address: str,
    status: str = "ringing",
    ending: str = "",
    rung: Sequence[User] = (),
    stir_verstat: str = "",
    facts: Mapping[str, Any] | None = None,
    caller_id: str = "",
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    is_told: bool = True,
    is_unknown: bool = False,
    counted: models.Model | None = None,
    called_name: str | None = None,
) -> Call:
    """The row of a call that Twilio asks about; a repeated question finds the same row.

    `ending` is the sentence that the caller hears instead of being connected, `rung` are those whose
    phones ring, `stir_verstat` is Twilio's word for the caller's attestation, `facts` are those that a
    cause is told from, `caller_id` is which of our numbers is shown to whom is called. `started_at` and
    `ended_at` are now where they are not given. Without `is_told` the caller tells of a new call, in the
    same transaction, once more is known of it. `is_unknown`: the caller knows of no
    such row; `counted` is one that is stored before it, then. `called_name` is
    what the caller calls the number, "" for nothing, where that is known.

    Raises CallOfAnotherAccount, PartOfAnotherCall.
    """
    known = None if is_unknown else find_call(call_sid)
    if known is None:
        now = timezone.now()
        call = Call(
            call_sid=call_sid,
            account=account,
            direction=direction,
            user=user,
            from_address=from_address[:ADDRESS_LENGTH],
            to_address=to_address[:ADDRESS_LENGTH],
            status=status,
            ending=ending[:ENDING_LENGTH],
            stir_verstat=stir_verstat[:VERSTAT_LENGTH],
            caller_id=caller_id,
            started_at=started_at or now,
            ended_at=(ended_at or now) if status in ENDED else None,
            cause_facts=dict(facts or {}),
        )
        call.called_name = called_name
        if add_call(call, rung, is_told=is_told, counted=counted):
            return call
        # Asked twice at once, and the other question was first.
        known = find_call(call_sid)
    if known is None or known.account_id != account.pk:
        raise CallOfAnotherAccount(call_sid)
    known.account = account
    return known


def find_call(call_sid: str) -> Call | None:
    return CALLS.ask_first(call_sid=call_sid)


CALLS = Question(lambda: Call.objects.filter(call_sid=Given("call_sid", models.CharField())).order_by())


@transaction.atomic(savepoint=False)
def add_call(call: Call, rung: Sequence[User], *, is_told: bool, counted: models.Model | None = None) -> bool:
    """False where a call with its SID is there.

    Raises PartOfAnotherCall, and CallOfAnotherAccount where `counted` is there, which undo the transaction.
    """
    before = [counted] if counted is not None else []
    leg = build_caller(call)
    along = list_rows_with(call, [leg], rung) if is_told else []
    stored = insert_in_turn([*before, call, leg, *along]) - len(before)
    if stored < 0:
        raise CallOfAnotherAccount(call.call_sid)
    if stored == 0:
        return False
    if stored == 1:
        raise PartOfAnotherCall(call.call_sid)
    if rung:
        through = Call.rung.through
        through.objects.bulk_create(through(call=call, user=person) for person in rung)
    call.is_new = True
    if is_told:
        tell_made(call)
    return True


def build_caller(call: Call) -> CallLeg:
    """The caller's own leg, which has the Call's own SID."""
    caller = call.user if call.direction == Call.Direction.OUTGOING else None
    return CallLeg(
        call=call,
        call_sid=call.call_sid,
        role=CallLeg.Role.CALLER,
        route=CallLeg.Route.CLIENT if caller else CallLeg.Route.NUMBER,
        user=caller,
        address=call.from_address,
        status=call.status,
        asked_at=call.started_at,
        ended_at=call.ended_at,
    )


def record_dial_result(
    *, account: TwilioAccount, call_sid: str, result: str, error_code: int | None, call_status: str = ""
) -> Call | None:
    """How a Dial ended, by its DialCallStatus: the last word about a call. None for a call that is not known.

    `call_status` is the caller's own by then, which tells who hung up.
    """
    status = "completed" if result == "answered" else result
    with transaction.atomic():
        call = get_locked_call(account, call_sid)
        if call is None or status not in ENDED:
            return call
        before = read_fields(call, ENDING)
        call.cause_facts = {**call.cause_facts, "dial": {"status": status, "call_status": call_status}}
        if call.answered_at and status != "completed":
            # A leg has been talked on: whatever else rang says nothing about the call.
            status = "completed"
        call.status = status
        call.ended_at = call.ended_at or timezone.now()
        call.error_code = call.error_code or error_code
        if status == "completed":
            call.answered_at = call.answered_at or call.started_at
        save_changed(call, before)
        tell_changed(call)
        return call


def record_heard(call: Call, sentence: str) -> None:
    """What the caller hears instead of being connected; empty where that is nothing."""
    call.ending = sentence[:ENDING_LENGTH]
    update(call, "ending")


def record_progress(call: Call, leg: Leg) -> None:
    """What became of a leg that `call`, which is locked, rings. The call only ever moves forward.

    A leg that is busy or silent says nothing final about the call: another may still be answered.
    """
    note_leg(call, leg)
    before = read_fields(call, PROGRESSING)
    call.error_code = call.error_code or leg.error_code
    if leg.status in ANSWERED:
        note_answer(call, leg)
    move_forward(call, leg.status)
    if call.status == "completed":
        call.ended_at = call.ended_at or leg.at
    save_changed(call, before)
    tell_changed(call)


def record_end(call: Call, leg: Leg) -> None:
    """The caller's own leg of `call`, which is locked, is over: what was not answered never will be."""
    note_leg(call, leg)
    if call.status in ENDED:
        return
    before = read_fields(call, ENDING)
    unanswered = "no-answer" if call.direction == Call.Direction.INCOMING else "canceled"
    call.status = "completed" if call.answered_at else unanswered
    call.ended_at = leg.at
    call.error_code = call.error_code or leg.error_code
    save_changed(call, before)
    tell_changed(call)


def note_leg(call: Call, told: Leg) -> None:
    """What Twilio says of one leg, in its own row, which is made where there is none yet.

    News that is older than what is known already changes nothing but what was not known.
    """
    if not told.call_sid:
        return
    known = LEGS.ask_first(call_sid=told.call_sid)
    leg = known or CallLeg(
        call=call,
        call_sid=told.call_sid,
        role=CallLeg.Role.CALLED,
        route=CallLeg.Route.CLIENT if told.identity else CallLeg.Route.NUMBER,
        user=get_member(call.account, told.identity) if told.identity else None,
        address=told.address[:ADDRESS_LENGTH],
        status=told.status,
        parent_call_sid=told.parent_call_sid,
    )
    if leg.call_id != call.pk:
        return
    before = read_fields(leg, TOLD_OF_LEG)
    is_news = leg.status not in ENDED and rank_of_leg(told) >= rank(leg.status)
    leg.status = told.status if is_news else leg.status
    leg.sequence_number = max(
        (number for number in (leg.sequence_number, told.sequence_number) if number is not None), default=None
    )
    leg.sip_response_code = leg.sip_response_code or told.sip_response_code
    leg.error_code = leg.error_code or told.error_code
    if told.status == "ringing":
        leg.rung_at = leg.rung_at or told.at
    elif told.status == "in-progress":
        leg.answered_at = told.at
    elif told.status in ENDED:
        leg.ended_at = leg.ended_at or told.ended_at or told.at
    if told.status == "completed" and told.ended_at:
        leg.answered_at = leg.answered_at or told.at
    elif told.status == "completed" and told.seconds and leg.ended_at:
        # The word of its answer was lost, or is late.
        leg.answered_at = leg.answered_at or leg.ended_at - timedelta(seconds=told.seconds)
    if known is None:
        # Whose SID another call has named in this very moment stays that call's.
        insert(leg)
    else:
        save_changed(leg, before)


def read_fields(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def save_changed(row: models.Model, before: Mapping[str, Any]) -> None:
    """Saves of the fields in `before`, their values until now, those that have others."""
    changed = [name for name, value in before.items() if getattr(row, name) != value]
    if changed:
        update(row, *changed)


def note_end_of_caller(call: Call) -> None:
    """Of a call that is over, the caller's own leg is over too, whatever was told of it."""
    if call.ended_at is None:
        return
    mine = CallLeg.objects.filter(call=call, call_sid=call.call_sid, ended_at=None)
    mine.update(status="completed", ended_at=call.ended_at)


def rank_of_leg(told: Leg) -> int:
    return len(PROGRESS) if told.status in ENDED else rank(told.status)


def note_answer(call: Call, leg: Leg) -> None:
    """The leg is or was talked on. Only its `in-progress` knows since when."""
    if leg.status == "in-progress" or call.answered_at is None:
        # Told late, and without a time of its own, it would come after the end.
        at = leg.at - timedelta(seconds=leg.seconds or 0) if leg.status == "completed" else leg.at
        call.answered_at = min(at, call.ended_at or at)
    if call.direction == Call.Direction.INCOMING and leg.identity:
        call.user = call.user or get_member(call.account, leg.identity)


def move_forward(call: Call, status: str) -> None:
    """Takes the status of a leg where it is further on than the call's."""
    if call.status in ENDED:
        # The end of the caller's own leg may arrive before the word that another was answered.
        if status in ANSWERED:
            call.status, call.ending = "completed", ""
        return
    if status == "completed" or rank(status) > rank(call.status):
        call.status = status


def rank(status: str) -> int:
    return PROGRESS.index(status) if status in PROGRESS else -1


def get_locked_call(account: TwilioAccount, call_sid: str) -> Call | None:
    """The account's own call, locked until the transaction ends; None for a call it does not have.

    `call_sid` is the call's, or that of a leg of it: whoever is left by the others may be dialled on for.
    """
    if not call_sid:
        # So is every leg that Twilio has not named yet.
        return None
    found = LOCKED.ask_first(account=account.pk, call_sid=call_sid)
    if found is None:
        return get_locked_call_of(account, call_sid)
    found.account = account
    return found


def get_locked_call_of(account: TwilioAccount, leg_sid: str) -> Call | None:
    """As `get_locked_call`, by the SID of a leg that is known: one query."""
    found = LOCKED_OF_LEG.ask_first(account=account.pk, call_sid=leg_sid) if leg_sid else None
    if found is not None:
        found.account = account
    return found


def build_locked() -> "models.QuerySet[Call]":
    return Call.objects.select_for_update().filter(account=Given("account", models.UUIDField())).order_by()


def build_legs() -> "models.QuerySet[CallLeg]":
    return CallLeg.objects.filter(call_sid=Given("call_sid", models.CharField())).order_by()


LEGS = Question(build_legs)
LOCKED = Question(lambda: build_locked().filter(call_sid=Given("call_sid", models.CharField())))
LOCKED_OF_LEG = Question(lambda: build_locked().filter(pk__in=build_legs().values("call")))


def get_member(account: TwilioAccount, identity: str) -> User | None:
    """Whose phone runs on the account's credentials; `user.membership` is there with them."""
    found = MEMBERS.ask_first(identity=identity, account=account.pk) if identity else None
    return found.user if found else None


def build_members() -> "models.QuerySet[Membership]":
    memberships: models.QuerySet[Membership] = Membership.objects.select_related("user")
    return memberships.filter(
        user__identity=Given("identity", models.CharField()),
        credentials__account=Given("account", models.UUIDField()),
    )


MEMBERS = Question(build_members)


def read_leg(params: QueryDict) -> Leg:
    return Leg(
        status=read_status(params),
        identity=read_identity(params.get("To", "")),
        at=read_timestamp(params.get("Timestamp", "")),
        error_code=read_number(params.get("ErrorCode", "")),
        call_sid=params.get("CallSid", ""),
        address=params.get("To", ""),
        sip_response_code=read_number(params.get("SipResponseCode", "")),
        sequence_number=read_number(params.get("SequenceNumber", "")),
        parent_call_sid=params.get("ParentCallSid", "")[:SID_LENGTH],
        seconds=read_number(params.get("CallDuration", "")),
    )


def read_identity(address: str) -> str:
    """The identity in `client:<identity>`; "" for any other address, and for one that is none of ours."""
    found = CLIENT.fullmatch(address)
    return found[1] if found else ""


def read_timestamp(value: str) -> datetime:
    """Twilio's time of an event (RFC 2822); ours where it cannot be read or cannot be right."""
    now = timezone.now()
    at = parse_timestamp(value)
    return at if at and abs(at - now) <= BELIEVED else now


def parse_timestamp(value: str) -> datetime | None:
    """A time as Twilio writes it (RFC 2822), with its zone; None for anything else."""
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else None


def read_number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else None
