"""Calls that are alive: one object for each leg."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from fake_twilio.parts import End, Switchboard
from fake_twilio.sounds import Sound
from fake_twilio.status_callbacks import StatusCallbacks
from fake_twilio.store import Account, CallRecord, Store, make_sid, now
from fake_twilio.webhooks import Hook

Result = TypeVar("Result")
LIVE = ("queued", "ringing", "in-progress")
# The SIP responses behind the final statuses, where the far end named no other.
SIP_CODES = {"completed": 200, "busy": 486, "no-answer": 487, "canceled": 487}


@dataclass(frozen=True)
class Script:
    """Where a call's TwiML comes from: an address with extra fields to send, or the text itself."""

    hook: Hook | None = None
    twiml: str = ""
    fallback: Hook | None = None
    params: Mapping[str, str] = field(default_factory=dict)


class CallInterrupted(Exception):
    """What was being done on a call is not to be finished."""


class CallEnded(CallInterrupted):
    pass


class CallRedirected(CallInterrupted):
    def __init__(self, script: Script) -> None:
        super().__init__("redirected")
        self.script = script


class CallSwitchboard(Switchboard, Protocol):
    """The switchboard as calls know it."""

    @property
    def store(self) -> Store: ...

    def remember(self, call: "LivingCall") -> None:
        """Keeps a new call."""

    def follow(self, call: "LivingCall", script: Script | None) -> None:
        """From now on the call does what TwiML says; without any it is over."""


