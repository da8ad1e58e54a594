"""The network between page and server: a TCP proxy that can be cut, or that swallows what it is given."""

import asyncio
import contextlib
from dataclasses import dataclass, field

HOST = "127.0.0.1"
PIECE = 65_536


@dataclass
class Wire:
    """Passes on to `port` what comes in on `own_port`.

    `cut`: what is open ends at once, and nothing new is let in. `swallow`: nothing ends and nothing arrives;
    what was sent meanwhile arrives afterwards, as TCP sends it again.
    """

    port: int
    own_port: int = 0
    is_cut: bool = False
    _flows: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _serving: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    @property
    def is_well(self) -> bool:
        return not self.is_cut and self._flows.is_set()

    async def open(self) -> None:
        self._flows.set()
        self._server = await asyncio.start_server(self._let_in, HOST, 0)
        self.own_port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        self.is_cut = True
        for writer in list(self._writers):
            # Without a word, and without what is still to be sent.
            writer.transport.abort()

    def swallow(self) -> None:
        self._flows.clear()

    def mend(self) -> None:
        self.is_cut = False
        self._flows.set()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.mend()
        self.cut()
        if self._serving:
            await asyncio.wait(self._serving)

    def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._flows.wait()
            if self.is_cut:
                writer.transport.abort()
                return
            with contextlib.suppress(OSError):
                far_reader, far_writer = await asyncio.open_connection(HOST, self.port)
                self._writers.add(far_writer)
                try:
                    await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))
                finally:
                    self._writers.discard(far_writer)
                    far_writer.close()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                piece = await reader.read(PIECE)
            except OSError:
                piece = b""
            await self._flows.wait()
            with contextlib.suppress(OSError):
                if not piece:
                    writer.close()
                    return
                writer.write(piece)
                await writer.drain()
                continue
            return
