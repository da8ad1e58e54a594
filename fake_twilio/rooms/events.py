"""Tells a customer what happens in a room.

As with a call's progress, Twilio waits for no answer before it tells the next, which is why events are
numbered. Here they set out in the order of SequenceNumber, each a moment after the one before or once that is
answered, so that a customer who answers at once hears them in order.
"""

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


# How long one event is ahead of the next, unless it is answered before.
HEAD_START_SECONDS = 0.02


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
        self.last = self.switchboard.spawn(self._take_turn(self.last, fields))

    async def _take_turn(self, earlier: "asyncio.Task[None] | None", params: dict[str, str]) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        sending = self.switchboard.spawn(self._send(params))
        await asyncio.wait([sending], timeout=HEAD_START_SECONDS)

    async def _send(self, params: dict[str, str]) -> None:
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
