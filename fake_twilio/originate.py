"""Calls that begin outside a browser: over REST, and by strangers, through the control API."""

import asyncio
import contextlib
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from fake_twilio.answering import detect
from fake_twilio.app_keys import ON_RESET, STORE
from fake_twilio.calls import CallInterrupted, LivingCall, Script
from fake_twilio.catalogue import STRANGER_NUMBER, WITHHELD
from fake_twilio.control_requests import read_json, refuse
from fake_twilio.numbers import build_script, get_verified_numbers, start_incoming_call
from fake_twilio.outgoing import RING_SECONDS, begin_talk, place_call, ring_until
from fake_twilio.people import STRANGER_HERTZ, Person, PhoneEnd
from fake_twilio.status_callbacks import StatusCallbacks
from fake_twilio.store import Account, CallRecord
from fake_twilio.switchboard import SWITCHBOARD
from fake_twilio.webhooks import Hook

# How long the last webhooks may take when the fake ends.
END_SECONDS = 0.5
# How long a request to end a call waits for the end: a slow action callback must not hold it up.
UPDATE_SECONDS = 0.5
SOUNDS = ("tone", "echo", "silence")
STIR_VERSTATS = tuple(
    f"TN-Validation-{result}-{level}{passport}"
    for result in ("Passed", "Failed")
    for level in "ABC"
    for passport in ("", "-Passthrough")
) + ("TN-Validation-Failed", "No-TN-Validation")


async def start_outgoing_call(
    app: web.Application, account: Account, params: Mapping[str, Any]
) -> CallRecord:
    """`POST Calls`, its parameters already checked: rings `To`, and follows the TwiML once answered."""
    call = place_call(app, account, params)
    script = read_script(account, params)
    app[SWITCHBOARD].spawn(ring_and_follow(call, script, params))
    return call.record


async def ring_and_follow(call: LivingCall, script: Script | None, params: Mapping[str, Any]) -> None:
    call.start("ringing")
    outcome = await ring_until(call, float(params.get("Timeout") or RING_SECONDS))
    if outcome != "answered":
        await call.finish(outcome)
        return
    begin_talk(call, params)
    with contextlib.suppress(CallInterrupted):
        await detect(call, params)
    call.switchboard.follow(call, script)


def read_script(account: Account, params: Mapping[str, Any]) -> Script | None:
    """Where the instructions are: an application's Voice URL, an address, or TwiML itself."""
    application = account.applications.get(str(params.get("ApplicationSid")))
    if application is not None:
        return build_script(application.fields)
    if params.get("Url"):
        fields = {
            "voice_url": params["Url"],
            "voice_method": params.get("Method"),
            "voice_fallback_url": params.get("FallbackUrl"),
            "voice_fallback_method": params.get("FallbackMethod"),
        }
        return build_script(fields)
    return Script(twiml=str(params["Twiml"])) if params.get("Twiml") else None


async def update_call(
    app: web.Application, account: Account, record: CallRecord, params: Mapping[str, Any]
) -> CallRecord:
    """`POST Calls/{CA}`: ends a call, or gives it other TwiML to follow. Nothing for one that is over.

    Canceling ends a call that waits or rings, and leaves one alone that is in progress.
    """
    call = app[SWITCHBOARD].calls.get(record.sid)
    if call is None or call.is_over:
        return record
    if params.get("StatusCallback"):
        method = str(params.get("StatusCallbackMethod") or "POST")
        call.callbacks = StatusCallbacks(Hook(str(params["StatusCallback"]), method))
    if params.get("TimeLimit"):
        call.limit_time(params["TimeLimit"])
    if params.get("Status") == "canceled" and call.is_answered:
        return record
    if params.get("Status"):
        call.hang_up(str(params["Status"]))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(call.wait_until_over(), UPDATE_SECONDS)
    elif (script := read_script(account, params)) is not None:
        call.redirect(script)
    return record


async def call_in(request: web.Request) -> web.Response:
    """`POST /_fake/incoming {"to", "from"?, …}`: a stranger calls a number of an account's.

    `from` may be what Twilio passes on for who withholds a number, or empty. `sound` is what the stranger
    says, `hertz` the pitch of a "tone"; `hang_up_after` the answer and
    `give_up_after` the first ring are seconds; `press` holds keys for after the answer, with "w" for
    half a second; `withheld` true hides the number; `stir_verstat` is what SHAKEN/STIR says of it.
    """
    body = await read_json(request)
    app = request.app
    owned = app[STORE].find_number(str(body.get("to")))
    if owned is None:
        raise web.HTTPNotFound(text="nobody here owns that number")
    person = read_person(body)
    stir_verstat = body.get("stir_verstat", "")
    if stir_verstat and stir_verstat not in STIR_VERSTATS:
        raise refuse(f"stir_verstat is one of {', '.join(STIR_VERSTATS)}")
    account, number = owned
    from_ = STRANGER_NUMBER if body.get("from") is None else str(body["from"])
    if body.get("withheld"):
        from_ = WITHHELD
    if account.status != "active":
        raise web.HTTPConflict(text=f"the account is {account.status}")
    if account.type == "Trial" and from_ not in get_verified_numbers(account):
        raise web.HTTPConflict(text="only verified numbers may call a trial account")
    end = PhoneEnd(person)
    call = start_incoming_call(app[SWITCHBOARD], account, number, from_, end, stir_verstat=stir_verstat)
    return web.json_response({"call_sid": call.record.sid}, status=201)


def read_person(body: dict[str, Any]) -> Person:
    """Who calls; raises for what nobody can be."""
    sound, hertz = body.get("sound", "tone"), body.get("hertz", STRANGER_HERTZ)
    press = body.get("press", "")
    if sound not in SOUNDS:
        raise refuse(f"sound is one of {', '.join(SOUNDS)}")
    if not isinstance(hertz, int) or not 100 <= hertz <= 3000:
        raise refuse("hertz is a whole number, 100 to 3000")
    for name in ("hang_up_after", "give_up_after"):
        if not isinstance(body.get(name), int | float | None):
            raise refuse(f"{name} is a number of seconds")
    if not isinstance(press, str) or not re.fullmatch(r"[0-9*#ABCDwW]*", press):
        raise refuse("press holds keys, and w or W for a pause")
    return Person(
        sound,
        hertz,
        hang_up_after=body.get("hang_up_after"),
        give_up_after=body.get("give_up_after"),
        presses=press,
    )


async def list_calls(request: web.Request) -> web.Response:
    """`GET /_fake/calls`: every leg, of all accounts, the oldest first; `digits` reached its far end."""
    return web.json_response([call.as_json() for call in request.app[SWITCHBOARD].calls.values()])


async def hang_up(request: web.Request) -> web.Response:
    """`DELETE /_fake/calls/{sid}`: the person at the end of that leg hangs up."""
    call = request.app[SWITCHBOARD].calls.get(request.match_info["sid"])
    if call is None:
        raise web.HTTPNotFound
    call.hang_up()
    return web.Response(status=204)


async def reset(app: web.Application) -> None:
    await app[SWITCHBOARD].end_all(patience=0)


async def end(app: web.Application) -> None:
    await app[SWITCHBOARD].end_all(END_SECONDS)


def add_routes(app: web.Application) -> None:
    app[ON_RESET].append(reset)
    app.on_shutdown.append(end)
    app.router.add_post("/_fake/incoming", call_in)
    app.router.add_get("/_fake/calls", list_calls)
    app.router.add_delete("/_fake/calls/{sid}", hang_up)
