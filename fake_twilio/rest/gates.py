"""The gates every REST request passes, in Twilio's order; each lets through or raises `Refusal`."""

import re

from fake_twilio import refusals
from fake_twilio.credentials import (
    Credential,
    CredentialsMissing,
    SecretWrong,
    UsernameInvalid,
    prove,
    read_basic,
)
from fake_twilio.rest.account_states import check_state
from fake_twilio.rest.exchange import ACCOUNT_IN_PATH, Endpoint, Exchange
from fake_twilio.store import Account

# Seen refused to trial accounts in 2026; Account, Calls, IncomingPhoneNumbers answer.
TRIAL_REFUSES = frozenset(
    {
        "Keys",
        "Applications",
        "OutgoingCallerIds",
        "Balance",
        "Usage",
        "AvailablePhoneNumbers",
        "Alerts",
        "DialingPermissions",
    }
)
# What only the Auth Token and Main keys may touch (Twilio, "API keys overview").
KEYS_REFUSE = frozenset({"Accounts", "Keys", "AuthTokens"})

ACCOUNT_RESOURCE = re.compile(r"/2010-04-01/Accounts/[^/]+/([A-Za-z]+)")


def read_family(path: str) -> str:
    """The resource a path is about: `Keys`, `Calls`, `Accounts` …; of things unknown too."""
    match = ACCOUNT_RESOURCE.match(path)
    if match:
        return match[1]
    parts = path.removesuffix(".json").removesuffix(".xml").split("/")
    return "Accounts" if parts[1] == "2010-04-01" else (parts + ["", ""])[2]


def pass_credentials(exchange: Exchange) -> None:
    try:
        sent = read_basic(exchange.request.headers.get("Authorization"))
        exchange.proven = prove(exchange.store, exchange.host.region, sent)
    except CredentialsMissing as error:
        raise refusals.no_credentials() from error
    except UsernameInvalid as error:
        raise refusals.invalid_username() from error
    except SecretWrong as error:
        raise refusals.authenticate() from error


def pass_account_kind(exchange: Exchange, endpoint: Endpoint | None) -> None:
    """Test credentials, accounts under review, trial accounts."""
    account = exchange.credential.account
    if account.is_test and not (endpoint and endpoint.works_with_test_credentials):
        raise refusals.test_credentials()
    if account.is_under_review:
        raise refusals.under_review()
    if account.type == "Trial" and read_family(exchange.path) in TRIAL_REFUSES:
        raise refusals.trial()


def pass_key_kind(exchange: Exchange, endpoint: Endpoint | None) -> None:
    credential = exchange.credential
    if credential.key is None or credential.is_like_auth_token:
        return
    if read_family(exchange.path) in KEYS_REFUSE:
        raise refusals.invalid_username()
    if credential.key.kind == "restricted" and not may(credential, endpoint):
        raise refusals.no_assertions()


def may(credential: Credential, endpoint: Endpoint | None) -> bool:
    policy = credential.key.policy if credential.key else None
    return endpoint is not None and endpoint.permission in (policy or {}).get("allow", [])


def pass_account_of_path(exchange: Exchange, endpoint: Endpoint | None) -> None:
    """Finds the account of the path. A parent's Auth Token reaches subaccounts; its keys do not."""
    named = ACCOUNT_IN_PATH.search(exchange.path)
    owner = exchange.store.accounts.get(named[1]) if named else exchange.credential.account
    if owner is None or not reaches(exchange.credential, owner):
        raise refusals.authenticate()
    exchange.owner = owner
    check_state(exchange, exchange.credential.account)
    check_state(exchange, owner)


def reaches(credential: Credential, account: Account) -> bool:
    own = credential.account
    return account.sid == own.sid or (credential.key is None and account.owner_account_sid == own.sid)


# In Twilio's order.
BEHIND_CREDENTIALS = (pass_account_kind, pass_key_kind, pass_account_of_path)
