"""`/2010-04-01/Accounts`: an account, its subaccounts, and what may be changed about them."""

from typing import Any

from fake_twilio.refusals import bad_parameter
from fake_twilio.rest.answers import rfc2822
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_v2010, sorted_by_age
from fake_twilio.rest.parameters import FRIENDLY_NAME, PAGING, TEXT, UNKNOWN_PARAMETER, Parameter, one_of
from fake_twilio.store import Account

SUBRESOURCES = (
    "addresses",
    "conferences",
    "signing_keys",
    "transcriptions",
    "connect_apps",
    "sip",
    "authorized_connect_apps",
    "usage",
    "keys",
    "applications",
    "recordings",
    "short_codes",
    "calls",
    "notifications",
    "incoming_phone_numbers",
    "queues",
    "messages",
    "outgoing_caller_ids",
    "available_phone_numbers",
    "balance",
)
STATUSES = ("active", "suspended", "closed")


def build_body(exchange: Exchange, account: Account) -> dict[str, Any]:
    """The Account resource. It holds the Auth Token in clear, as Twilio's does."""
    path = f"{V2010}/Accounts/{account.sid}"
    return {
        "auth_token": account.auth_tokens[exchange.host.region],
        "date_created": rfc2822(account.created_at),
        "date_updated": rfc2822(account.created_at),
        "friendly_name": account.friendly_name,
        "owner_account_sid": account.owner_account_sid,
        "sid": account.sid,
        "status": exchange.store.get_status(account),
        "subresource_uris": {name: f"{path}/{camel_path(name)}.json" for name in SUBRESOURCES},
        "type": account.type,
        "uri": f"{path}.json",
    }


def camel_path(name: str) -> str:
    return "SIP" if name == "sip" else "".join(part.capitalize() for part in name.split("_"))


async def fetch_account(exchange: Exchange) -> Answer:
    return Answer(build_body(exchange, exchange.account), "Account")


async def list_accounts(exchange: Exchange) -> Answer:
    own = exchange.credential.account.sid
    wanted = exchange.values
    rows = [
        build_body(exchange, account)
        for account in sorted_by_age(exchange.store.accounts.values())
        if own in (account.sid, account.owner_account_sid)
        and wanted.get("FriendlyName") in (None, account.friendly_name)
        and wanted.get("Status") in (None, exchange.store.get_status(account))
    ]
    return list_v2010(exchange, "accounts", "Account", rows)


async def update_account(exchange: Exchange) -> Answer:
    """Changes name and status. That only a subaccount's status can be changed is documented;
    which error a main account gets is unconfirmed."""
    account = exchange.account
    status = exchange.values.get("Status")
    if status is not None and (account.owner_account_sid == account.sid or account.status == "closed"):
        raise bad_parameter(UNKNOWN_PARAMETER, "The status of this account cannot be changed")
    account.status = status or account.status
    account.friendly_name = exchange.values.get("FriendlyName", account.friendly_name)
    return await fetch_account(exchange)


STATUS = Parameter(one_of(*STATUSES))
ENDPOINTS = (
    Endpoint("GET", f"{V2010}/Accounts", list_accounts, {"FriendlyName": TEXT, "Status": STATUS, **PAGING}),
    Endpoint("GET", f"{V2010}/Accounts/{{AC}}", fetch_account),
    Endpoint(
        "POST",
        f"{V2010}/Accounts/{{AC}}",
        update_account,
        {"FriendlyName": FRIENDLY_NAME, "Status": STATUS},
    ),
)
