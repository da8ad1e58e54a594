"""nginx in front of the service, as `deploy/nginx/` has it but for its certificate and the built files."""

import re
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from tests.nginx import run_nginx


def run_front(folder: Path, port: int, product_port: int) -> AbstractContextManager[None]:
    """Takes what comes to `port`; `folder` is this nginx's own."""
    folder.mkdir()
    folder.chmod(0o755)
    return run_nginx(folder, partial(move, folder=folder, port=port, product_port=product_port), port)


def move(text: str, *, folder: Path, port: int, product_port: int) -> str:
    """A file of the configuration for a front without TLS, whose files come from the product."""
    # The server that leads to https, and what its successor needs for that.
    text = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^    ssl_.*\n", "", text, flags=re.MULTILINE)
    for there, here in {
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        "X-Forwarded-Proto https": "X-Forwarded-Proto http",
        "location /static/ {": "location /nobody-asks-for-this/ {",
        "/etc/nginx/dognbone.conf": str(folder / "dognbone.conf"),
        "/etc/nginx/upstream.conf": str(folder / "upstream.conf"),
        "/tmp/nginx": str(folder / "nginx"),
        "server web:8000;": f"server 127.0.0.1:{product_port};",
    }.items():
        text = text.replace(there, here)
    return text
