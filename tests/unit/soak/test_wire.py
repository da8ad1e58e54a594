"""A wire passes everything on, ends it when it is cut, and holds it back while it swallows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from soak.wire import HOST, Wire

PATIENCE = 5.0


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)  # type: ignore[attr-defined]


@asynccontextmanager
async def open_wire() -> AsyncIterator[Wire]:
    server = await asyncio.get_running_loop().create_server(Echo, HOST, 0)
    wire = Wire(server.sockets[0].getsockname()[1])
    await wire.open()
    yield wire
    await wire.close()
    server.close()


@asynccontextmanager
async def dial(wire: Wire) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(HOST, wire.own_port)
    yield reader, writer
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: bytes) -> bytes:
    writer.write(words)
    return await asyncio.wait_for(reader.read(100), PATIENCE)


async def is_ended(reader: asyncio.StreamReader) -> bool:
    """Whether the connection is closed or reset, and nothing came."""
    try:
        return await asyncio.wait_for(reader.read(100), PATIENCE) == b""
    except ConnectionError:
        return True


async def test_what_comes_in_is_passed_on_both_ways() -> None:
    async with open_wire() as wire, dial(wire) as end:
        assert await ask(*end, b"one") == b"one"
        assert await ask(*end, b"two") == b"two"


async def test_a_cut_ends_what_is_open_and_lets_nothing_in_until_it_is_mended() -> None:
    async with open_wire() as wire, dial(wire) as end:
        assert await ask(*end, b"one") == b"one"
        wire.cut()
        assert await is_ended(end[0])
        async with dial(wire) as another:
            another[1].write(b"two")
            assert await is_ended(another[0])
        wire.mend()
        async with dial(wire) as third:
            assert await ask(*third, b"three") == b"three"


async def test_what_is_swallowed_arrives_once_it_is_mended() -> None:
    async with open_wire() as wire, dial(wire) as end:
        assert await ask(*end, b"one") == b"one"
        wire.swallow()
        end[1].write(b"two")
        heard = asyncio.create_task(end[0].read(100))
        async with dial(wire) as another:
            answered = asyncio.create_task(ask(*another, b"three"))
            done, _ = await asyncio.wait({heard, answered}, timeout=0.1)
            assert not done
            wire.mend()
            assert await asyncio.wait_for(heard, PATIENCE) == b"two"
            assert await answered == b"three"
