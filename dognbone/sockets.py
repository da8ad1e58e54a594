"""WebSockets as the server reads them: no frame larger than one may be, and none that never ends.

uvicorn itself takes messages of 16 MB, and waits for the rest of one for as long as its sender answers pings.
"""

import logging
from asyncio import TimerHandle
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from dognbone.fair_shares import share

# `phone/device/frames.py: MAX_FRAME_CHARACTERS`, of four bytes at most each in UTF-8 (RFC 3629). What is
# larger than a frame may be, but no larger than this, is refused in words.
MAX_FRAME_BYTES = 4 * 16_384
# From its first byte on. A phone on the slowest network (GPRS, some 4 kB a second) sends the largest in 16.
FRAME_SECONDS = 20.0
POLICY_VIOLATION = 1008


# uvicorn and websockets each write a line for a socket that opens, with its whole address, and websockets one
# for its end: `dognbone/request_log.py` says both, with the route.
logger = logging.getLogger(__name__)
logger.setLevel(logging.WARNING)


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own, that closes with 1008 when a message is not complete in time."""

    unfinished: TimerHandle | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = self.conn.logger = logger

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.is_within_message:
            self.forget_unfinished()
        elif self.unfinished is None:
            self.unfinished = self.loop.call_later(FRAME_SECONDS, self.give_up)

    @property
    def is_within_message(self) -> bool:
        """Whether a message has begun and not ended: within a frame, or before the last of its frames."""
        if self.close_sent or not self.handshake_initiated:
            return False
        # websockets' parser is a generator over others: between two frames it waits in its reader's `at_eof`.
        waits_in: Any = self.conn.parser
        while (inner := getattr(waits_in, "gi_yieldfrom", None)) is not None:
            waits_in = inner
        return waits_in.__name__ != "at_eof" or self.conn.current_size is not None

    def give_up(self) -> None:
        self.unfinished = None
        if self.close_sent or self.transport.is_closing():
            return
        if self.read_paused:
            # It is we who do not read the rest.
            self.unfinished = self.loop.call_later(FRAME_SECONDS, self.give_up)
            return
        self.conn.fail(POLICY_VIOLATION, "frame not complete in time")
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()

    def forget_unfinished(self) -> None:
        if self.unfinished is not None:
            self.unfinished.cancel()
            self.unfinished = None

    async def send(self, message: Any) -> None:
        await super().send(message)
        is_refused = self.initial_response is not None and self.close_sent
        # Accepted, but gone by then: uvicorn would take what is said next for a handshake out of order.
        is_gone = message["type"] == "websocket.accept" and self.transport.is_closing()
        if is_refused or is_gone:
            # uvicorn would write a line at ERROR for each, of thousands in an outage.
            self.handshake_complete = True

    def connection_lost(self, exc: Exception | None) -> None:
        share.add(-1)
        self.forget_unfinished()
        super().connection_lost(exc)


# What uvicorn is started with, wherever that is.
OPTIONS: dict[str, Any] = {
    "ws": SocketProtocol,
    "ws_max_size": MAX_FRAME_BYTES,
    "ws_per_message_deflate": False,
}
