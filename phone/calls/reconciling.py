"""Asks Twilio what became of the calls that it has told nothing more about.

A callback that is lost (our server was down, the network was) leaves a call that never ends. Twilio's own
list of calls is asked: for the call, and for the legs that it rang. What it says is taken as its callbacks
would have told it; a call that has ended by then is left as it is. A call that Twilio does not know is over:
it keeps a record of each from its beginning, and only those of calls that are over can be deleted
(https://www.twilio.com/docs/api/errors/20009).
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.sealing.encryption import UnsealError
from accounts.tasks.background import background
from accounts.tasks.clock import every
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.rest import Answer, Limits, TwilioLogin, TwilioUnreachable, fetch
from accounts.twilio.side_by_side import ask_side_by_side
from phone.calls.call import Call
from phone.calls.changes import found_alive, tell_changed
from phone.calls.confirmation import get_login
from phone.calls.legs import CallLeg
from phone.calls.records import ENDED, get_locked_call, note_end_of_caller, note_leg
from phone.calls.stories import LIVE, Story, read_story, take_story

logger = logging.getLogger(__name__)

# A call is asked about once it is so old, and then again so much later: asked every half minute, its end
# is known 75 s later at most.
WAIT = timedelta(seconds=45)
# Twilio ends every call after a day: https://www.twilio.com/docs/voice/twiml/dial#timelimit.
GIVEN_UP_AFTER = timedelta(hours=25)
# What one run may cost: the rest has its turn in the next.
MOST_ACCOUNTS = 100
MOST_OF_ACCOUNT = 50
MOST_GIVEN_UP = 500
RUN_SECONDS = 25.0
# Of more calls than this Twilio is asked first which are alive, three questions for all of them.
FEW = 3
MOST_LISTED = 1000
LIMITS = Limits(connect=3.0, read=5.0)


# As often as the worker looks at the clock allows, which keeps every end true within two minutes.
INTERVAL = timedelta(seconds=30)


class NotAnswered(Exception):
    """Twilio does not say; asking on about the same account is of no use now."""


@dataclass(frozen=True)
class Reconciled:
    """How many calls were found over or alive, not found and so over, not to be asked about now, given up."""

    ended: int = 0
    alive: int = 0
    unknown: int = 0
    unanswered: int = 0
    given_up: int = 0


def reconcile_calls() -> Reconciled:
    """One run, of half a minute at most, to be begun every half minute. Does no harm if it runs twice."""
    now = timezone.now()
    counts: Counter[str] = Counter(given_up=give_up_old(now))
    deadline = time.monotonic() + RUN_SECONDS
    waiting = get_waiting(now)
    for account in list_accounts(waiting):
        if time.monotonic() > deadline:
            break
        calls = list(waiting.filter(account=account)[:MOST_OF_ACCOUNT])
        # First of all: an account that is slow to answer must not have every other wait in each run.
        Call.objects.filter(pk__in=[call.pk for call in calls]).update(asked_at=now)
        counts.update(reconcile_account(account, calls, deadline))
    return Reconciled(**counts)


def get_waiting(now: datetime) -> "models.QuerySet[Call]":
    """The calls to ask about, those first that have waited the longest."""
    is_due = models.Q(asked_at=None) | models.Q(asked_at__lte=now - WAIT)
    waiting = Call.objects.filter(is_due, ended_at=None, started_at__lte=now - WAIT, conference=None)
    # What goes on without the leg that began it does not end with that: `phone/in_call/reconciling.py`.
    own = CallLeg.objects.filter(call=models.OuterRef("pk"), call_sid=models.OuterRef("call_sid"))
    waiting = waiting.exclude(models.Exists(own.exclude(ended_at=None)))
    return waiting.order_by(Coalesce("asked_at", "started_at"))


def list_accounts(waiting: "models.QuerySet[Call]") -> list[TwilioAccount]:
    """Those whose calls have waited the longest."""
    oldest = (
        waiting.order_by().values("account").annotate(since=models.Min(Coalesce("asked_at", "started_at")))
    )
    keys = list(oldest.order_by("since").values_list("account", flat=True)[:MOST_ACCOUNTS])
    accounts = TwilioAccount.objects.in_bulk(keys)
    return [accounts[key] for key in keys]


def reconcile_account(account: TwilioAccount, calls: Sequence[Call], deadline: float) -> "Counter[str]":
    """What came of each of `calls`; nothing more is asked after one question that is not answered."""
    counts: Counter[str] = Counter()
    login = get_login(account)
    going_on: list[str] = []
    try:
        alive = list_alive(login) if login and len(calls) > FEW else set()
        for call in calls:
            if login is None or time.monotonic() > deadline:
                break
            is_known_alive = call.answered_at is not None and call.call_sid in alive
            found = "alive" if is_known_alive else reconcile_one(login, account, call)
            counts[found] += 1
            if found == "alive":
                going_on.append(call.call_sid)
    except (TwilioUnreachable, NotAnswered, UnsealError) as error:
        logger.warning("Twilio did not say what became of an account's calls: %s", error)
    found_alive.send(sender=Call, call_sids=going_on)
    counts["unanswered"] = len(calls) - counts.total()
    return counts


def reconcile_one(login: TwilioLogin, account: TwilioAccount, call: Call) -> str:
    """`ended`, `alive` or `unknown`, which has ended as well. Raises TwilioUnreachable, NotAnswered."""
    story = fetch_story(login, call.call_sid)
    if story is None:
        end_untold([call])
        return "unknown"
    with transaction.atomic():
        row = get_locked_call(account, call.call_sid)
        # Its end may have been told while Twilio was asked.
        if row is not None and row.ended_at is None:
            take_story(row, story)
            for leg in story.legs:
                note_leg(row, leg)
            note_end_of_caller(row)
            row.save()
            tell_changed(row)
    return "ended" if story.status in ENDED else "alive"


def fetch_story(login: TwilioLogin, call_sid: str) -> Story | None:
    """What Twilio knows of a call and of the legs it rang; None if it does not know the call."""
    legs = {"ParentCallSid": call_sid, "PageSize": 50}
    answers = ask_side_by_side(
        login.account_sid,
        {
            "call": lambda: fetch(login, f"/Calls/{call_sid}.json", limits=LIMITS),
            "legs": lambda: fetch(login, "/Calls.json", params=legs, limits=LIMITS),
        },
    )
    if answers["call"].status == 404:
        return None
    call, listed = read_body(answers["call"]), read_body(answers["legs"])
    return read_story(call, read_calls(listed))


def list_alive(login: TwilioLogin) -> set[str]:
    """The Call SIDs of the account's calls that are going on."""
    sids: set[str] = set()
    for status in LIVE:
        listed = {"Status": status, "PageSize": MOST_LISTED}
        body = read_body(fetch(login, "/Calls.json", params=listed, limits=LIMITS))
        sids.update(str(call.get("sid")) for call in read_calls(body))
    return sids


