"""A browser at the end of a call: its signalling, which may be lost and come back, and its audio."""

import asyncio
import secrets
from typing import Any
from urllib.parse import urlencode

from fake_twilio.gateway import GATEWAY
from fake_twilio.media import BrowserMedia, DescriptionRefused
from fake_twilio.parts import Call, Outcome, Socket
from fake_twilio.sounds import SILENCE, Clip, Sound

# How long a call outlives its signalling if the SDK asked for less.
MIN_GRACE_SECONDS = 5.0
DECLINED, UNAVAILABLE = 603, 480


class DeviceEnd:
    """Common to calls from a browser and calls to one."""

    sip_code = 0
    greeting_seconds: float | None = None

    def __init__(self) -> None:
        self.call: Call | None = None
        self.socket: Socket | None = None
        self.media: BrowserMedia | None = None
        self.name = ""
        self.reconnect_token = secrets.token_urlsafe(24)
        self.grace: asyncio.TimerHandle | None = None

    def join(self, call: Call) -> None:
        self.call = call
        call.switchboard.reconnecting[self.reconnect_token] = self

    @property
    def call_sid(self) -> str:
        return self.call.record.sid if self.call else ""

    def speech(self) -> Sound:
        return self.media.speech() if self.media else Clip(SILENCE, loops=True)

    def hear(self, sound: Sound | None) -> None:
        if self.media is not None:
            self.media.hear(sound)

    def attach(self, socket: Socket, name: str) -> None:
        """From now on `socket` speaks for this end, and calls it `name`."""
        self.socket, self.name = socket, name
        socket.ends[name] = self

    def detach(self) -> None:
        if self.socket is not None:
            for name in [name for name, end in self.socket.ends.items() if end is self]:
                del self.socket.ends[name]
        self.socket = None

    async def send(self, kind: str, **payload: Any) -> None:
        if self.socket is not None:
            await self.socket.send(kind, callsid=self.name, **payload)

    def lose_signalling(self, socket: Socket) -> None:
        """The socket is gone; the audio goes on, and the browser may come back with its token.

        A call outlives its token: then only the loss of the audio ends it.
        """
        grace = max(MIN_GRACE_SECONDS, socket.grace_seconds)
        self.socket = None
        if self.call is not None and not socket.is_expired:
            self.grace = asyncio.get_running_loop().call_later(grace, self.call.hang_up)

    async def take_back(self, socket: Socket) -> None:
        """The browser is back on another socket."""
        if self.grace is not None:
            self.grace.cancel()
        self.detach()
        self.attach(socket, self.call_sid)
        await self.send("answer", reconnect=self.reconnect_token)

    async def renegotiate(self, offer: str) -> None:
        """The browser's new offer for a call that is up, after an ICE restart."""
        if self.media is None:
            return
        try:
            await self.send("answer", sdp=await self.media.answer(offer))
        except DescriptionRefused:
            await self.send("hangup", error={"code": 31400, "message": "Bad Request"})
            self.hang_up()

    def hang_up(self) -> None:
        if self.call is not None:
            self.call.hang_up()

    async def release(self, error: tuple[int, str] | None) -> None:
        if self.grace is not None:
            self.grace.cancel()
        if self.call is not None:
            self.call.switchboard.reconnecting.pop(self.reconnect_token, None)
        payload = {"error": {"code": error[0], "message": error[1]}} if error else {}
        await self.send("hangup", **payload)
        self.detach()
        if self.media is not None:
            await self.media.close()

    async def ring(self) -> Outcome:
        return "failed"

    def receive_digit(self, digit: str) -> None:
        """A browser hears it, and is told of nothing."""

    async def show_ringing(self) -> None:
        """Only a caller is shown that."""

    async def show_answered(self) -> None:
        """Only a caller is shown that."""


