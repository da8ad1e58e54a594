"""MachineDetection: whether a person or an answering machine has taken a call.

https://www.twilio.com/docs/voice/answering-machine-detection. Detection takes a moment of its own, and
to the end of the greeting where that is asked for; how long Twilio takes is not documented.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from fake_twilio.calls import CallInterrupted, LivingCall
from fake_twilio.takes import send
from fake_twilio.webhooks import Hook

DETECTION_SECONDS = 0.2


async def detect(call: LivingCall, params: Mapping[str, Any]) -> None:
    """Before the TwiML is asked for, or beside it with AsyncAmd; AnsweredBy says what was found."""
    if not params.get("MachineDetection"):
        return
    if params.get("AsyncAmd"):
        call.switchboard.spawn(detect_beside(call, params))
    else:
        await find_out(call, params)


async def find_out(call: LivingCall, params: Mapping[str, Any]) -> None:
    greeting = call.end.greeting_seconds
    waits_for_end = greeting is not None and params["MachineDetection"] == "DetectMessageEnd"
    await call.wait(asyncio.sleep(greeting if waits_for_end and greeting else DETECTION_SECONDS))
    machine = "machine_end_beep" if waits_for_end else "machine_start"
    call.record.answered_by = "human" if greeting is None else machine
    call.extra_params["AnsweredBy"] = call.record.answered_by


async def detect_beside(call: LivingCall, params: Mapping[str, Any]) -> None:
    started = time.monotonic()
    try:
        await find_out(call, params)
    except CallInterrupted:
        return
    if params.get("AsyncAmdStatusCallback"):
        hook = Hook(params["AsyncAmdStatusCallback"], params.get("AsyncAmdStatusCallbackMethod", "POST"))
        fields = {
            "AccountSid": call.account.sid,
            "AnsweredBy": str(call.record.answered_by),
            "CallSid": call.record.sid,
            "MachineDetectionDuration": str(round((time.monotonic() - started) * 1000)),
        }
        await send(call.switchboard, call.account, hook, fields)
