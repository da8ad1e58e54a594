"""Calls that begin outside a browser: over REST, and by strangers, through the control API."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from fake_twilio.app_keys import ON_RESET, STORE
from fake_twilio.calls import CallInterrupted, LivingCall, Script
from fake_twilio.catalogue import STRANGER_NUMBER
from fake_twilio.control_requests import read_json, refuse
from fake_twilio.device_end import CalledDevice
from fake_twilio.ends import PhoneEnd
from fake_twilio.numbers import (
    CannotDial,
    build_hook,
    build_number_end,
    build_script,
    get_verified_numbers,
    start_incoming_call,
)
from fake_twilio.parts import End
from fake_twilio.status_callbacks import StatusCallbacks
from fake_twilio.store import Account, CallRecord
from fake_twilio.switchboard import SWITCHBOARD
from fake_twilio.webhooks import Hook

RING_SECONDS = 60
# How long the last webhooks may take when the fake ends.
END_SECONDS = 0.5
# How long a request to end a call waits for the end: a slow action callback must not hold it up.
UPDATE_SECONDS = 0.5
SOUNDS = ("tone", "echo", "silence")


async def start_outgoing_call(
    app: web.Application, account: Account, params: Mapping[str, Any]
) -> CallRecord:
    """`POST Calls`, its parameters already checked: rings `To`, and follows the TwiML once answered."""
    switchboard = app[SWITCHBOARD]
    to, from_ = str(params["To"]), str(params["From"])
    end: End
    error: CannotDial | None = None
    if to.startswith("client:"):
        end = CalledDevice(to.removeprefix("client:").partition("?")[0], {})
    else:
        try:
            end = build_number_end(switchboard, account, from_, to)
        except CannotDial as refused:
            end, error = PhoneEnd("unanswered"), refused
    call = LivingCall(
        switchboard,
        account,
        end,
        from_=from_,
        to=to,
        direction="outbound-api",
        callbacks=read_callbacks(params),
    )
    call.start("queued")
    if error is not None:
        call.hang_up("failed", (error.code, error.message))
    script = read_script(account, params)
    switchboard.spawn(ring_and_follow(call, script, float(params.get("Timeout") or RING_SECONDS)))
    return call.record


async def ring_and_follow(call: LivingCall, script: Script | None, timeout: float) -> None:
    call.start("ringing")
    try:
        outcome = await call.wait(call.end.ring(), timeout)
    except TimeoutError:
        outcome = "no-answer"
    except CallInterrupted:
        await call.finish("canceled")
        return
    if outcome == "answered":
        call.mark_answered()
        call.switchboard.follow(call, script)
    else:
        await call.finish(outcome)


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


def read_callbacks(params: Mapping[str, Any]) -> StatusCallbacks | None:
    hook = build_hook(dict(params), "StatusCallback", "StatusCallbackMethod")
    events = params.get("StatusCallbackEvent") or ("completed",)
    return StatusCallbacks(hook, tuple(events)) if hook else None


async def update_call(
    app: web.Application, account: Account, record: CallRecord, params: Mapping[str, Any]
) -> CallRecord:
    """`POST Calls/{CA}`: ends a call, or gives it other TwiML to follow. Nothing for one that is over."""
    call = app[SWITCHBOARD].calls.get(record.sid)
    if call is None or call.is_over:
        return record
    if params.get("StatusCallback"):
        method = str(params.get("StatusCallbackMethod") or "POST")
        call.callbacks = StatusCallbacks(Hook(str(params["StatusCallback"]), method))
    if params.get("Status"):
        call.hang_up(str(params["Status"]))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(call.wait_until_over(), UPDATE_SECONDS)
    elif (script := read_script(account, params)) is not None:
        call.redirect(script)
    return record


async def call_in(request: web.Request) -> web.Response:
    """`POST /_fake/incoming {"to", "from"?, "sound"?, "hang_up_after"?, "stir_verstat"?}`: a stranger calls.

    `from` may be what Twilio passes on for who withholds a number, or empty.
    """
    body = await read_json(request)
    app = request.app
    owned = app[STORE].find_number(str(body.get("to")))
    sound, hang_up_after = body.get("sound", "tone"), body.get("hang_up_after")
    if owned is None:
        raise web.HTTPNotFound(text="nobody here owns that number")
    if sound not in SOUNDS:
        raise refuse(f"sound is one of {', '.join(SOUNDS)}")
    if hang_up_after is not None and not isinstance(hang_up_after, int | float):
        raise refuse("hang_up_after is a number of seconds")
    account, number = owned
    from_ = STRANGER_NUMBER if body.get("from") is None else str(body["from"])
    if account.status != "active":
        raise web.HTTPConflict(text=f"the account is {account.status}")
    if account.type == "Trial" and from_ not in get_verified_numbers(account):
        raise web.HTTPConflict(text="only verified numbers may call a trial account")
    end = PhoneEnd(sound, hang_up_after)
    verstat = str(body.get("stir_verstat") or "")
    call = start_incoming_call(app[SWITCHBOARD], account, number, from_, end, stir_verstat=verstat)
    return web.json_response({"call_sid": call.record.sid}, status=201)


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
