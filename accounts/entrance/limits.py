"""How often a password or a code may be tried, and a letter to reset a password be asked for.

Nobody locks out another: where a person is known, by the browser or by the address, only a small limit
of their own holds. The far higher ones, of an account wherever it is tried and of an address whatever it
tries, hold for everybody else. What was refused unread counts nowhere.
"""

import hashlib
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

from accounts.clients import get_client_info
from accounts.entrance.visitors import Visitor, get_public_network
from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.translated import Words

IN_KNOWN_BROWSER = RateLimit("password-in-browser", limit=5, seconds=300)
FOR_ACCOUNT_FROM_ADDRESS = RateLimit("password-for-account-from-address", limit=5, seconds=300)
FROM_ADDRESS = RateLimit("password-from-address", limit=100, seconds=300)
FOR_ACCOUNT = RateLimit("password-for-account", limit=50, seconds=3600)

# Of a second factor, by whoever has the password: a known address vouches for nobody here.
CODES_IN_KNOWN_BROWSER = RateLimit("code-in-browser", limit=5, seconds=300)
CODES_IN_KNOWN_BROWSER_A_DAY = RateLimit("code-in-browser-a-day", limit=50, seconds=86_400)
CODES_FOR_ACCOUNT_FROM_ADDRESS = RateLimit("code-for-account-from-address", limit=5, seconds=300)
CODES_FOR_ACCOUNT = RateLimit("code-for-account", limit=20, seconds=3600)
CODES_FOR_ACCOUNT_A_DAY = RateLimit("code-for-account-a-day", limit=50, seconds=86_400)
# Longer than a code is good for, clocks' differences included.
USED_CODES = RateLimit("code-used", limit=1, seconds=120)

RESETS_FROM_ADDRESS = RateLimit("reset-from-address", limit=30, seconds=300)
LETTERS_A_MINUTE = RateLimit("reset-letter-a-minute", limit=1, seconds=60)
LETTERS_AN_HOUR = RateLimit("reset-letter-an-hour", limit=10, seconds=3600)

# A new office signs up from one address. What meets an account that is there already is counted apart: it is
# how somebody would find out who has one.
SIGN_UPS_FROM_ADDRESS = RateLimit("sign-up-from-address", limit=30, seconds=3600)
TAKEN_FROM_ADDRESS = RateLimit("sign-up-taken-from-address", limit=5, seconds=3600)

NOTICES_A_QUARTER = RateLimit("sign-up-notice", limit=1, seconds=900)

RETRY_AFTER = "dognbone.retry_after"

Count = tuple[RateLimit, str]


@dataclass
class Attempt:
    """One password or code typed: counted before it is looked at, and taken back if it was right."""

    counts: Iterator[Count]
    counted: list[Count] = field(default_factory=list)

    def begin(self) -> int:
        """0 if it may be looked at, else the seconds to wait."""
        for limit, key in self.counts:
            wait = limit.take(key)
            if wait:
                self.take_back()
                return wait
            self.counted.append((limit, key))
        return 0

    def take_back(self) -> None:
        for limit, key in self.counted:
            limit.give_back(key)
        self.counted.clear()


def list_password_counts(visitor: Visitor) -> Iterator[Count]:
    """The limits that hold for this visitor, each with the key it counts by, the smallest first."""
    if visitor.device:
        yield IN_KNOWN_BROWSER, f"{visitor.account}:{visitor.device}"
        return
    yield FOR_ACCOUNT_FROM_ADDRESS, f"{visitor.account}:{visitor.network}"
    if visitor.is_known_here:
        return
    if visitor.network:
        yield FROM_ADDRESS, visitor.network
    yield FOR_ACCOUNT, visitor.account


def list_code_counts(visitor: Visitor) -> Iterator[Count]:
    """The same for a second factor."""
    if visitor.device:
        yield CODES_IN_KNOWN_BROWSER, f"{visitor.account}:{visitor.device}"
        yield CODES_IN_KNOWN_BROWSER_A_DAY, f"{visitor.account}:{visitor.device}"
        return
    yield CODES_FOR_ACCOUNT_FROM_ADDRESS, f"{visitor.account}:{visitor.network}"
    yield CODES_FOR_ACCOUNT, visitor.account
    yield CODES_FOR_ACCOUNT_A_DAY, visitor.account


def forget_wrong_passwords(visitor: Visitor) -> None:
    """Begins anew for an account whose owner has just proved to be one."""
    FOR_ACCOUNT_FROM_ADDRESS.forget(f"{visitor.account}:{visitor.network}")
    FOR_ACCOUNT.forget(visitor.account)


def count_reset(visitor: Visitor) -> int:
    """0 if a reset may be asked for, else the seconds to wait: for one address, whatever it asks for."""
    if visitor.device or visitor.is_known_here or not visitor.network:
        return 0
    return RESETS_FROM_ADDRESS.take(visitor.network)


def count_sign_up(request: HttpRequest, *, is_taken: bool) -> tuple[RateLimit | None, int]:
    """Which limit a sign-up exceeds, and the seconds to wait; None and 0 where it may be taken.

    Whether somebody has that address already is not told by which of the two limits it is: once too many were
    taken, no sign-up is.
    """
    network = get_public_network(get_client_info(request).ip_address)
    if not network:
        return None, 0
    wait = SIGN_UPS_FROM_ADDRESS.take(network)
    if wait:
        return SIGN_UPS_FROM_ADDRESS, wait
    if is_taken:
        wait = TAKEN_FROM_ADDRESS.take(network)
        if wait:
            cache.set(f"sign-up-closed:{network}", time.time() + wait, wait)
    closed_until = cache.get(f"sign-up-closed:{network}")
    return (TAKEN_FROM_ADDRESS, max(1, math.ceil(closed_until - time.time()))) if closed_until else (None, 0)


def is_letter_due(visitor: Visitor) -> bool:
    """Whether to send a letter: no, if one was sent just now whose link is still good.

    A link ends when the password changes or its person signs in, so both begin the count anew.
    """
    key = hashlib.sha256(f"{visitor.account}:{get_state(visitor.person)}".encode()).hexdigest()
    return not (LETTERS_A_MINUTE.take(key) or LETTERS_AN_HOUR.take(key))


def is_notice_due(visitor: Visitor) -> bool:
    """Whether to write to somebody that an account was to be made with their address."""
    return not NOTICES_A_QUARTER.take(visitor.account)


def get_state(person: User | None) -> str:
    return f"{person.password}:{person.last_login}" if person else ""


def build_throttled(request: HttpRequest, wait: int, words: Words) -> ValidationError:
    """The refusal, as a form shows it: `words`, whose `{wait}` is filled in.

    The answer to `request` will be a 429 with Retry-After.
    """
    request.META[RETRY_AFTER] = wait
    return ValidationError(str(words).format(wait=describe_wait(wait)), code="too_many_attempts")


def describe_wait(seconds: int) -> str:
    """ "40 seconds", "1 minute", "4 minutes": rounded up, so that who waits so long may try again."""
    if seconds < 60:
        return ngettext("{number} second", "{number} seconds", seconds).format(number=seconds)
    minutes = math.ceil(seconds / 60)
    return ngettext("{number} minute", "{number} minutes", minutes).format(number=minutes)
