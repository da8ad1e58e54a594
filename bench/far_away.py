"""A server that is some milliseconds away: a port of this machine that hands on what it gets, later.

`python -m bench.far_away 20 8100=8101 8110=8111`: whoever connects to 8100 reaches 8101, and what either says
is heard half a round trip of 20 ms later. To connect takes a round trip, as TCP's handshake does. How much
fits into the first of them (RFC 6928) is not imitated: as much as there is arrives at once.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable

AT_ONCE = 65_536


async def hand_on(source: asyncio.StreamReader, to: asyncio.StreamWriter, delay: float, since: float) -> None:
    """Writes to `to` what `source` says, each piece `delay` seconds after it came, or after `since` where it
    came before that.
    """
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def write() -> None:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(due - time.monotonic())
            if not piece:
                with contextlib.suppress(OSError):
                    to.write_eof()
                return
            to.write(piece)
            await to.drain()

    writing = asyncio.create_task(write())
    piece = b"begun"
    while piece:
        try:
            piece = await source.read(AT_ONCE)
        except OSError:
            piece = b""
        pieces.put_nowait((max(time.monotonic(), since) + delay, piece))
    with contextlib.suppress(OSError):
        await writing


async def serve(round_trip: float, ports: dict[int, int]) -> None:
    """`round_trip` in seconds; `ports`: which one is reached at which."""

    def reach(port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            greeted = time.monotonic() + round_trip
            there, back = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.closing(writer), contextlib.closing(back):
                await asyncio.gather(
                    hand_on(reader, back, round_trip / 2, greeted),
                    hand_on(there, writer, round_trip / 2, greeted),
                )

        return met

    servers = [await asyncio.start_server(reach(port), "127.0.0.1", at) for at, port in ports.items()]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    milliseconds, *pairs = sys.argv[1:]
    asyncio.run(
        serve(
            float(milliseconds) / 1000,
            {int(at): int(port) for at, _, port in (pair.partition("=") for pair in pairs)},
        )
    )
