"""Whoever asks has the head of an answer with all that it promises, or nothing."""

import asyncio
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from dognbone.whole_answers import MOST_BYTES, WholeAnswers

PATIENCE = 10.0
ASKED = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Sent(asyncio.Transport):
    """Keeps what it is to send, each piece by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []
        self.is_closed = False

    def write(self, data: Any) -> None:
        assert not self.is_closed
        self.pieces.append(bytes(data))

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def ask(bodies: list[bytes], *, asked: bytes = ASKED) -> Sent:
    """What is sent of an answer with these parts."""
    done = asyncio.Event()

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        size = str(sum(map(len, bodies))).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", size)]})
        for number, body in enumerate(bodies, 1):
            await send({"type": "http.response.body", "body": body, "more_body": number < len(bodies)})
        done.set()

    config = Config(answer, log_config=None, lifespan="off")
    config.load()
    protocol, sent = WholeAnswers(config, ServerState(), {}), Sent()
    protocol.connection_made(sent)
    protocol.data_received(asked)
    async with asyncio.timeout(PATIENCE):
        await done.wait()
        while not sent.pieces:
            await asyncio.sleep(0)
    protocol.connection_lost(None)
    return sent


async def test_head_and_body_are_sent_at_once() -> None:
    [piece] = (await ask([b"<Response />"])).pieces
    assert piece.startswith(b"HTTP/1.1 200 OK\r\n")
    assert piece.endswith(b"\r\n\r\n<Response />")


async def test_an_answer_is_sent_before_its_connection_is_closed() -> None:
    sent = await ask([b"bye"], asked=ASKED.replace(b"Host:", b"Connection: close\r\nHost:"))
    assert sent.is_closed
    assert b"".join(sent.pieces).endswith(b"bye")


async def test_what_is_long_does_not_wait_for_its_end() -> None:
    parts = [bytes([65 + number]) * MOST_BYTES for number in range(3)]
    sent = await ask(parts)
    assert len(sent.pieces) == 3
    assert b"".join(sent.pieces).endswith(b"".join(parts))
