"""The product as in production, and its peer: two workers each, on a PostgreSQL and a Redis of their own."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.sockets.load import ANYTHING, RECORDED, Load, run_load
from bench.stage import set_environment, wait_for_server
from demo.processes import Child, Children
from tests.servers import get_free_port, list_children, run_postgresql, run_redis

WORKERS = 2


@dataclass(frozen=True)
class Served:
    """A server with its workers."""

    port: int
    process: Child
    path: str
    answer: bytes

    def list_workers(self) -> list[int]:
        """Their process ids: uvicorn's children that serve, and not what multiprocessing has beside them."""
        return [pid for pid in list_children(self.process.process.pid) if is_worker(pid)]

    def measure_memory(self) -> int:
        """Bytes that all workers have in memory (VmRSS, proc(5))."""
        return sum(read_memory(pid) for pid in self.list_workers())

    def stop(self) -> None:
        self.process.process.terminate()
        self.process.process.wait()

    @contextmanager
    def loaded(self) -> Iterator[Load]:
        with run_load(self.port, self.path, self.answer) as load:
            yield load


def is_worker(pid: int) -> bool:
    return "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()


def read_memory(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


@contextmanager
def set_stage() -> Iterator[Children]:
    """Tables, and Django set up in this process; `serve()` and `serve_peer()` start the servers."""
    children = Children()
    with (
        tempfile.TemporaryDirectory(prefix="dognbone-bench-") as folder,
        run_postgresql() as database_url,
        run_redis() as redis_url,
    ):
        # Nobody listens there: nothing here asks Twilio.
        nowhere = f"127.0.0.1:{get_free_port()}"
        port = get_free_port()
        given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "WEB_CONCURRENCY": str(WORKERS)}
        # What a worker writes to its log in production, it writes here.
        given["LOG_LEVEL"] = os.environ.get("LOG_LEVEL", "INFO")
        set_environment(Path(folder), port, twilio=nowhere, gateway=nowhere, **given)
        os.environ["DJANGO_SETTINGS_MODULE"] = "bench.sockets.settings"
        make_tables()
        try:
            yield children
        finally:
            children.stop()


def make_tables() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


def serve(children: Children) -> Served:
    port = int(os.environ["PORT"])
    server = children.start("The server", "-m", "dognbone", "--port", str(port), env={})
    wait_for_server(server, port)
    return Served(port, server, "/ws/device/", RECORDED)


def serve_peer(children: Children) -> Served:
    port = get_free_port()
    arguments = ("-m", "bench.sockets.echo", str(port), str(WORKERS))
    server = children.start("The bare socket", *arguments, env={})
    wait_for_server(server, port)
    return Served(port, server, "/", ANYTHING)
