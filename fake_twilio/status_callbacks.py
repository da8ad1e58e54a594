"""Tells a customer how a call gets on: initiated, ringing, answered, completed.

https://www.twilio.com/docs/voice/api/call-resource#statuscallbackevent. The requests go out beside
the call, never hold it up, and leave in the order of their SequenceNumber. Between those of several calls
and the requests for TwiML there is no order: a seed (`variation.py`) has some late, and some twice.
"""

import asyncio
import math
from dataclasses import dataclass
from email.utils import format_datetime

from fake_twilio.alerts import add_alert
from fake_twilio.parts import Call
from fake_twilio.store import now
from fake_twilio.variation import VARIATION
from fake_twilio.webhooks import Hook, WebhookFailed

# Seconds, under a seed.
LATENESS = (0.0, 0.0, 0.2, 0.6)
EVENTS = ("initiated", "ringing", "answered", "completed")


@dataclass
class StatusCallbacks:
    """Where one call's progress is told, and which of it."""

    hook: Hook
    events: tuple[str, ...] = ("completed",)
    sequence_number: int = 0
    last: "asyncio.Task[None] | None" = None

    def notify(self, call: Call, event: str) -> None:
        if event not in self.events or not self.hook.url:
            return
        params = {**call.webhook_params(), **self._build_params(call, event)}
        self.sequence_number += 1
        self.last = call.switchboard.spawn(self._send_after(self.last, call, params))

    def _build_params(self, call: Call, event: str) -> dict[str, str]:
        params = {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self.sequence_number),
            "Timestamp": format_datetime(now()),
        }
        if event == "initiated":
            params["CallStatus"] = "initiated"
        if event == "completed":
            seconds = call.seconds
            params["CallDuration"] = str(seconds)
            params["Duration"] = str(math.ceil(seconds / 60))
            if call.sip_response_code:
                params["SipResponseCode"] = str(call.sip_response_code)
            if call.error is not None:
                params["ErrorCode"], params["ErrorMessage"] = str(call.error[0]), call.error[1]
        return params

    async def _send_after(
        self, earlier: "asyncio.Task[None] | None", call: Call, params: dict[str, str]
    ) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        variation = call.switchboard.app[VARIATION]
        if variation.seed is None:
            await self._send(call, params)
            return
        what = f"{params['To']} {params['CallStatus']}"
        await asyncio.sleep(variation.choose("callback", what, LATENESS))
        for _ in range(variation.choose("callback twice", what, (1, 1, 2))):
            await self._send(call, params)

    async def _send(self, call: Call, params: dict[str, str]) -> None:
        try:
            answer = await call.switchboard.webhooks.send(call.account, self.hook, params)
        except WebhookFailed as failure:
            self._note(call, failure.code, failure.message)
        else:
            if answer.status >= 400:
                self._note(call, 15003, f"Call progress callback got HTTP {answer.status}")

    def _note(self, call: Call, code: int, text: str) -> None:
        add_alert(
            call.account,
            code=code,
            text=text,
            call_sid=call.record.sid,
            url=self.hook.url,
            method=self.hook.method,
            log_level="warning",
        )
