"""The processes: nginx, the product's workers, the workers of tasks, and all their neighbours.

As docs/operations.md has them: `python -m dognbone` with two processes behind `deploy/nginx/`, two
`manage.py db_worker` that are started again when they end, PostgreSQL that has a commit on disk before it
says so, Redis. Twilio is the fake, the mail server one that may say nothing.
"""

import asyncio
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from soak import clock
from soak.disk import SmallDisk, small_disk
from soak.front import run_front
from soak.people import name_page_owner, name_reader
from soak.wire import Wire
from tests.fake_control import run_fake_twilio
from tests.servers import Server, get_free_port, list_children, postgresql_server, redis_server
from tests.service.service import ROOT, MailServer, Service, build_environment, make_migrated

TASK_WORKERS = 2
# On a machine that does much else, too.
READY_SECONDS = 120.0
START_SECONDS = 150.0
PROBES = 8
# As production has it, but for fsync: nobody takes the machine's power away.
DURABLE = {
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "log_min_messages": "warning",
}


class NotReady(Exception):
    """The service did not come back by itself."""


@dataclass
class Stage:
    """`wires`: the networks that pages come by; the load that is not about them goes to the front itself."""

    service: Service
    front_port: int
    disk: SmallDisk
    folder: Path
    page_owners: list[str]
    readers: list[str]
    wires: list[Wire] = field(default_factory=list)
    task_workers: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)
    is_over: bool = False
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def url(self) -> str:
        return self.service.environment["PUBLIC_URL"]

    @property
    def clocks(self) -> str:
        return self.service.environment[clock.FOLDER_VARIABLE]

    # Asking

    async def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of the service's database, past the service; waits while it is away."""
        return await asyncio.to_thread(self._query, statement, *parameters)

    def _query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                return self.service.query(statement, *parameters)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    async def twilio(self, method: str, path: str, **body: Any) -> Any:
        return await asyncio.to_thread(self.service.twilio.control, method, path, **body)

    # Waiting

    async def until(self, is_so: Callable[[], Any], what: str, seconds: float = READY_SECONDS) -> Any:
        """What `is_so`, which may take its time, returns once it is true. Raises NotReady."""
        deadline = time.monotonic() + seconds
        while not (found := await asyncio.to_thread(is_so)):
            if time.monotonic() > deadline:
                raise NotReady(f"not within {seconds:.0f} s: {what}")
            await asyncio.sleep(0.1)
        return found

    async def wait_ready(self) -> None:
        """Until every process says that it is able to serve, as often as it is asked."""
        await self.until(lambda: all(self.service.ready(5).status == 200 for _ in range(6)), "/readyz is 200")

    async def wait_serving(self, but: set[int]) -> None:
        """Until there are as many workers as there are to be, all of them others than `but` and at work."""
        await self.until(lambda: self._are_serving(but), "all workers serving", START_SECONDS)

    def _are_serving(self, but: set[int]) -> bool:
        """Who is at work takes some of the connections that are opened for it to be seen."""
        workers = [pid for pid in self.service.list_workers() if pid not in but]
        if len(workers) < self.service.workers:
            return False
        with ExitStack() as opened:
            for _ in range(PROBES):
                with suppress(OSError):
                    opened.enter_context(socket.create_connection(("127.0.0.1", self.service.port), 1))
            time.sleep(0.2)
            return all(serves(pid, self.service.port) for pid in workers)

    # Tasks

    def start_task_worker(self, **environment: str) -> None:
        name = f"soak-{next(self._numbers)}"
        command = [sys.executable, "manage.py", "db_worker", "--interval", "0.2", "--no-startup-delay"]
        with self.service.log.open("ab") as log:
            self.task_workers[name] = subprocess.Popen(
                [*command, "--worker-id", name],
                cwd=ROOT,
                env={**self.service.environment, **environment},
                stdout=log,
                stderr=log,
            )

    async def keep_task_workers(self) -> None:
        """As systemd does: starts another for each that has ended."""
        while not self.is_over:
            for name, process in list(self.task_workers.items()):
                if process.poll() is not None:
                    del self.task_workers[name]
                    self.start_task_worker()
            await asyncio.sleep(0.5)

    def stop_task_workers(self) -> None:
        self.is_over = True
        for process in self.task_workers.values():
            process.terminate()
        for process in self.task_workers.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.task_workers.clear()


def serves(pid: int, port: int) -> bool:
    """Whether a process has accepted a connection to `port`, by Linux's /proc (proc(5))."""
    return bool(list_accepted(port) & list_sockets(pid))


def list_accepted(port: int) -> set[str]:
    established = "01"
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(f":{port:04X}") and fields[3] == established:
            found.add(fields[9])
    return found


def list_sockets(pid: int) -> set[str]:
    sockets = set()
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                target = os.readlink(descriptor)
                if target.startswith("socket:["):
                    sockets.add(target[len("socket:[") : -1])
    return sockets


@contextmanager
def set_stage(*, pages: int, readers: int) -> Iterator[Stage]:
    """With so many people who have pages, and so many who are written to."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dognbone-soak-")))
        folder.chmod(0o755)
        (folder / "clocks").mkdir()
        disk = stack.enter_context(small_disk())
        postgresql = stack.enter_context(
            postgresql_server(like=make_migrated(), within=disk.folder, **DURABLE)
        )
        disk.list_processes = lambda: list_processes(postgresql)
        redis = stack.enter_context(redis_server())
        twilio = stack.enter_context(run_fake_twilio())
        mail = MailServer()
        stack.callback(mail.close)
        mail.speak()
        front_port, port = get_free_port(), get_free_port()
        values = build_environment(postgresql, redis, twilio, mail)
        values |= {
            "DJANGO_SETTINGS_MODULE": "soak.settings",
            "PUBLIC_URL": f"http://localhost:{front_port}",
            "WEB_CONCURRENCY": "2",
            clock.FOLDER_VARIABLE: str(folder / "clocks"),
        }
        service = Service(
            port, values, postgresql, redis, twilio, mail, begins=("-m", "dognbone"), log=folder / "log"
        )
        service.log.touch()
        made = service.run("-m", "soak.people", str(pages), str(readers)).splitlines()[-1]
        service.webhook_keys = json.loads(made)
        service.start()
        stack.callback(service.stop)
        stack.enter_context(run_front(folder / "front", front_port, port))
        owners = [name_page_owner(number) for number in range(pages)]
        stage = Stage(service, front_port, disk, folder, owners, [name_reader(one) for one in range(readers)])
        stack.callback(stage.stop_task_workers)
        for _ in range(TASK_WORKERS):
            stage.start_task_worker()
        yield stage


def list_processes(server: Server) -> list[int]:
    return [server.process.pid, *list_children(server.process.pid)] if server.process else []


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
