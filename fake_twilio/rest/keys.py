"""`/Keys`: Standard API keys. The secret is in the answer to their creation and nowhere else."""

import secrets
from typing import Any

from fake_twilio.refusals import forbidden
from fake_twilio.rest.answers import rfc2822
from fake_twilio.rest.exchange import V2010, Answer, Endpoint, Exchange
from fake_twilio.rest.paging import list_v2010, sorted_by_age
from fake_twilio.rest.parameters import FRIENDLY_NAME, PAGING
from fake_twilio.store import ApiKey, make_sid

PATH = f"{V2010}/Accounts/{{AC}}/Keys"


def build_body(key: ApiKey) -> dict[str, Any]:
    return {
        "sid": key.sid,
        "friendly_name": key.friendly_name,
        "date_created": rfc2822(key.created_at),
        "date_updated": rfc2822(key.created_at),
    }


def find_key(exchange: Exchange) -> ApiKey | None:
    """Keys are seen in their own region only, as they work there only."""
    key = exchange.account.keys.get(exchange.sids["SK"])
    return key if key and key.region == exchange.host.region else None


async def list_keys(exchange: Exchange) -> Answer:
    keys = [key for key in exchange.account.keys.values() if key.region == exchange.host.region]
    return list_v2010(exchange, "keys", "Key", [build_body(key) for key in sorted_by_age(keys)])


async def create_key(exchange: Exchange) -> Answer:
    """Makes a Standard key, 201. How Twilio refuses an account that may have none is unconfirmed."""
    if exchange.account.refuses_new_keys:
        raise forbidden("API keys cannot be created for this account")
    key = ApiKey(
        make_sid("SK"),
        secrets.token_hex(16),
        region=exchange.host.region,
        friendly_name=exchange.values.get("FriendlyName", ""),
    )
    exchange.account.keys[key.sid] = key
    return Answer({**build_body(key), "secret": key.secret}, "Key", 201)


async def fetch_key(exchange: Exchange) -> Answer:
    return Answer(build_body(exchange.resource), "Key")


async def update_key(exchange: Exchange) -> Answer:
    key: ApiKey = exchange.resource
    key.friendly_name = exchange.values.get("FriendlyName", key.friendly_name)
    return await fetch_key(exchange)


async def delete_key(exchange: Exchange) -> Answer:
    del exchange.account.keys[exchange.resource.sid]
    return Answer(None, status=204)


ENDPOINTS = (
    Endpoint("GET", PATH, list_keys, PAGING),
    Endpoint("POST", PATH, create_key, {"FriendlyName": FRIENDLY_NAME}),
    Endpoint("GET", f"{PATH}/{{SK}}", fetch_key, find=find_key),
    Endpoint("POST", f"{PATH}/{{SK}}", update_key, {"FriendlyName": FRIENDLY_NAME}, find_key),
    Endpoint("DELETE", f"{PATH}/{{SK}}", delete_key, find=find_key),
)
