"""What the parts of a call may know of each other.

A call has an end, a browser's end has a socket, a socket has ends, and all find each other over the
switchboard. Each of these modules imports this one instead of the others, so that none imports in
a circle.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Literal, Protocol

from aiohttp import web

from fake_twilio.sounds import Sound
from fake_twilio.store import Account, CallRecord
from fake_twilio.tokens import Bearer
from fake_twilio.webhooks import Webhooks

# How ringing ended, in the words of a call's final status; "answered" for a call that goes on.
Outcome = Literal["answered", "busy", "no-answer", "failed", "canceled"]


class Switchboard(Protocol):
    """Where the calls of all accounts meet, as their ends and their status callbacks know it."""

    app: web.Application
    # Browsers' ends, by the token with which a browser takes its call back.
    reconnecting: "dict[str, BrowserEnd]"

    @property
    def webhooks(self) -> Webhooks: ...

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs it beside everything else, until the fake ends."""


class Call(Protocol):
    """One leg, as its end, its socket and its status callbacks know it."""

    account: Account
    record: CallRecord
    # A code and a message, if that is why it ended.
    error: tuple[int, str] | None

    @property
    def switchboard(self) -> Switchboard: ...

    @property
    def seconds(self) -> int:
        """From answer to end, or until now."""

    @property
    def sip_response_code(self) -> int:
        """What the far end of a call that was made answered last, 0 where that is not known."""

    def webhook_params(self) -> dict[str, str]:
        """The fields that every request about this call carries."""

    def press(self, digits: str) -> None:
        """Digits keyed at the end of this leg."""

    def hang_up(self, status: str = "", error: tuple[int, str] | None = None) -> None:
        """Ends the call as soon as whoever runs it looks up; `status` counts if it was not answered."""

    async def wait_until_over(self) -> None: ...


class End(Protocol):
    """Whoever is at the end of a call. `calls.py` knows no difference between them."""

    # The SIP response with which ringing ended, 0 for the usual one of that outcome.
    sip_code: int
    # How long an answering machine speaks before its beep; None for anybody else.
    greeting_seconds: float | None

    def join(self, call: Call) -> None:
        """Tells the end which call it is at the end of."""

    def speech(self) -> Sound:
        """What it says from now on, for one listener."""

    def hear(self, sound: Sound | None) -> None:
        """What it hears from now on."""

    async def ring(self) -> Outcome:
        """Rings it and waits; when cancelled, it stops ringing."""

    async def show_ringing(self) -> None:
        """Lets a caller know that the far end rings."""

    async def show_answered(self) -> None:
        """Lets a caller know that the call is answered."""

    def receive_digit(self, digit: str) -> None:
        """A digit that the other side has keyed."""

    async def release(self, error: tuple[int, str] | None) -> None:
        """The call is over; `error` is a code and a message, if that is why."""


class BrowserEnd(End, Protocol):
    """A browser at the end of a call, as the frames of its socket reach it."""

    @property
    def call(self) -> Call | None: ...

    def detach(self) -> None:
        """No socket speaks for this end any more."""

    def lose_signalling(self, socket: "Socket") -> None:
        """The socket is gone; the browser may come back on another."""

    async def take_back(self, socket: "Socket") -> None:
        """The browser is back on another socket."""

    async def renegotiate(self, offer: str) -> None:
        """The browser's new offer for a call that is up, after an ICE restart."""

    def hang_up(self) -> None: ...


class RingingBrowser(Protocol):
    """A browser that rings for a call."""

    def settle(self, answer: str) -> None:
        """The browser's SDP; "" if it is gone."""

    def reject(self) -> None:
        """The browser does not want the call."""


class Socket(Protocol):
    """One connected Device, as the gateway, its calls and the handlers of its frames know it."""

    app: web.Application
    connection: web.WebSocketResponse
    opened_at: float
    # Who it is, and the token that said so; None until it told.
    bearer: Bearer | None
    token: object
    is_registered: bool
    is_expired: bool
    # How long the SDK asked that a call should outlive this socket.
    grace_seconds: int
    # The calls of this browser, by the names that it knows them by, and those that ring here.
    ends: dict[str, BrowserEnd]
    ringing: dict[str, RingingBrowser]

    @property
    def rings(self) -> bool:
        """Whether it rings when its identity is called."""

    async def send(self, kind: str, **payload: Any) -> None:
        """Sends one frame; a Device that is gone misses it."""

    async def send_error(self, code: int, message: str, **payload: Any) -> None: ...

    async def refuse(self, code: int, message: str) -> None:
        """Tells the Device why, and ends the connection."""

    def abort(self) -> None:
        """Cuts the TCP connection."""
