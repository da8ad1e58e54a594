"""Tells a customer what happens in a room, in the order of SequenceNumber."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime

from fake_twilio.alerts import add_alert
from fake_twilio.calls import CallSwitchboard
from fake_twilio.store import Account, now
from fake_twilio.webhooks import Hook, WebhookFailed

# What a customer subscribes to, by the event that is sent.
WORDS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "participant-speech-start": "speaker",
    "participant-speech-stop": "speaker",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}


@dataclass
class RoomEvents:
    """Where one room's events go; the first participant decides."""

    switchboard: CallSwitchboard
    account: Account
    hook: Hook
    words: frozenset[str]
    sequence_number: int = 0
    last: "asyncio.Task[None] | None" = None

    def wants(self, word: str) -> bool:
        return word in self.words

    def tell(self, event: str, params: Mapping[str, str]) -> None:
        if not self.wants(WORDS[event]):
            return
        self.sequence_number += 1
        fields = {
            **params,
            "StatusCallbackEvent": event,
            "SequenceNumber": str(self.sequence_number),
            "Timestamp": format_datetime(now()),
        }
        self.last = self.switchboard.spawn(self._send_after(self.last, fields))

    async def _send_after(self, earlier: "asyncio.Task[None] | None", params: dict[str, str]) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        try:
            answer = await self.switchboard.webhooks.send(self.account, self.hook, params)
        except WebhookFailed as failure:
            self._note(failure.code, failure.message, params)
        else:
            if answer.status >= 400:
                self._note(15003, f"Conference callback got HTTP {answer.status}", params)

    def _note(self, code: int, text: str, params: Mapping[str, str]) -> None:
        add_alert(
            self.account,
            code=code,
            text=text,
            call_sid=params.get("CallSid", params["ConferenceSid"]),
            url=self.hook.url,
            method=self.hook.method,
            log_level="warning",
        )