class LivingCall:
    """One leg. `record` is its row in the REST API and stays when the leg is over."""

    def __init__(
        self,
        switchboard: CallSwitchboard,
        account: Account,
        end: End,
        *,
        from_: str,
        to: str,
        direction: str,
        parent: "LivingCall | None" = None,
        extra_params: Mapping[str, str] | None = None,
        callbacks: StatusCallbacks | None = None,
    ) -> None:
        self.switchboard = switchboard
        self.account = account
        self.end = end
        parent_sid: str | None = parent.record.sid if parent else None
        self.record: CallRecord = CallRecord(
            make_sid("CA"), account.sid, from_, to, direction, parent_call_sid=parent_sid
        )
        self.extra_params = dict(extra_params or {})
        self.callbacks = callbacks
        self.error: tuple[int, str] | None = None
        # The last digits that reached the far end of this leg, and those that a <Gather> may take.
        self.digits = ""
        self.digits_on_answer = ""
        # What is said to whoever answers, before they are connected.
        self.whisper: Hook | None = None
        self.pressed: asyncio.Queue[str] = asyncio.Queue()
        self.bridged_with: LivingCall | None = None
        # Makes the sound of its other side: of one call, or of everybody in a room.
        self.far: Callable[[], Sound] | None = None
        self._final_status = ""
        self._is_hung_up = False
        self._interrupt: asyncio.Future[CallInterrupted] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()
        self._clock: asyncio.TimerHandle | None = None
        account.calls[self.record.sid] = self.record
        switchboard.remember(self)
        end.join(self)

    def __repr__(self) -> str:
        return f"<LivingCall {self.record.sid} {self.record.direction} {self.record.status}>"

    @property
    def is_answered(self) -> bool:
        return self.record.answered_at is not None

    @property
    def interrupt(self) -> CallInterrupted | None:
        return self._interrupt.result() if self._interrupt.done() else None

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    @property
    def seconds(self) -> int:
        """From answer to end, or until now."""
        if self.record.answered_at is None:
            return 0
        end: datetime = self.record.ended_at or now()
        return round((end - self.record.answered_at).total_seconds())

    @property
    def sip_response_code(self) -> int:
        """What the far end of a call that was made answered last, 0 where that is not known."""
        status = self.record.status
        if self.record.direction == "inbound":
            return 0
        if status in ("completed", "canceled"):
            return SIP_CODES[status]
        return self.end.sip_code or SIP_CODES.get(status, 0)

    def webhook_params(self) -> dict[str, str]:
        """The fields that every request about this call carries."""
        record = self.record
        params = {
            "AccountSid": record.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": record.sid,
            "CallStatus": record.status,
            "Called": record.to,
            "Caller": record.from_,
            "Direction": record.direction,
            "From": record.from_,
            "To": record.to,
        }
        if record.parent_call_sid:
            params["ParentCallSid"] = record.parent_call_sid
        return {**self.extra_params, **params}

    def start(self, status: Literal["queued", "ringing"]) -> None:
        self.record.status = status
        self.record.started_at = self.record.started_at or now()
        self.notify("initiated" if status == "queued" else "ringing")

    def notify(self, event: str) -> None:
        if self.callbacks is not None:
            self.callbacks.notify(self, event)

    async def answer(self) -> None:
        """Lets the caller's end know; again does nothing."""
        if self.is_answered:
            return
        self.mark_answered()
        await self.end.show_answered()

    def mark_answered(self) -> None:
        self.record.status = "in-progress"
        self.record.answered_at = now()
        self.notify("answered")

    def press(self, digits: str) -> None:
        """Digits keyed at the end of this leg: for a <Gather>, or for whoever is at the other end."""
        for digit in digits:
            if digit in "0123456789*#ABCD":
                self.pressed.put_nowait(digit)
                if self.bridged_with is not None:
                    self.bridged_with.take_digit(digit)

    def take_digit(self, digit: str) -> None:
        """A digit that reaches the far end of this leg."""
        self.digits += digit
        self.end.receive_digit(digit)

    def hang_up(self, status: str = "", error: tuple[int, str] | None = None) -> None:
        """Ends the call as soon as whoever runs it looks up; `status` counts if it was not answered."""
        if not self._is_hung_up:
            self._is_hung_up = True
            self._final_status = status
            self.error = error
        if not self._interrupt.done():
            self._interrupt.set_result(CallEnded("hung up"))

    def limit_time(self, seconds: int) -> None:
        """Ends the call so much later, whatever it does by then; a limit that is set anew takes its place."""
        if self._clock is not None:
            self._clock.cancel()
        self._clock = asyncio.get_running_loop().call_later(seconds, self.hang_up)

    def redirect(self, script: Script) -> None:
        """Leaves what it is doing for `script`."""
        if not self._interrupt.done():
            self._interrupt.set_result(CallRedirected(script))

    def resume(self) -> None:
        """After a redirect: the call can be interrupted again."""
        self._interrupt = asyncio.get_running_loop().create_future()
        if self._is_hung_up:
            self._interrupt.set_result(CallEnded("hung up"))

    async def wait_for_interrupt(self) -> CallInterrupted:
        return await asyncio.shield(self._interrupt)

    async def wait_until_over(self) -> None:
        await self._over.wait()

    async def wait(self, coroutine: Coroutine[Any, Any, Result], timeout: float | None = None) -> Result:
        """The coroutine's result; raises TimeoutError, or `CallInterrupted` if the call ends first."""
        task = asyncio.create_task(coroutine)
        both: set[asyncio.Future[Any]] = {task, self._interrupt}
        try:
            await asyncio.wait(both, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if self._interrupt.done():
                raise self._interrupt.result()
            if not task.done():
                raise TimeoutError
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
            if not task.cancelled():
                task.exception()

    async def finish(self, status: str = "") -> None:
        """The end: releases whoever is there, and says so; again does nothing."""
        if self.record.status not in LIVE:
            return
        unanswered = self._final_status or status or ("failed" if self.error else "no-answer")
        self.record.status = "completed" if self.is_answered else unanswered
        self.record.ended_at = now()
        if self._clock is not None:
            self._clock.cancel()
        self.hang_up()
        await self.end.release(self.error)
        self.notify("completed")
        self._over.set()

    def as_json(self) -> dict[str, Any]:
        record = self.record
        return {
            "sid": record.sid,
            "account_sid": record.account_sid,
            "parent_call_sid": record.parent_call_sid,
            "from": record.from_,
            "to": record.to,
            "direction": record.direction,
            "status": record.status,
            "seconds": self.seconds,
            "digits": self.digits,
            "error": self.error[0] if self.error else None,
            "alerts": [
                f"{alert['error_code']} {alert['alert_text']}"
                for alert in self.account.alerts
                if alert["resource_sid"] == record.sid
            ],
        }
