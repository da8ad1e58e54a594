"""A page's end of a socket (RFC 6455), lean: a load shares its machine with what it measures.

Frames of a page are masked with zeros, which the RFC allows and which costs nothing.
"""

import asyncio
import os
import struct
import time
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from typing import Any

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


class SocketLost(Exception):
    """The server ended a socket, or refused it; the message says how."""


def build_frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    else:
        # No page sends more than 64 kB.
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    return head + b"\0\0\0\0" + payload


def build_handshake(port: int, path: str, cookie: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        "Accept-Language: en-US,en;q=0.9",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0",
        f"Cookie: sessionid={cookie}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Page(asyncio.Protocol):
    """One socket. `answer` is what stands in a frame that answers one of ours; answers come in order."""

    def __init__(self, handshake: bytes, answer: bytes, answered: Callable[[float], None]) -> None:
        self.handshake = handshake
        self.answer = answer
        self.answered = answered
        self.buffer = b""
        self.sent: deque[float] = deque()
        self.is_open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.is_leaving = False
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.handshake)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_open and not self.read_response():
            return
        self.read_frames()

    def read_response(self) -> bool:
        head, separator, rest = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return False
        status = head.split(b" ", 2)[1]
        if status != b"101":
            self.fail(SocketLost(f"not opened: {status.decode()}"))
            return False
        self.is_open, self.buffer = True, rest
        self.opened.set_result(None)
        return True

    def read_frames(self) -> None:
        data, at = self.buffer, 0
        while len(data) - at >= 2:
            opcode, size, head = data[at] & 0xF, data[at + 1], 2
            if size == 126:
                head = 4
                if len(data) - at < head:
                    break
                size = int.from_bytes(data[at + 2 : at + 4], "big")
            elif size == 127:
                head = 10
                if len(data) - at < head:
                    break
                size = int.from_bytes(data[at + 2 : at + 10], "big")
            if len(data) - at < head + size:
                break
            self.take(opcode, data[at + head : at + head + size])
            at += head + size
        self.buffer = data[at:]

    def take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            if self.answer in payload[:40]:
                self.answered(time.perf_counter() - self.sent.popleft())
                if self.waiting:
                    self.waiting.popleft().set_result(None)
        elif opcode == PING:
            self.transport.write(build_frame(PONG, payload))
        elif opcode == CLOSE:
            code = int.from_bytes(payload[:2], "big")
            self.fail(SocketLost(f"closed with {code}"))

    def connection_lost(self, error: Exception | None) -> None:
        self.fail(SocketLost("lost"))

    def fail(self, error: SocketLost) -> None:
        for future in (self.opened, *self.waiting):
            if not future.done():
                future.set_exception(error)
        self.waiting.clear()
        self.transport.close()

    # What a page does

    def send(self, text: str) -> None:
        """Something that is answered: how long that takes is told to `answered`."""
        self.sent.append(time.perf_counter())
        self.transport.write(build_frame(TEXT, text.encode()))

    def say(self, text: str) -> None:
        """Something that is not answered, such as a heartbeat."""
        self.transport.write(build_frame(TEXT, text.encode()))

    async def ask(self, text: str) -> None:
        """Sends, and waits for the answer. Raises SocketLost."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(answer)
        self.send(text)
        await answer

    def leave(self) -> None:
        if self.is_open and not self.transport.is_closing():
            self.transport.write(build_frame(CLOSE, (1001).to_bytes(2, "big")))
        self.transport.close()
