"""The control API, `/_fake/…`: for tests and for the demo's panel. Loopback only, JSON only."""

import hashlib
import re
import secrets
from dataclasses import fields
from typing import Any

from aiohttp import web

from fake_twilio import catalogue, faults
from fake_twilio.app_keys import FAULTS, JOURNAL, ON_RESET, STORE
from fake_twilio.control_requests import only_loopback, read_json, refuse
from fake_twilio.faults import Fault
from fake_twilio.rest.account_states import VARIANTS
from fake_twilio.store import REGIONS, Account, ApiKey, Store

NEW = "new"
SECRET_SHAPE = re.compile(r"[0-9a-f]{32}")
KEY_SHAPE = re.compile(r"SK[0-9a-f]{32}")
# What may be changed about an account besides its name and its token, and to what.
CHOICES: dict[str, tuple[Any, ...]] = {
    "status": ("active", "suspended", "closed"),
    "type": ("Full", "Trial"),
    "rest_fault": ("", *sorted(faults.NAMES)),
    "gateway_fault": ("", *catalogue.GATEWAY_FAULTS),
    "call_fault": ("", *catalogue.CALL_FAULTS),
    "suspended_variant": ("", *VARIANTS),
    "is_under_review": (True, False),
    "is_test": (True, False),
    "refuses_new_keys": (True, False),
}
FAULT_FIELDS = {one.name for one in fields(Fault)} - {"id"}


def find_account(request: web.Request) -> Account:
    account = request.app[STORE].accounts.get(request.match_info["account_sid"])
    if account is None:
        raise web.HTTPNotFound(text="{}", content_type="application/json")
    return account


