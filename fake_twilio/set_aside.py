"""What an owner takes away in Twilio's console, and a rehearsal brings back: TwiML Apps, numbers, caller IDs.

Twilio cannot bring them back; that is what the control API adds.
"""

from typing import Any

from aiohttp import web

from fake_twilio.control import find_account
from fake_twilio.store import Account, Application, IncomingPhoneNumber


def list_shelves(account: Account) -> tuple[dict[str, Any], ...]:
    return account.applications, account.incoming_phone_numbers, account.outgoing_caller_ids


async def take_away(request: web.Request) -> web.Response:
    """`DELETE /_fake/accounts/{AC}/resources/{sid}`: from now on Twilio does not know it."""
    account, sid = find_account(request), request.match_info["sid"]
    for shelf in list_shelves(account):
        if sid in shelf:
            account.set_aside[sid] = shelf.pop(sid)
            return web.Response(status=204)
    raise web.HTTPNotFound(text="{}", content_type="application/json")


async def bring_back(request: web.Request) -> web.Response:
    """`PUT` of the same: as it was."""
    account, sid = find_account(request), request.match_info["sid"]
    kept = account.set_aside.pop(sid, None)
    if kept is None:
        raise web.HTTPNotFound(text="{}", content_type="application/json")
    applications, numbers, caller_ids = list_shelves(account)
    if isinstance(kept, Application):
        applications[sid] = kept
    elif isinstance(kept, IncomingPhoneNumber):
        numbers[sid] = kept
    else:
        caller_ids[sid] = kept
    return web.Response(status=204)


def add_routes(app: web.Application) -> None:
    app.router.add_delete("/_fake/accounts/{account_sid}/resources/{sid}", take_away)
    app.router.add_put("/_fake/accounts/{account_sid}/resources/{sid}", bring_back)
