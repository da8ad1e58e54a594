"""What the server makes of frames that are too large or never end, told over a raw connection."""

import asyncio
import base64
import logging
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
import uvicorn

from dognbone import __main__, sockets
from phone.device.doorway import refuse
from phone.device.frames import MAX_FRAME_CHARACTERS

PATIENCE = 30.0
TEXT, CONTINUATION, CLOSE, PING = 1, 0, 8, 9
# The one that runs, for what it does not tell the application.
SERVERS: list[uvicorn.Server] = []


async def echo(scope: Any, receive: Any, send: Any) -> None:
    while True:
        match await receive():
            case {"type": "websocket.connect"} if scope["path"] == "/away/":
                await refuse(scope, send)
                return
            case {"type": "websocket.connect"} if scope["path"] == "/slow/":
                # Let in between the end of its connection and the news of that.
                while not any(one.transport.is_closing() for one in SERVERS[-1].server_state.connections):
                    await asyncio.sleep(0)
                await send({"type": "websocket.accept"})
                with suppress(OSError):
                    await send({"type": "websocket.send", "text": "welcome"})
                await send({"type": "websocket.close"})
                return
            case {"type": "websocket.connect"}:
                await send({"type": "websocket.accept"})
            case {"type": "websocket.receive", "text": text}:
                await send({"type": "websocket.send", "text": str(len(text))})
            case {"type": "websocket.disconnect"}:
                return


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        config = uvicorn.Config(echo, lifespan="off", log_config=None, **sockets.OPTIONS)
        server = uvicorn.Server(config)
        SERVERS.append(server)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(PATIENCE)


def build_handshake(path: str = "/") -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


