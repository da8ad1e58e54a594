"""Finds the calls that came in and that Twilio could not ask us about: our server was away, or ill.

Nothing tells of them: no webhook came through, and no page rang. Twilio's own list of calls is asked for
what came in to our numbers since the last look, and about each that we do not know it is asked what went
wrong with it. Where that was an address of ours, the call is recorded, for those whom the number's rules
name. What was before the account was connected is left alone, and so is what is older than a day.
https://www.twilio.com/docs/voice/api/call-resource#read-multiple-call-resources
"""

import logging
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import models
from django.utils import timezone

from accounts.sealing.encryption import UnsealError
from accounts.tasks.background import background
from accounts.tasks.clock import every
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from accounts.twilio.rest import TwilioLogin, TwilioUnreachable, fetch, read_text
from phone.answering.rules import find_rules
from phone.answering.steps import find_members
from phone.calls.call import Call
from phone.calls.confirmation import get_login
from phone.calls.destinations import say
from phone.calls.legs import CallLeg
from phone.calls.reconciling import LIMITS, MOST_LISTED, NotAnswered, read_body, read_calls
from phone.calls.records import ENDED
from phone.calls.stories import read_time
from phone.calls.withheld import WITHHELD, is_withheld
from phone.causes.explaining import read_alerts
from phone.causes.facts import BLOCKED_FOR, read_alert
from phone.causes.unheard import ask_what_failed, record_unasked
from phone.contacts.blocked_callers import find_blocks

logger = logging.getLogger(__name__)

INTERVAL = timedelta(minutes=1)
# What one run may cost. Accounts have their turn one after the other; who is left has it in the next run.
RUN_SECONDS = 25.0
MOST_ACCOUNTS = 50
MOST_QUESTIONS = 20
# Twilio's list and log may be a little behind; a call that is over longer than this is all there.
SETTLED = timedelta(seconds=30)
# Looked at again each time, for calls that went on at the last look.
OVERLAP = timedelta(minutes=10)
LOOKED_BACK = timedelta(days=1)
FEW_LISTED = 100
TURN = "unasked:turn"


def look_for_unasked() -> int:
    """One run; how many calls were found. Does no harm if it runs twice."""
    deadline = time.monotonic() + RUN_SECONDS
    found = 0
    for account in choose_accounts():
        if time.monotonic() > deadline:
            break
        cache.set(TURN, str(account.pk), None)
        try:
            found += look_at(account, timezone.now())
        except (TwilioUnreachable, NotAnswered, UnsealError) as error:
            logger.info("Twilio did not list the calls of an account: %s", error)
    return found


def choose_accounts() -> list[TwilioAccount]:
    """Those with numbers that point here, from the one on whose turn it is."""
    numbers = PhoneNumber.objects.filter(account=models.OuterRef("pk"), points_here=True)
    accounts = TwilioAccount.objects.filter(models.Exists(numbers)).order_by("pk")
    turn = cache.get(TURN)
    if turn is None:
        return list(accounts[:MOST_ACCOUNTS])
    after, before = accounts.filter(pk__gt=uuid.UUID(turn)), accounts.filter(pk__lte=uuid.UUID(turn))
    return [*after[:MOST_ACCOUNTS], *before[:MOST_ACCOUNTS]][:MOST_ACCOUNTS]


def look_at(account: TwilioAccount, now: datetime) -> int:
    """How many calls were found. Raises TwilioUnreachable, NotAnswered, UnsealError."""
    login, since = get_login(account), find_since(account, now)
    if login is None or since is None:
        return 0
    unknown = leave_out_known(list_came_in(account, login, since, now))
    found = sum(record_if_unasked(account, login, body) for body in unknown[:MOST_QUESTIONS])
    if len(unknown) <= MOST_QUESTIONS:
        cache.set(name_look(account), now.isoformat(), LOOKED_BACK.total_seconds())
    return found


def name_look(account: TwilioAccount) -> str:
    return f"unasked:{account.pk}"


def find_since(account: TwilioAccount, now: datetime) -> datetime | None:
    """From when on calls are looked at; None for an account that nobody has connected."""
    members = TwilioCredentials.objects.filter(account=account)
    connected_at = members.aggregate(at=models.Min("created_at"))["at"]
    looked_at = cache.get(name_look(account))
    since = datetime.fromisoformat(looked_at) - OVERLAP if looked_at else now - LOOKED_BACK
    return max(since, connected_at) if connected_at else None


