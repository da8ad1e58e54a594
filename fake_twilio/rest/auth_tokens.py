"""`accounts.twilio.com/v1/AuthTokens`: rotating the Auth Token.

The secondary token opens REST from its creation and signs webhooks only once it is promoted;
promotion ends the old primary at once (Twilio, "Auth Token promotion"). The answer to a second
creation is unconfirmed.
"""

import secrets
from typing import Any

from fake_twilio.refusals import Refusal
from fake_twilio.rest.answers import iso8601
from fake_twilio.rest.exchange import Answer, Endpoint, Exchange
from fake_twilio.store import now

SECONDARY = "/v1/AuthTokens/Secondary"
PROMOTE = "/v1/AuthTokens/Promote"


def find_secondary(exchange: Exchange) -> str | None:
    return exchange.account.secondary_auth_token or None


def build_body(exchange: Exchange, name: str, token: str) -> dict[str, Any]:
    created_at = iso8601(now())
    return {
        "account_sid": exchange.account.sid,
        "date_created": created_at,
        "date_updated": created_at,
        name: token,
        "url": f"https://{exchange.host.name}{exchange.path}",
    }


async def create_secondary(exchange: Exchange) -> Answer:
    account = exchange.account
    if account.secondary_auth_token:
        raise Refusal(409, 20409, "A secondary Auth Token already exists")
    account.secondary_auth_token = secrets.token_hex(16)
    return Answer(build_body(exchange, "secondary_auth_token", account.secondary_auth_token), status=201)


async def delete_secondary(exchange: Exchange) -> Answer:
    exchange.account.secondary_auth_token = ""
    return Answer(None, status=204)


async def promote_secondary(exchange: Exchange) -> Answer:
    account = exchange.account
    account.auth_tokens["us1"], account.secondary_auth_token = account.secondary_auth_token, ""
    return Answer(build_body(exchange, "auth_token", account.auth_token))


ENDPOINTS = (
    Endpoint("POST", SECONDARY, create_secondary, product="accounts"),
    Endpoint("DELETE", SECONDARY, delete_secondary, find=find_secondary, product="accounts"),
    Endpoint("POST", PROMOTE, promote_secondary, find=find_secondary, product="accounts"),
)
