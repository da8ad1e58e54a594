"""For an account without an Auth Token, whose signatures nobody can check: asks Twilio for the call.

Twilio's advice is to check signatures, which needs the Auth Token. Where there is none, the address
that nobody can guess is one proof, and that the account really has this call is the other.
"""

import uuid
from collections.abc import Iterable, Sequence

from django.core.cache import cache

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.sealing.encryption import UnsealError
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from accounts.twilio.rest import Limits, TwilioLogin, TwilioUnreachable, fetch

# Twilio gives a webhook 15 s in all.
LIMITS = Limits(connect=2.0, read=3.0)
REMEMBERED_SECONDS = 3600
# Who knows the address must not make us ask Twilio without end.
QUESTIONS = RateLimit("call-confirmation", limit=120, seconds=60)
# Verdicts after which an Auth Token opens and signs nothing any more.
BAD_AUTH_TOKEN = ("unknown_account", "wrong_auth_token")
BAD_KEY = ("wrong_api_secret", "api_key_not_found", "wrong_region", "restricted_key", "unknown_account")


def is_call_confirmed(account: TwilioAccount, call_sid: str) -> bool:
    """Whether Twilio says that `call_sid` is a call of this account. Asks Twilio once per call."""
    key = f"call:{account.account_sid}:{call_sid}"
    if cache.get(key):
        return True
    login = get_login(account)
    if login is None or QUESTIONS.take(account.account_sid):
        return False
    try:
        answer = fetch(login, f"/Calls/{call_sid}.json", limits=LIMITS)
    except (TwilioUnreachable, UnsealError):
        return False
    body = answer.json if isinstance(answer.json, dict) else {}
    is_known = answer.is_success and (body.get("sid"), body.get("account_sid")) == (
        call_sid,
        account.account_sid,
    )
    if is_known:
        cache.set(key, True, REMEMBERED_SECONDS)
    return is_known


def get_login(account: TwilioAccount, first: User | None = None) -> TwilioLogin | None:
    """A member's API key, else an Auth Token: the one checked last that is not known to be bad.

    Either of what the phone of `first` runs on, whose matter it is, comes before any colleague's.
    """
    known = TwilioCredentials.objects.filter(account=account).order_by("-checked_at")
    own = list(known.filter(memberships__user=first)) if first is not None else []
    # Whoever has been refused is served by nobody else's, and nobody by theirs.
    is_alone = Membership.objects.filter(user=first, account=None).exists() if own else False
    of_company = [] if is_alone else list(known.filter(user__membership__account=account))
    return choose_login(account, own) or choose_login(account, of_company)


def find_with_login(accounts: Iterable[TwilioAccount]) -> set[uuid.UUID]:
    """The keys of those of `accounts` for which `get_login` finds one, whoever asks. One query."""
    members = TwilioCredentials.objects.filter(account__in={account.pk for account in accounts})
    return {one.account_id for one in members if has_key(one) or has_auth_token(one)}


def choose_login(account: TwilioAccount, members: Sequence[TwilioCredentials]) -> TwilioLogin | None:
    sid = account.account_sid
    for one in members:
        if has_key(one):
            return TwilioLogin(sid, one.api_key_sid, one.api_key_secret, one.region)
    for one in members:
        if has_auth_token(one):
            return TwilioLogin(sid, sid, one.auth_token)
    return None


def has_key(one: TwilioCredentials) -> bool:
    """Whether there is an API key that is not known to be bad."""
    return bool(one.api_key_sid and one.api_key_secret) and one.verdict not in BAD_KEY


def has_auth_token(one: TwilioCredentials) -> bool:
    """Whether there is an Auth Token that is not known to be bad."""
    return bool(one.auth_token) and one.verdict not in BAD_AUTH_TOKEN
