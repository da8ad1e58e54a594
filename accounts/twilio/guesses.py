"""Nobody tries stolen Twilio credentials through Dog n Bone: how many accounts one may have judged.

Whoever has a list of stolen pairs tries each once, for another account each time, and signs up anew where
that is counted by person. So what is counted is *different* Account SIDs: of a person, of an address, and
those that were judged bad of all people who are new here together. Whoever types right credentials is judged
whenever they have tries of their own left; whoever has connected an account before is never counted for it.

An attempt is counted before Twilio is asked, so that many at once are not let through together, and taken
back where it came to nothing that a thief would learn from: Twilio was not reached, or, of what counts the
bad ones, they were right. What has no shape is never sent and never comes here.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit.journal import AccountEvent
from accounts.clients import ClientInfo
from accounts.entrance.visitors import get_public_network
from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.translated import Words
from accounts.twilio.credentials import TwilioCredentials
from accounts.verdicts.verdict import Verdict

HOUR, DAY = 3600, 24 * 3600
# Different accounts, whatever they came to.
ACCOUNTS_OF_PERSON = RateLimit("connect-accounts-of-person", limit=10, seconds=DAY)
# Different accounts that were judged bad. An office shares an address.
BAD_OF_PERSON = RateLimit("connect-bad-of-person", limit=4, seconds=DAY)
BAD_OF_NETWORK = RateLimit("connect-bad-of-network", limit=10, seconds=DAY)
# Bad ones for one account, of everybody who has not connected it.
BAD_FOR_ACCOUNT = RateLimit("connect-bad-for-account", limit=20, seconds=HOUR)
# Bad ones of all who are new here: beyond the first each has only BAD_WHILE_BRAKED, beyond the second none.
BRAKE = RateLimit("connect-brake", limit=20, seconds=HOUR)
CEILING = RateLimit("connect-ceiling", limit=200, seconds=HOUR)
BAD_WHILE_BRAKED = RateLimit("connect-bad-while-braked", limit=2, seconds=DAY)

NEW_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Counted:
    """One count that an attempt took, and how to take it back."""

    limit: RateLimit
    key: str
    item: str = ""
    is_of_bad_ones: bool = True

    def take(self) -> int:
        """0 if it is within the limit, else the seconds to wait. The same `item` counts once a period."""
        if self.item and cache.get(self.marker):
            return 0
        wait = self.limit.take(self.key)
        if wait:
            self.limit.give_back(self.key)
        elif self.item:
            cache.set(self.marker, 1, self.limit.seconds)
        return wait

    def give_back(self) -> None:
        self.limit.give_back(self.key)
        if self.item:
            cache.delete(self.marker)

    @property
    def is_new(self) -> bool:
        """Whether the item was not counted before."""
        return not (self.item and cache.get(self.marker))

    @property
    def marker(self) -> str:
        return f"limit:{self.limit.name}:{self.key}:{self.item}"


@dataclass
class Guess:
    """One set of credentials that is about to be judged."""

    user: User
    client: ClientInfo
    account_sid: str
    counted: list[Counted] = field(default_factory=list)
    # What was used up, once `begin()` has said no.
    exceeded: RateLimit | None = None

    def begin(self) -> int:
        """0 if Twilio may be asked, else the seconds to wait."""
        if has_connected(self.user, self.account_sid):
            return 0
        for count in self.list_counts():
            is_new = count.is_new
            wait = count.take()
            if wait:
                self.exceeded = count.limit
                self.take_back()
                return wait
            if is_new:
                self.counted.append(count)
        return 0

    def list_counts(self) -> list[Counted]:
        person, account = str(self.user.pk), hash_sid(self.account_sid)
        counts = [
            Counted(ACCOUNTS_OF_PERSON, person, account, is_of_bad_ones=False),
            Counted(BAD_OF_PERSON, person, account),
        ]
        network = get_public_network(self.client.ip_address)
        if network:
            counts.append(Counted(BAD_OF_NETWORK, network, account))
        counts.append(Counted(BAD_FOR_ACCOUNT, account))
        if is_new_here(self.user):
            counts.append(Counted(CEILING, "all"))
            # Counted past its limit, too: it refuses nobody, but says that there are many.
            brake = Counted(BRAKE, "all")
            if brake.take():
                counts.append(Counted(BAD_WHILE_BRAKED, person, account))
            else:
                self.counted.append(brake)
        return counts

    def settle(self, verdict: Verdict) -> None:
        """Takes back what the outcome does not count for."""
        if not verdict.is_judged:
            self.take_back()
        elif not verdict.blames_credentials:
            self.take_back(only_bad_ones=True)

    def take_back(self, *, only_bad_ones: bool = False) -> None:
        for count in self.counted:
            if count.is_of_bad_ones or not only_bad_ones:
                count.give_back()
        self.counted.clear()

    @property
    def words(self) -> Words:
        """What was too many."""
        return WORDS.get(self.exceeded or CEILING, MANY)


MANY = _("more wrong credentials than usual")
WORDS: dict[RateLimit, Words] = {
    ACCOUNTS_OF_PERSON: _("10 different Twilio accounts"),
    BAD_OF_PERSON: _("wrong credentials for 4 different Twilio accounts"),
    BAD_WHILE_BRAKED: _("wrong credentials for 2 different Twilio accounts"),
}


def has_connected(user: User, account_sid: str) -> bool:
    """Whether they have proven to own the account, now or at any time that is on record."""
    own = TwilioCredentials.objects.filter(user=user, account__account_sid=account_sid)
    events = AccountEvent.objects.filter(user=user, kind=AccountEvent.Kind.CONNECTED, account_sid=account_sid)
    return own.exists() or events.exists()


def is_new_here(user: User) -> bool:
    """Whether somebody signed up of late and has connected nothing."""
    if user.date_joined < timezone.now() - NEW_FOR:
        return False
    return not AccountEvent.objects.filter(user=user, kind=AccountEvent.Kind.CONNECTED).exists()


def hash_sid(account_sid: str) -> str:
    """A key for the cache, which need not know whose credentials are tried."""
    return hashlib.sha256(account_sid.lower().encode()).hexdigest()[:32]
