"""The product as in production and its peers, each on a port of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.companies import API_KEY_SECRET, AUTH_TOKEN
from bench.stage import is_answering
from demo.processes import Child, wait_until
from tests.servers import get_free_port, list_children

HERE = Path(__file__).parent
WORKERS = 2


@dataclass(frozen=True)
class Server:
    """What is loaded, with all its workers; not the database that it may have."""

    port: int
    pid: int

    def measure_processor(self) -> float:
        """Seconds of processor time that it has had (utime and stime of proc(5))."""
        total = 0
        for pid in (self.pid, *list_children(self.pid)):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(name: str, command: list[str], port: int, path: str, **env: str) -> Iterator[Server]:
    """A server, for as long as the block; what it logs is written, as in production, and read by nobody."""
    environment = {**os.environ, **env}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(
            Child(name, process),
            lambda: is_answering(f"http://127.0.0.1:{port}{path}", host=f"localhost:{port}"),
        )
        yield Server(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def product() -> Iterator[Server]:
    port = int(os.environ["PORT"])
    command = [sys.executable, "-m", "dognbone", "--port", str(port)]
    with serving("The server", command, port, "/healthz", WEB_CONCURRENCY=str(WORKERS)) as server:
        yield server


@contextmanager
def stock_django() -> Iterator[Server]:
    port = get_free_port()
    command = build_gunicorn("bench.tokens.stock:application", port)
    env = {"DJANGO_SETTINGS_MODULE": "bench.tokens.stock_settings", "STOCK_PORT": str(port)}
    with serving("The stock Django", command, port, "/bare/", **env) as server:
        yield server


@contextmanager
def flask() -> Iterator[Server]:
    port = get_free_port()
    command = build_gunicorn("bench.tokens.bare_webhook:application", port)
    env = {"AUTH_TOKEN": AUTH_TOKEN, "BARE_URL": f"http://localhost:{port}"}
    with serving("The Flask view", command, port, "/voice", **env) as server:
        yield server


@contextmanager
def quickstart() -> Iterator[Server]:
    port = get_free_port()
    env = {"API_KEY_SECRET": API_KEY_SECRET, **SIDS}
    command = ["node", str(HERE / "quickstart.mjs"), str(port)]
    with serving("Node's quickstart", command, port, "/", **env) as server:
        yield server


SIDS: Mapping[str, str] = {
    "ACCOUNT_SID": "AC" + "1" * 32,
    "API_KEY_SID": "SK" + "1" * 32,
    "TWIML_APP_SID": "AP" + "1" * 32,
}


def build_gunicorn(application: str, port: int) -> list[str]:
    """Workers with threads, so that connections are kept as ours are."""
    options = ("--workers", str(WORKERS), "--worker-class", "gthread", "--threads", "4", "--keep-alive", "60")
    return [sys.executable, "-m", "gunicorn", *options, "--bind", f"127.0.0.1:{port}", application]