def list_came_in(
    account: TwilioAccount, login: TwilioLogin, since: datetime, now: datetime
) -> list[Mapping[str, Any]]:
    """The calls to our numbers that began after `since` and are over, the newest first: one request.

    Twilio looks for days, and takes as many as it lists: after a long time all that it may.
    """
    is_recent = now - since < 2 * OVERLAP
    params = {
        "StartTime>": since.astimezone(UTC).strftime("%Y-%m-%d"),
        "PageSize": FEW_LISTED if is_recent else MOST_LISTED,
    }
    listed = read_calls(read_body(fetch(login, "/Calls.json", params=params, limits=LIMITS)))
    numbers = set(account.phone_numbers.filter(points_here=True).values_list("phone_number", flat=True))
    return [body for body in listed if came_in(body, numbers) and is_settled(body, since, now)]


def came_in(body: Mapping[str, Any], numbers: set[str]) -> bool:
    """Whether it is a call from outside to one of `numbers`; what a page makes is inbound to Twilio, too."""
    is_ours = body.get("direction") == "inbound" and body.get("to") in numbers
    return is_ours and not read_text(body, "from").startswith("client:")


def is_settled(body: Mapping[str, Any], since: datetime, now: datetime) -> bool:
    started_at = read_time(body, "start_time") or read_time(body, "date_created")
    ended_at = read_time(body, "end_time") or started_at
    if started_at is None or ended_at is None or body.get("status") not in ENDED:
        return False
    return started_at >= since and ended_at <= now - SETTLED


def leave_out_known(listed: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that are in no row of ours, and were not asked about at an earlier look."""
    calls = {read_text(body, "sid"): body for body in listed}
    known = set(Call.objects.filter(call_sid__in=calls).values_list("call_sid", flat=True))
    known |= set(CallLeg.objects.filter(call_sid__in=calls).values_list("call_sid", flat=True))
    asked = cache.get_many([name_asked(sid) for sid in calls])
    return [body for sid, body in calls.items() if sid not in known and name_asked(sid) not in asked]


def name_asked(call_sid: str) -> str:
    return f"unasked:{call_sid}"


def record_if_unasked(account: TwilioAccount, login: TwilioLogin, body: Mapping[str, Any]) -> bool:
    """Asks what went wrong with a call that we do not know, and records it where we were not to be asked.

    Raises NotAnswered where Twilio does not say now.
    """
    call_sid = read_text(body, "sid")
    facts = ask_what_failed(login, call_sid)
    outcome = facts["answers"]["notifications"]
    if not outcome.startswith(("HTTP 2", "HTTP 4")) or outcome.startswith("HTTP 429"):
        raise NotAnswered(outcome)
    cache.set(name_asked(call_sid), True, LOOKED_BACK.total_seconds())
    # Another server may have had its turn: then it is that one's call.
    ours = [alert for alert in facts["alerts"] if not alert["where"]]
    if not any(one.slug == "webhook_failed" for one in read_alerts(map(read_alert, ours))):
        return False
    caller, called = read_text(body, "from"), read_text(body, "to")
    rules = find_rules(account, called)
    people = rules.list_people() if rules and rules.who == rules.Who.CHOSEN else find_members(account)
    meant = [person.pk for person in people]
    address = WITHHELD if is_withheld(caller) else say(caller)
    blocks = find_blocks(account, address)
    # Whoever did not want the call has not missed it.
    unwilling = [pk for pk in meant if blocks.is_for_all or pk in blocks.people]
    wanted = [pk for pk in meant if pk not in unwilling]
    answering = {"result": "unasked", "why": "unasked", "people": wanted or meant}
    record_unasked(
        account,
        body,
        {**facts, "unasked": True, "answering": answering, BLOCKED_FOR: unwilling},
        direction=Call.Direction.INCOMING,
        user=None,
        from_address=address,
        to_address=say(called),
        status="no-answer",
    )
    return True


@background(tries=1, lease=timedelta(minutes=2))
def look() -> None:
    """What the worker does; what fails is looked for again by the next."""
    look_for_unasked()


every(INTERVAL, look)
