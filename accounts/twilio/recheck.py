"""Checks everybody's stored credentials anew, so that owners hear of a fault before their next call."""

import logging
import random
import time
from collections import Counter
from datetime import timedelta

from accounts.clients import ClientInfo
from accounts.leases import HeldLease, hold_lease
from accounts.sealing.encryption import UnsealError
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.proof import verify_again
from accounts.verdicts.verdict import NOT_JUDGED

logger = logging.getLogger(__name__)

LEASE = "recheck_credentials"
# Longer than one check with all its retries and its mail can take.
LEASE_LIFETIME = timedelta(minutes=3)
# So many in a row that Twilio did not judge: it is ill, and asking on would only add to it.
SILENCES = 10
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
    keys = list(TwilioCredentials.objects.filter(user__is_active=True).values_list("pk", flat=True))
    # Not always the same people last, nor a whole account's at once.
    random.shuffle(keys)
    counts: Counter[str] = Counter()
    silences = 0
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
    return counts


def recheck_one(credentials: TwilioCredentials) -> str:
    """The verdict's slug. What it means for the owner is told by `accounts/twilio/standing.py`."""
    try:
        return verify_again(credentials, client=CLIENT).code
    except UnsealError as error:
        logger.error("Stored credentials do not open: %s", error)
        return UNREADABLE