def fingerprint(secret: str) -> str:
    """Whoever has the secret can see that it is still this one; nobody can find it from here."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def describe(account: Account) -> dict[str, Any]:
    """An account without any of its secrets."""
    return {
        "sid": account.sid,
        "friendly_name": account.friendly_name,
        "owner_account_sid": account.owner_account_sid,
        "status": account.status,
        "type": account.type,
        "auth_token_fingerprint": fingerprint(account.auth_tokens["us1"]),
        "has_secondary_auth_token": bool(account.secondary_auth_token),
        **{name: getattr(account, name) for name in CHOICES if name not in ("status", "type")},
        "keys": [
            {
                "sid": key.sid,
                "kind": key.kind,
                "region": key.region,
                "friendly_name": key.friendly_name,
                "secret_fingerprint": fingerprint(key.secret),
            }
            for key in account.keys.values()
        ],
        "applications": [
            {"sid": app.sid, "region": app.region, **app.fields} for app in account.applications.values()
        ],
        "numbers": [number.phone_number for number in account.incoming_phone_numbers.values()],
        "set_aside": list(account.set_aside),
        "caller_ids": [caller_id.phone_number for caller_id in account.outgoing_caller_ids.values()],
    }


async def show_state(request: web.Request) -> web.Response:
    laid = request.app[FAULTS].laid.values()
    accounts = request.app[STORE].accounts.values()
    return web.json_response(
        {
            "accounts": [describe(account) for account in accounts],
            "faults": [fault.as_json() for fault in laid],
        }
    )


async def reset(request: web.Request) -> web.Response:
    """Everything as at the start: accounts, faults, journal, and what the other parts keep."""
    store: Store = request.app[STORE]
    store.accounts = catalogue.build_store().accounts
    request.app[FAULTS].laid.clear()
    request.app[JOURNAL].clear()
    for hook in request.app[ON_RESET]:
        await hook(request.app)
    return web.json_response({})


async def lay_fault(request: web.Request) -> web.Response:
    body = await read_json(request)
    if not body.keys() <= FAULT_FIELDS or "fault" not in body:
        raise refuse(f"a fault has the fields {', '.join(sorted(FAULT_FIELDS))}")
    try:
        return web.json_response({"id": request.app[FAULTS].lay(Fault(**body))}, status=201)
    except ValueError as error:
        raise refuse(str(error)) from error


async def remove_fault(request: web.Request) -> web.Response:
    if request.app[FAULTS].laid.pop(request.match_info["id"], None) is None:
        raise web.HTTPNotFound(text="{}", content_type="application/json")
    return web.Response(status=204)


async def remove_faults(request: web.Request) -> web.Response:
    request.app[FAULTS].laid.clear()
    return web.Response(status=204)


async def show_account(request: web.Request) -> web.Response:
    return web.json_response(describe(find_account(request)))


async def change_account(request: web.Request) -> web.Response:
    """Changes fields of an account; `auth_token` (a value, or "new") rotates the primary token.

    A rotated token is in the answer, once: nothing else ever shows it.
    """
    account = find_account(request)
    body = await read_json(request)
    token = read_token(body)
    for name, value in body.items():
        check_field(name, value)
    for name, value in body.items():
        setattr(account, name, value)
    if token is None:
        return web.json_response(describe(account))
    account.auth_tokens["us1"] = token
    return web.json_response({**describe(account), "auth_token": token})


def check_field(name: str, value: Any) -> None:
    if name == "friendly_name":
        if not isinstance(value, str):
            raise refuse("friendly_name is a text")
    elif value not in CHOICES.get(name, ()):
        raise refuse(f"{name}: {value!r} is not one of {CHOICES.get(name, ())}")


def read_token(body: dict[str, Any]) -> str | None:
    """Takes `auth_token` out of `body`: the token to rotate to, None for no rotation."""
    token = body.pop("auth_token", None)
    if token is None or token == NEW:
        return token and secrets.token_hex(16)
    if not isinstance(token, str) or not SECRET_SHAPE.fullmatch(token):
        raise refuse('auth_token is 32 hex characters, or "new"')
    return token


async def rotate_key(request: web.Request) -> web.Response:
    """A new secret for a key; the old one is refused from now on. The answer shows it, once."""
    account = find_account(request)
    key = account.keys.get(request.match_info["key_sid"])
    if key is None:
        raise web.HTTPNotFound(text="{}", content_type="application/json")
    key.secret = secrets.token_hex(16)
    return web.json_response({"sid": key.sid, "secret": key.secret})


async def put_key(request: web.Request) -> web.Response:
    """A key as it is to be: `{"secret", "region"?}`. Brings back one that was rotated or deleted."""
    keys, sid, body = find_account(request).keys, request.match_info["key_sid"], await read_json(request)
    secret, region = body.get("secret"), body.get("region", "us1")
    if not isinstance(secret, str) or not SECRET_SHAPE.fullmatch(secret):
        raise refuse("secret is 32 hex characters")
    if not KEY_SHAPE.fullmatch(sid) or region not in REGIONS:
        raise refuse(f"a key is SK and 32 hex characters, in one of {REGIONS}")
    key = keys.setdefault(sid, ApiKey(sid, secret, region=region))
    key.secret = secret
    return web.Response(status=204)


async def delete_key(request: web.Request) -> web.Response:
    if find_account(request).keys.pop(request.match_info["key_sid"], None) is None:
        raise web.HTTPNotFound(text="{}", content_type="application/json")
    return web.Response(status=204)


async def list_requests(request: web.Request) -> web.Response:
    return web.json_response([entry.as_json() for entry in request.app[JOURNAL].entries])


async def clear_requests(request: web.Request) -> web.Response:
    request.app[JOURNAL].clear()
    return web.Response(status=204)


async def refuse_unknown(request: web.Request) -> web.Response:
    raise web.HTTPNotFound(text="{}", content_type="application/json")


def add_routes(app: web.Application) -> None:
    app.middlewares.append(only_loopback)
    app.router.add_get("/_fake/state", show_state)
    app.router.add_post("/_fake/reset", reset)
    app.router.add_post("/_fake/faults", lay_fault)
    app.router.add_delete("/_fake/faults", remove_faults)
    app.router.add_delete("/_fake/faults/{id}", remove_fault)
    app.router.add_get("/_fake/accounts/{account_sid}", show_account)
    app.router.add_patch("/_fake/accounts/{account_sid}", change_account)
    app.router.add_post("/_fake/accounts/{account_sid}/keys/{key_sid}", rotate_key)
    app.router.add_put("/_fake/accounts/{account_sid}/keys/{key_sid}", put_key)
    app.router.add_delete("/_fake/accounts/{account_sid}/keys/{key_sid}", delete_key)
    app.router.add_get("/_fake/requests", list_requests)
    app.router.add_delete("/_fake/requests", clear_requests)


def close_routes(app: web.Application) -> None:
    """Takes what is left of `/_fake/`: mount this after everybody else's controls."""
    app.router.add_route("*", "/_fake/{path:.*}", refuse_unknown)
