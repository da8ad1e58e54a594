"""The legs of calls that an account makes over REST: who is rung, for how long, and how that ends."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from fake_twilio.calls import CallInterrupted, LivingCall
from fake_twilio.device_end import CalledDevice
from fake_twilio.dialing import key_digits
from fake_twilio.numbers import CannotDial, build_hook, build_number_end
from fake_twilio.parts import End, Outcome
from fake_twilio.people import Person, PhoneEnd
from fake_twilio.status_callbacks import StatusCallbacks
from fake_twilio.store import Account
from fake_twilio.switchboard import SWITCHBOARD
from fake_twilio.takes import RecordingWish
from fake_twilio.tape import record_call

RING_SECONDS = 60


def place_call(app: web.Application, account: Account, params: Mapping[str, Any]) -> LivingCall:
    """The leg to `To`, queued; one that cannot be dialled is over as soon as it is looked at."""
    switchboard = app[SWITCHBOARD]
    to, from_ = str(params["To"]), str(params.get("CallerId") or params["From"])
    end: End
    error: CannotDial | None = None
    if to.startswith("client:"):
        identity, _, query = to.removeprefix("client:").partition("?")
        end = CalledDevice(identity, dict(parse_qsl(query)))
    else:
        try:
            end = build_number_end(switchboard, account, from_, to)
        except CannotDial as refused:
            end, error = PhoneEnd(Person(outcome="no-answer")), refused
    call = LivingCall(
        switchboard,
        account,
        end,
        from_=from_,
        to=to.partition("?")[0],
        direction="outbound-api",
        callbacks=read_callbacks(params),
    )
    call.digits_on_answer = str(params.get("SendDigits") or "")
    call.start("queued")
    if error is not None:
        call.hang_up("failed", (error.code, error.message))
    return call


async def ring_until(call: LivingCall, timeout: float, out: asyncio.Event | None = None) -> Outcome:
    """Rings the far end; "canceled" if the call is ended meanwhile, or `out` is set."""
    out = out or asyncio.Event()
    ringing = asyncio.ensure_future(call.end.ring())
    gone = asyncio.ensure_future(out.wait())
    try:
        await call.wait(asyncio.wait({ringing, gone}, return_when=asyncio.FIRST_COMPLETED), timeout)
        return ringing.result() if ringing.done() else "canceled"
    except TimeoutError:
        return "no-answer"
    except CallInterrupted:
        return "canceled"
    finally:
        for task in (ringing, gone):
            task.cancel()
        await asyncio.wait({ringing, gone})


def begin_talk(call: LivingCall, params: Mapping[str, Any]) -> None:
    """The far end has answered: keys SendDigits, starts the clock of TimeLimit, records if asked to."""
    call.mark_answered()
    call.switchboard.spawn(key_digits(call))
    if params.get("TimeLimit"):
        call.limit_time(params["TimeLimit"])
    if params.get("Record"):
        record_call(call, RecordingWish.of_params(params, "Recording", "OutboundAPI"))


def read_callbacks(params: Mapping[str, Any]) -> StatusCallbacks | None:
    hook = build_hook(dict(params), "StatusCallback", "StatusCallbackMethod")
    events = params.get("StatusCallbackEvent") or ("completed",)
    return StatusCallbacks(hook, tuple(events)) if hook else None
