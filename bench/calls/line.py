"""A network with a round trip between two of our processes.

Each piece is half a round trip on its way, in either direction, and pieces do not wait for one another.
Opening a connection costs nothing, in favour of whoever opens many; those who are measured keep theirs.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import ClassVar

HOST = "127.0.0.1"
PIECE = 65536


@dataclass
class Line:
    """Passes on to `port` what comes in on a port of its own."""

    # In seconds, of all lines.
    round_trip: ClassVar[float] = 0.0

    port: int
    servers: list[asyncio.Server] = field(default_factory=list)

    async def open(self) -> str:
        """An address of its own."""
        self.servers.append(await asyncio.start_server(self.serve, HOST, 0))
        return f"{HOST}:{self.servers[-1].sockets[0].getsockname()[1]}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self.port)
        except OSError:
            writer.close()
            return
        # At the end of the run nobody is left to be told.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    delivering = asyncio.create_task(deliver(under_way, writer))
    piece = b"-"
    while piece:
        try:
            piece = await reader.read(PIECE)
        except OSError:
            piece = b""
        under_way.put_nowait((loop.time() + Line.round_trip / 2, piece))
    await delivering


async def deliver(under_way: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due, piece = await under_way.get()
        await asyncio.sleep(due - loop.time())
        if not piece or writer.is_closing():
            writer.close()
            return
        writer.write(piece)
