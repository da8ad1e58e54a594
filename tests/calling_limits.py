"""Companies that may call anybody, for tests of what happens once they do."""

from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from accounts.twilio.credentials import TwilioAccount
from phone.calling_limits.calling_limits import CallingLimits

KINDS = ("allows_premium", "allows_shared_cost", "allows_satellite")


def limit_calls(account: TwilioAccount, **fields: Any) -> CallingLimits:
    """Sets `fields` of the limits of `account`; the others stay as they were."""
    return CallingLimits.objects.update_or_create(account=account, defaults=fields)[0]


def allow_calls(account: TwilioAccount) -> CallingLimits:
    """Lets `account` call every country, and what is dear."""
    return limit_calls(account, countries=sorted(SUPPORTED_REGIONS), **dict.fromkeys(KINDS, True))
