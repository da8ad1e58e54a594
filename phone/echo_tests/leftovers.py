"""Looks at Twilio for sound of echo tests that it has told us nothing of: our server was away meanwhile."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.sealing.encryption import UnsealError
from accounts.tasks.background import background
from accounts.tasks.clock import every
from accounts.twilio.rest import Limits, TwilioUnreachable, fetch
from accounts.twilio.shares import SHARES
from phone.calls.confirmation import get_login
from phone.echo_tests.echo_test import EchoTest
from phone.echo_tests.progress import discard, finish, get_locked, take
from phone.recordings.state import read_resource

logger = logging.getLogger(__name__)

# By then it is over, and Twilio has said what it had to say.
WAIT = timedelta(minutes=2)
INTERVAL = timedelta(minutes=1)
GIVEN_UP_AFTER = timedelta(days=1)
MOST = 50
LIMITS = Limits(connect=3.0, read=5.0)


class NotSaid(Exception):
    """Twilio has answered nothing that tells what is left."""


@background(tries=1, lease=timedelta(minutes=10))
def clear_echo_tests() -> None:
    """One run; what fails is asked again by the next."""
    now = timezone.now()
    waiting = EchoTest.objects.filter(is_cleared=False, is_given_up=False, begun_at__lt=now - WAIT)
    give_up(waiting.filter(begun_at__lt=now - GIVEN_UP_AFTER), now)
    due = waiting.exclude(asked_at__gt=now - WAIT).select_related("account", "user").order_by("begun_at")
    tests = list(due[:MOST])
    EchoTest.objects.filter(pk__in=[one.pk for one in tests]).update(asked_at=now)
    silent: set[str] = set()
    for test in tests:
        sid = test.account.account_sid
        # One question that is not answered is enough for an account.
        if sid in silent:
            continue
        try:
            clear(test)
        except (NotSaid, TwilioUnreachable, UnsealError) as error:
            silent.add(sid)
            logger.warning("Twilio did not say what is left of an echo test: %s", error)


def give_up(late: QuerySet[EchoTest], now: datetime) -> None:
    """Twilio is asked no more of those that are `late`, and whoever runs this learns of it."""
    late.filter(ended_at=None).update(ended_at=now, result=EchoTest.Result.LEFT)
    if count := late.update(is_given_up=True):
        logger.error("Twilio did not say for a day what is left of %d echo tests: it may keep sound", count)


def clear(test: EchoTest) -> None:
    """Raises NotSaid, TwilioUnreachable or UnsealError."""
    login = get_login(test.account, test.user)
    if login is None:
        raise NotSaid("no credentials")
    with SHARES.hold(login.account_sid):
        params = {"CallSid": test.call_sid, "PageSize": 50}
        answer = fetch(login, "/Recordings.json", params=params, limits=LIMITS)
    rows = answer.json.get("recordings") if isinstance(answer.json, dict) else None
    if not answer.is_success or not isinstance(rows, list):
        raise NotSaid(f"HTTP {answer.status}, code {answer.code}")
    told = [read_resource(row) for row in rows if isinstance(row, dict)]
    with transaction.atomic():
        known = get_locked(test.account, test.call_sid)
        if known is None:
            return
        for news in filter(None, told):
            take(known, news)
            if news.recording_sid != known.recording_sid:
                # Here it is Twilio's list that says so.
                discard(known, news.recording_sid)
        known.is_cleared = True
        known.save(update_fields=["is_cleared"])
        finish(known, EchoTest.Result.LEFT)


every(INTERVAL, clear_echo_tests)
