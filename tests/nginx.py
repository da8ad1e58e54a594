"""nginx in front of the product, as `deploy/nginx/` has it but for its ports and its folders."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.machine import find_nginx
from tests.servers import wait_until_listening

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy" / "nginx"


@contextmanager
def run_nginx(folder: Path, move: Callable[[str], str], port: int) -> Iterator[None]:
    """Until the end of the block; `folder` is this nginx's own.

    `move` takes a file of the configuration and gives back what it is here; `port` is one where it listens.
    """
    for name in ("nginx.conf", "dognbone.conf", "upstream.conf"):
        (folder / name).write_text(move((DEPLOY / name).read_text()))
    command = [find_nginx() or "nginx", "-c", str(folder / "nginx.conf"), "-p", "/usr/share/nginx"]
    process = subprocess.Popen([*command, "-e", "stderr"], stderr=sys.stderr)
    try:
        wait_until_listening(process, port)
        yield
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def run_front(folder: Path, files: Path, *, port: int, plain_port: int, product_port: int) -> Iterator[None]:
    """With TLS at `port`; `folder` holds what `deploy/first_start.py` made, `files` the static files."""
    moved = {
        "/etc/nginx/dognbone.conf": str(folder / "dognbone.conf"),
        "/etc/nginx/upstream.conf": str(folder / "upstream.conf"),
        "/etc/dognbone/certificate": str(folder / "certificate"),
        "/srv/dognbone/staticfiles": str(files),
        "/tmp/nginx": str(folder / "nginx"),
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "server web:8000;": f"server 127.0.0.1:{product_port};",
    }
    left = set(moved)

    def move(text: str) -> str:
        for there, here in moved.items():
            if there in text:
                left.discard(there)
            text = text.replace(there, here)
        return text

    with run_nginx(folder, move, plain_port):
        assert not left, f"not in the configuration: {left}"
        yield


def make_first_start(folder: Path, url: str) -> str:
    """What it printed."""
    answer = subprocess.run(
        [sys.executable, "deploy/first_start.py", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PUBLIC_URL": url},
        check=True,
        capture_output=True,
        text=True,
    )
    return answer.stdout + answer.stderr
