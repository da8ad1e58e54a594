"""Makes rooms true whose callbacks were lost: asks Twilio who is in them, and which legs are over.

`phone/calls/reconciling.py` does so for plain Dials, whose end is the end of their call.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone

from accounts.tasks.background import background, enqueue
from accounts.tasks.clock import every
from accounts.twilio.rest import TwilioLogin
from phone.calls.call import Call
from phone.calls.changes import found_alive, tell_changed
from phone.calls.legs import CallLeg
from phone.calls.reconciling import GIVEN_UP_AFTER, INTERVAL, MOST_ACCOUNTS, RUN_SECONDS, WAIT, end_untold
from phone.calls.records import ENDED, get_locked_call
from phone.calls.stories import read_time
from phone.causes.facts import FOLLOWS, is_follower
from phone.in_call.asking import get_own_login
from phone.in_call.following.rings import may_ring
from phone.in_call.inviting import give_up
from phone.in_call.moving import learn_participants
from phone.in_call.participants import fetch_call
from phone.in_call.refusals import DeedRefused
from phone.in_call.rooms import end_call, is_live, mark_over, settle_call
from phone.in_call.tidying import note_answered, tidy_room

logger = logging.getLogger(__name__)

MOST_CALLS = 200
# Within which Twilio names whom it calls: in its answer, or by the first news of them.
NAMED_WITHIN = timedelta(minutes=1)


def reconcile_rooms() -> int:
    """One run, of half a minute at most; how many calls were asked about. Does no harm if it runs twice."""
    now = timezone.now()
    deadline = time.monotonic() + RUN_SECONDS
    waiting = list(get_waiting(now)[:MOST_CALLS])
    Call.objects.filter(pk__in=[call.pk for call in waiting]).update(asked_at=now)
    silent: set[object] = set()
    asked = 0
    for leg in find_followers(now):
        try:
            reconcile_follower(leg)
        except DeedRefused as refused:
            silent.add(leg.call.account_id)
            logger.warning("Twilio did not say what became of a ring: %s", refused)
            break
    for call in waiting:
        if time.monotonic() > deadline or len(silent) > MOST_ACCOUNTS:
            break
        # Of an account that did not answer nothing more is asked in this run.
        if call.account_id in silent:
            continue
        try:
            reconcile_call(call)
            asked += 1
        except DeedRefused as refused:
            silent.add(call.account_id)
            logger.warning("Twilio did not say what became of a call in a room: %s", refused)
    return asked


def get_waiting(now: datetime) -> "models.QuerySet[Call]":
    """The calls that go on in a room, or without the leg that began them, and were not asked about lately."""

    is_due = models.Q(asked_at=None) | models.Q(asked_at__lte=now - WAIT)
    calls = Call.objects.filter(is_due, ended_at=None, started_at__lte=now - WAIT)
    own = CallLeg.objects.filter(call=models.OuterRef("pk"), call_sid=models.OuterRef("call_sid"))
    gone = models.Exists(own.exclude(ended_at=None))
    in_rooms = calls.filter(~models.Q(conference=None) | gone)
    return in_rooms.select_related("account", "conference", "user").order_by("asked_at", "started_at")


def find_followers(now: datetime) -> list[CallLeg]:
    """Those that have followed somebody, and ring by our rows for longer than they were to."""
    legs = CallLeg.objects.filter(
        call__ended_at=None,
        call__started_at__gt=now - GIVEN_UP_AFTER,
        call__cause_facts__has_key=FOLLOWS,
        ended_at=None,
        conference=None,
    )
    legs = legs.exclude(parent_call_sid="").select_related("call__account", "call__user")
    rung = [leg for leg in legs if is_follower(leg.call, leg) and is_live(leg)]
    return [leg for leg in rung if not may_ring(leg)][:MOST_CALLS]


def reconcile_follower(leg: CallLeg) -> None:
    """Raises DeedRefused where Twilio does not say."""
    if leg.call_sid:
        reconcile_leg(leg, get_own_login(leg.call.account, leg.call.user))
    else:
        give_up(leg, cause="")


def reconcile_call(call: Call) -> None:
    """Raises DeedRefused where Twilio does not say."""
    if call.started_at <= timezone.now() - GIVEN_UP_AFTER:
        end_untold(Call.objects.filter(pk=call.pk, ended_at=None))
        return
    login = get_own_login(call.account, call.user)
    if call.conference is not None:
        learn_participants(call.conference, login)
    for leg in CallLeg.objects.filter(call=call, ended_at=None).exclude(call_sid="").select_related("call"):
        if is_live(leg):
            reconcile_leg(leg, login)
    nameless = CallLeg.objects.filter(call=call, call_sid="", ended_at=None).select_related("call__account")
    for leg in nameless.filter(asked_at__lte=timezone.now() - NAMED_WITHIN):
        # Whoever asked for them died before the answer; nothing can be asked about them.
        give_up(leg, cause="unclear")
    with transaction.atomic():
        row = get_locked_call(call.account, call.call_sid)
        if row is None or row.ended_at is not None:
            return
        if not row.legs.filter(ended_at=None).exists() and not settle_call(row):
            end_call(row, timezone.now())
        tell_changed(row)
        if row.conference_id is not None:
            enqueue(tidy_room, row.conference_id)
    if row.ended_at is None:
        found_alive.send(sender=Call, call_sids=[row.call_sid])


def reconcile_leg(leg: CallLeg, login: TwilioLogin) -> None:
    found = fetch_call(login, leg.call_sid)
    status = str((found or {}).get("status") or "completed")
    # Whether a ring that followed was answered in time is for `following/answers.py` to say.
    is_decided = leg.conference_id is not None or not is_follower(leg.call, leg)
    if status == "in-progress" and leg.role != CallLeg.Role.CALLER and is_decided:
        note_answered(leg)
    if status not in ENDED:
        return
    with transaction.atomic():
        call = get_locked_call(leg.call.account, leg.call.call_sid)
        leg.refresh_from_db()
        if call is None or leg.ended_at is not None:
            return
        # Whoever comes too late with a ring that followed has not answered it.
        is_unanswered = is_follower(call, leg) and leg.conference_id is None and status == "completed"
        leg.status = "canceled" if is_unanswered else status
        mark_over([leg], (read_time(found, "end_time") if found else None) or timezone.now())
        settle_call(call)
        tell_changed(call)


@background(tries=1, lease=timedelta(minutes=2))
def reconcile() -> None:
    """What the worker does; what fails is asked again by the next."""
    reconcile_rooms()


every(INTERVAL, reconcile)