class CallingDevice(DeviceEnd):
    """A browser that makes a call: it knows the call by its own name until `ringing` or `answer`."""

    def __init__(self, socket: Socket, name: str, offer: str) -> None:
        super().__init__()
        self.offer = offer
        self.attach(socket, name)

    def tell_name(self) -> None:
        if self.socket is not None:
            self.attach(self.socket, self.call_sid)

    async def show_ringing(self) -> None:
        self.tell_name()
        await self.send("ringing")

    async def show_answered(self) -> None:
        if self.call is None:
            return
        media = BrowserMedia(self.hang_up, self.call.switchboard.app[GATEWAY].line)
        self.media = media
        try:
            description = await media.answer(self.offer)
        except DescriptionRefused:
            self.call.hang_up(error=(31400, "Bad Request"))
            return
        self.tell_name()
        await self.send("answer", sdp=description, reconnect=self.reconnect_token)


class Ringing:
    """One of the browsers that ring for a call."""

    def __init__(self, end: "CalledDevice", socket: Socket, media: BrowserMedia) -> None:
        self.end = end
        self.socket = socket
        self.media = media
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def settle(self, answer: str) -> None:
        """The browser's SDP; "" if it rejected, or is gone."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def reject(self) -> None:
        self.end.is_rejected = True
        self.settle("")


class CalledDevice(DeviceEnd):
    """An identity that is called: every browser registered for it rings, the first to answer has it."""

    def __init__(self, identity: str, params: dict[str, str]) -> None:
        super().__init__()
        self.identity = identity
        self.params = params
        self.ringing: list[Ringing] = []
        self.is_rejected = False

    async def ring(self) -> Outcome:
        if self.call is None:
            return "failed"
        gateway = self.call.switchboard.app[GATEWAY]
        sockets = gateway.registered(self.call.account.sid, self.identity)
        try:
            for socket in sockets:
                await self._ring_one(socket, BrowserMedia(self.hang_up, gateway.line))
            return await self._wait_for_answer()
        finally:
            await self._stop_ringing()

    async def _ring_one(self, socket: Socket, media: BrowserMedia) -> None:
        ringing = Ringing(self, socket, media)
        self.ringing.append(ringing)
        socket.ringing[self.call_sid] = ringing
        await socket.send(
            "invite",
            callsid=self.call_sid,
            sdp=await ringing.media.offer(),
            parameters=self._build_parameters(),
            reconnect=self.reconnect_token,
        )

    def _build_parameters(self) -> dict[str, str]:
        if self.call is None:
            return {}
        record = self.call.record
        parameters = {
            "AccountSid": record.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": record.sid,
            "From": record.from_,
            "To": record.to,
        }
        if record.stir_verstat:
            parameters["StirStatus"] = record.stir_verstat
        return {**parameters, "Params": urlencode(self.params)} if self.params else parameters

    async def _wait_for_answer(self) -> Outcome:
        waiting = {ringing.answer: ringing for ringing in self.ringing}
        while waiting:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for answer in done:
                ringing = waiting.pop(answer)
                if answer.result() and await self._take(ringing, answer.result()):
                    return "answered"
            if self.is_rejected:
                self.sip_code = DECLINED
                return "busy"
        self.sip_code = UNAVAILABLE
        return "no-answer"

    async def _take(self, ringing: Ringing, answer: str) -> bool:
        try:
            await ringing.media.accept(answer)
        except DescriptionRefused:
            await ringing.socket.send(
                "hangup", callsid=self.call_sid, error={"code": 31400, "message": "Bad Request"}
            )
            return False
        self.media = ringing.media
        self.attach(ringing.socket, self.call_sid)
        await self.send("answer", reconnect=self.reconnect_token)
        return True

    async def _stop_ringing(self) -> None:
        """Every browser but the one that answered is told that the call is gone."""
        for ringing in self.ringing:
            ringing.socket.ringing.pop(self.call_sid, None)
            if ringing.media is not self.media:
                if not ringing.answer.done():
                    await ringing.socket.send("cancel", callsid=self.call_sid)
                await ringing.media.close()
        self.ringing = []