@contextmanager
def dial(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(build_handshake())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += connection.recv(1)
        assert answer.startswith(b"HTTP/1.1 101")
        yield connection


def build_frame(payload: bytes, opcode: int = TEXT, *, is_last: bool = True, length: int = -1) -> bytes:
    """RFC 6455 §5.2, with a mask of zeros; `length`: what the frame says its length is."""
    length = len(payload) if length < 0 else length
    head = bytes([opcode | 0x80 * is_last])
    if length < 126:
        return head + bytes([0x80 | length]) + bytes(4) + payload
    if length < 2**16:
        return head + bytes([0x80 | 126]) + struct.pack("!H", length) + bytes(4) + payload
    return head + bytes([0x80 | 127]) + struct.pack("!Q", length) + bytes(4) + payload


def read_exactly(connection: socket.socket, count: int) -> bytes:
    read = b""
    while len(read) < count:
        more = connection.recv(count - len(read))
        if not more:
            raise EOFError
        read += more
    return read


def hear(connection: socket.socket) -> tuple[int, bytes]:
    """The next frame of the server, which masks none and sends none that is long."""
    opcode, length = read_exactly(connection, 2)
    return opcode & 0x0F, read_exactly(connection, length)


def hear_close(connection: socket.socket) -> int:
    opcode, payload = hear(connection)
    assert opcode == CLOSE
    return int(struct.unpack("!H", payload[:2])[0])


def test_the_largest_frame_that_is_one_is_taken(port: int) -> None:
    text = "🐕" * MAX_FRAME_CHARACTERS
    assert len(text.encode()) == sockets.MAX_FRAME_BYTES
    with dial(port) as connection:
        connection.sendall(build_frame(text.encode()))
        assert hear(connection) == (TEXT, str(MAX_FRAME_CHARACTERS).encode())


def test_the_server_itself_writes_no_line_for_a_socket(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """`dognbone/request_log.py` writes one, without the address."""
    with caplog.at_level(logging.INFO), dial(port) as connection:
        connection.sendall(build_frame(b"woof"))
        assert hear(connection) == (TEXT, b"4")
        connection.sendall(build_frame(struct.pack("!H", 1000), CLOSE))
        assert hear_close(connection) == 1000
    assert caplog.records == []


@pytest.mark.parametrize(
    "frames",
    [
        [build_frame(b"", length=sockets.MAX_FRAME_BYTES + 1)],
        [build_frame(b"", length=2**40)],
        [
            build_frame(b"x" * sockets.MAX_FRAME_BYTES, is_last=False),
            build_frame(b"x", CONTINUATION, is_last=False),
        ],
    ],
)
def test_a_larger_one_is_not_waited_for(port: int, frames: list[bytes]) -> None:
    with dial(port) as connection:
        for frame in frames:
            connection.sendall(frame)
        assert hear_close(connection) == 1009


UNFINISHED = {
    "half a head": [b"\x81"],
    "a head alone": [build_frame(b"", length=1000)],
    "half of its length": [build_frame(b"", length=1000)[:3]],
    "half a frame": [build_frame(b"x" * 500, length=1000)],
    "the first of several": [build_frame(b"x", is_last=False)],
    "empty ones without an end": [
        build_frame(b"", is_last=False),
        build_frame(b"", CONTINUATION, is_last=False),
    ],
    "a whole one, then half of one": [build_frame(b"whole"), build_frame(b"", length=9)],
    "half a ping": [build_frame(b"", PING, length=4)],
}


@pytest.mark.parametrize("frames", UNFINISHED.values(), ids=UNFINISHED)
def test_one_that_never_ends_is_not_kept(
    port: int, frames: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "FRAME_SECONDS", 0.2)
    with dial(port) as connection:
        connection.sendall(b"".join(frames))
        opcode, payload = hear(connection)
        if opcode == TEXT:
            opcode, payload = hear(connection)
        assert (opcode, payload[:2]) == (CLOSE, struct.pack("!H", 1008))
        with pytest.raises((EOFError, ConnectionError)):
            read_exactly(connection, 1)


def test_neither_drops_nor_pings_keep_it_alive(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "FRAME_SECONDS", 0.3)
    with dial(port) as connection:
        connection.sendall(build_frame(b"x", is_last=False))
        stop = threading.Event()

        def drip() -> None:
            try:
                while not stop.wait(0.05):
                    connection.sendall(build_frame(b"", CONTINUATION, is_last=False))
                    connection.sendall(build_frame(b"", PING))
            except OSError:
                pass

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            while (frame := hear(connection))[0] != CLOSE:
                pass
            assert frame[1][:2] == struct.pack("!H", 1008)
        finally:
            stop.set()
            dripping.join(PATIENCE)


def test_a_page_that_is_only_quiet_stays(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole frames, and one that comes in two parts, end the wait."""
    monkeypatch.setattr(sockets, "FRAME_SECONDS", 0.2)
    with dial(port) as connection:
        connection.sendall(build_frame(b"one") + build_frame(b"", PING))
        assert sorted([hear(connection), hear(connection)]) == [(TEXT, b"3"), (10, b"")]
        connection.sendall(build_frame(b"t", is_last=False) + build_frame(b"wo!", CONTINUATION))
        assert hear(connection) == (TEXT, b"4")
        quiet = threading.Event()
        assert not quiet.wait(0.6)
        connection.sendall(build_frame(b"three"))
        assert hear(connection) == (TEXT, b"5")


def test_a_page_that_is_refused_in_words_is_no_fault_in_the_log(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(build_handshake("/away/"))
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 503") and answer.endswith(b"Unavailable")
    # The next is taken after whatever the server had to say of the first.
    with dial(port) as connection:
        connection.sendall(build_frame(b"one"))
        assert hear(connection) == (TEXT, b"3")
    assert not [record.message for record in caplog.records if record.levelname == "ERROR"]


def test_a_page_that_goes_before_it_is_let_in_is_no_fault_in_the_log(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(build_handshake("/slow/"))
    with dial(port) as connection:
        connection.sendall(build_frame(b"one"))
        assert hear(connection) == (TEXT, b"3")
    assert not [record.message for record in caplog.records if record.levelname == "ERROR"]


def test_the_server_is_started_so(monkeypatch: pytest.MonkeyPatch) -> None:
    started: dict[str, Any] = {}
    monkeypatch.setattr("uvicorn.run", lambda application, **options: started.update(options))
    monkeypatch.setattr("sys.argv", ["dognbone"])
    __main__.main()
    assert started["ws"] is sockets.SocketProtocol
    assert started["ws_max_size"] == sockets.MAX_FRAME_BYTES == 4 * MAX_FRAME_CHARACTERS