def read_body(answer: Answer) -> dict[str, Any]:
    """Raises NotAnswered for anything but a good answer with an object in it."""
    if not answer.is_success or not isinstance(answer.json, dict):
        raise NotAnswered(f"HTTP {answer.status}, code {answer.code}")
    return answer.json


def read_calls(listed: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of a list. Raises NotAnswered where there is none."""
    calls = listed.get("calls")
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        raise NotAnswered("not a list of calls")
    return calls


def give_up_old(now: datetime) -> int:
    """Ends the calls that Twilio must have ended long ago and says nothing about: how many."""
    old = Call.objects.select_related("account").filter(ended_at=None, started_at__lte=now - GIVEN_UP_AFTER)
    return end_untold(old[:MOST_GIVEN_UP])


def end_untold(calls: Iterable[Call]) -> int:
    """Ends `calls`, which have not, and of whose end nothing is told: how many."""
    ended = 0
    for call in calls:
        with transaction.atomic():
            row = get_locked_call(call.account, call.call_sid)
            if row is None or row.ended_at is not None:
                continue
            unanswered = "no-answer" if row.direction == Call.Direction.INCOMING else "failed"
            row.status = "completed" if row.answered_at else unanswered
            # How long it was talked is not known, and not made up.
            row.ended_at = row.answered_at or row.started_at
            row.cause_facts = {**row.cause_facts, "untold": True}
            row.save()
            tell_changed(row)
            ended += 1
    return ended


@background(tries=1, lease=timedelta(minutes=2))
def reconcile() -> None:
    """What the worker does; what fails is asked again by the next."""
    reconcile_calls()


every(INTERVAL, reconcile)
