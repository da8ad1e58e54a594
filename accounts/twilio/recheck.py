"""Checks everybody's stored credentials anew, so that owners hear of a fault before their next call.

Every night by the worker, a few at a time, so that a letter never waits for all of them; or at once by
`manage.py recheck_credentials`.
"""

import datetime
import logging
import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.clients import ClientInfo
from accounts.company.memberships import Membership, heal, list_without_membership
from accounts.leases import HeldLease, hold_lease
from accounts.sealing.encryption import UnsealError
from accounts.tasks.background import background, enqueue
from accounts.tasks.clock import every_night
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.proof import verify_again
from accounts.verdicts.verdict import NOT_JUDGED

logger = logging.getLogger(__name__)

LEASE = "recheck_credentials"
# Longer than one check with all its retries and its mail can take.
LEASE_LIFETIME = timedelta(minutes=3)
# So many in a row that Twilio did not judge: it is ill, and asking on would only add to it.
SILENCES = 10
# So many one after the other, before the worker looks at what else there is; and so many a second at most.
SLICE, RATE = 10, 2.0
SPREAD = timedelta(hours=1)
CLIENT = ClientInfo(user_agent="manage.py recheck_credentials")
UNREADABLE = "unreadable"


class TwilioIll(Exception):
    """Twilio judged none of the last checks; `counts` is what was found until then."""

    def __init__(self, counts: "Counter[str]") -> None:
        super().__init__("Twilio judges nothing at the moment")
        self.counts = counts


def recheck_credentials(*, rate: float) -> "Counter[str]":
    """How often each verdict came out; at most `rate` checks a second, in no particular order.

    Raises LeaseTaken while another one runs, or has taken over; TwilioIll when it is no use to go on.
    """
    with hold_lease(LEASE, LEASE_LIFETIME) as lease:
        return recheck_all(lease, rate)


def recheck_all(lease: HeldLease, rate: float) -> "Counter[str]":
    keys = list(find_used().values_list("pk", flat=True))
    # Not always the same people last, nor a whole account's at once.
    random.shuffle(keys)
    counts: Counter[str] = Counter()
    recheck_some(keys, lease, rate, counts, silences=0)
    return counts


def find_used() -> "QuerySet[TwilioCredentials]":
    """What somebody's phone runs on who is active: also of an owner who is deactivated."""
    runs = Membership.objects.filter(credentials=OuterRef("pk"), user__is_active=True)
    found: QuerySet[TwilioCredentials] = TwilioCredentials.objects.filter(
        Q(user__is_active=True) | Exists(runs)
    )
    return found


def recheck_some(
    keys: Sequence[uuid.UUID], lease: HeldLease, rate: float, counts: "Counter[str]", *, silences: int
) -> int:
    """Checks these; returns how many at the end, or with `silences` before them, Twilio did not judge."""
    for number, key in enumerate(keys):
        if number:
            time.sleep(random.uniform(1.0, 1.5) / rate)
        lease.renew()
        credentials = TwilioCredentials.objects.select_related("account", "user").filter(pk=key).first()
        if credentials is None:
            continue
        outcome = recheck_one(credentials)
        counts[outcome] += 1
        silences = silences + 1 if outcome in NOT_JUDGED else 0
        if silences == SILENCES:
            raise TwilioIll(counts)
    return silences


def recheck_one(credentials: TwilioCredentials) -> str:
    """The verdict's slug. What it means for the owner is told by `accounts/twilio/standing.py`."""
    try:
        return verify_again(credentials, client=CLIENT).code
    except UnsealError as error:
        logger.error("Stored credentials do not open: %s", error)
        return UNREADABLE


@background(tries=3)
def recheck_by_night() -> None:
    """Begins somewhere else each night, at another minute: so do other servers that ask Twilio."""
    for person in list_without_membership():
        heal(person)
    start = uuid.uuid4()
    enqueue(
        recheck_slice, start, start, 0, after=timedelta(seconds=random.uniform(0, SPREAD.total_seconds()))
    )


@background(tries=3, lease=timedelta(minutes=20), priority=-10)
def recheck_slice(start: str, after: str, silences: int) -> None:
    """The next few behind `after`, round the ring of all ids back to `start`; then asks for the next.

    The chain ends where the ring does, and where Twilio is ill: the rest is left for the next night.
    """
    keys = find_slice(uuid.UUID(start), uuid.UUID(after))
    if not keys:
        return
    try:
        with hold_lease(LEASE, LEASE_LIFETIME) as lease:
            silences = recheck_some(keys, lease, RATE, Counter(), silences=silences)
    except TwilioIll as ill:
        logger.warning("The check by night was ended: %s", ill)
        return
    enqueue(recheck_slice, uuid.UUID(start), keys[-1], silences)


def find_slice(start: uuid.UUID, after: uuid.UUID) -> list[uuid.UUID]:
    keys = find_used().order_by("pk").values_list("pk", flat=True)
    if after < start:
        return list(keys.filter(pk__gt=after, pk__lt=start)[:SLICE])
    return list(keys.filter(pk__gt=after)[:SLICE]) or list(keys.filter(pk__lt=start)[:SLICE])


every_night(recheck_by_night, at=datetime.time(3, 0))
