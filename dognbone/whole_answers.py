"""Answers leave in one piece: what is said of an answer within one turn of the event loop is sent at once.

uvicorn sends an answer's head as soon as it is said, and the body by itself. Of a process that dies in
between, whoever asked has a head that promises what never comes: a proxy has passed it on by then, and can
ask nobody else. To Twilio that is an error, and a caller hears it. One sending is half the work of two.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dognbone.fair_shares import share

# More than this does not wait: what is sent on as it comes has a bound that its sender knows of.
MOST_BYTES = 65_536


class WholeAnswers(HttpToolsProtocol):
    """uvicorn's own, that gathers what it sends."""

    def connection_made(self, transport: Any) -> None:
        share.add(1)
        super().connection_made(Gathered(transport))  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        share.add(-1)
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """A socket's frames are sent as they are."""
        gathered: Any = self.transport
        gathered.flush()
        self.transport = gathered.transport
        super().handle_websocket_upgrade()


class Gathered:
    """`transport`, that sends what it is given within one turn of its loop when that turn is over."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.waiting: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> None:
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self.waiting.append(data)
        self.size += len(data)
        if self.size >= MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        waiting, self.waiting, self.size = self.waiting, [], 0
        if waiting and not self.transport.is_closing():
            self.transport.write(b"".join(waiting))

    def close(self) -> None:
        self.flush()
        self.transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)
