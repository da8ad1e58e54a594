"""What `make` says before it installs: on a machine that lacks something, and without a network."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from tools.network import find_reason, hide_password
from tools.reach import get_pin

ROOT = Path(__file__).resolve().parents[3]
LISTS = ("package.json", "package-lock.json", ".npmrc", "requirements.txt")
# Ten, and as much again for a machine that runs other tests too; by themselves both take minutes.
AT_ONCE_SECONDS = 20
PIN = get_pin("asgiref").partition("==")[2]
WHEEL = f"asgiref-{PIN}-py3-none-any.whl"
FIND = (
    "import sys; from tools import reach\n"
    "for one in reach.find_unreachable_index([sys.executable, '-m', 'pip']): print(one)\n"
    "for one in reach.find_unreachable_registries(): print(one)"
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What an installation reads, in a folder where nothing is installed."""
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "tools", tree / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in LISTS:
        shutil.copy(ROOT / name, tree)
    return tree


def run(tree: Path, *arguments: str, **configured: str) -> "subprocess.CompletedProcess[str]":
    """Python in the tree, with pip and npm configured by nothing but `configured`."""
    own = {"PATH": os.environ["PATH"], "HOME": str(tree), "PIP_CONFIG_FILE": os.devnull}
    own |= {"NPM_CONFIG_GLOBALCONFIG": str(tree / "none"), "NO_PROXY": "127.0.0.1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={**own, **configured},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def configure(pip: str, npm: str) -> dict[str, str]:
    return {"PIP_INDEX_URL": f"{pip}/simple", "npm_config_registry": f"{npm}/"}


@pytest.fixture
def closed() -> Iterator[str]:
    """An address where nothing listens, and nothing comes to listen."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes a connection and says nothing, as a proxy that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


class Registry(BaseHTTPRequestHandler):
    """An index of one wheel, and a registry of one package; `status` is what they answer."""

    status = 200

    def do_GET(self) -> None:
        body = self.find() if self.status == 200 else b"{}"
        self.send_response(self.status if body else 404)
        self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def find(self) -> bytes:
        if self.path == "/simple/asgiref/":
            return f'<!doctype html><a href="/{WHEEL}">{WHEEL}</a>'.encode()
        if self.path == f"/{WHEEL}":
            return build_wheel()
        packages = json.loads((ROOT / "package.json").read_text())["dependencies"]
        for name, version in packages.items():
            if self.path.lower() == f"/{name.replace('/', '%2f')}":
                versions = {
                    version: {"name": name, "version": version, "dist": {"tarball": "http://127.0.0.1/"}}
                }
                return json.dumps(
                    {"name": name, "dist-tags": {"latest": version}, "versions": versions}
                ).encode()
        return b""

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


def build_wheel() -> bytes:
    folder = f"asgiref-{PIN}.dist-info"
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        wheel.writestr(f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: asgiref\nVersion: {PIN}\n")
        wheel.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{folder}/RECORD", "")
    return content.getvalue()


@pytest.fixture(params=[200, 401, 404, 503])
def registry(request: pytest.FixtureRequest) -> Iterator[str]:
    answering = type("Answering", (Registry,), {"status": request.param})
    with ThreadingHTTPServer(("127.0.0.1", 0), answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("address", "reason"), [("closed", "the connection is refused"), ("silent", "it does not answer")]
)
def test_what_cannot_be_reached_is_said_by_name_at_once_and_nothing_is_installed(
    tree: Path, address: str, reason: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(address)
    # A refusal is known at once, but for a busy machine, on which npm alone takes seconds to start.
    patience = {"PATIENCE": "30"} if address == "closed" else {}
    begun = time.monotonic()
    result = run(tree, "-m", "tools.install", "demo", **configure(url, url), **patience)
    assert time.monotonic() - begun < AT_ONCE_SECONDS
    assert result.returncode == 1
    assert f"pip cannot reach {url}/simple: {reason}." in result.stderr
    assert f"npm cannot reach {url}/: {reason}." in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tree / ".venv").exists()
    assert not (tree / "node_modules").exists()


def test_only_what_cannot_be_reached_is_named(tree: Path, closed: str, silent: str) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        good = f"http://127.0.0.1:{server.server_port}"
        without_npm = run(tree, "-c", FIND, **configure(good, closed), PATIENCE="30").stdout
        without_pip = run(tree, "-c", FIND, **configure(closed, good), PATIENCE="30").stdout
        server.shutdown()
        thread.join()
    assert without_npm == f"npm cannot reach {closed}/: the connection is refused.\n"
    assert without_pip == f"pip cannot reach {closed}/simple: the connection is refused.\n"


def test_whoever_answers_has_been_reached_whatever_the_answer(tree: Path, registry: str) -> None:
    """A refusal pip and npm tell at once, and in their own words, when they install."""
    result = run(tree, "-c", FIND, **configure(registry, registry))
    assert (result.returncode, result.stdout) == (0, ""), result.stderr


SLOW = """#!/bin/sh
case "$*" in
    "config list"*) echo 'registry = "{url}/"' ;;
    download*) echo " * {url}/simple/asgiref/"; exec sleep 60 ;;
    *) exec sleep 60 ;;
esac
"""


def find_with_slow_clients(tree: Path, url: str) -> str:
    """What is found where neither pip nor npm comes to its question in time."""
    for name in ("pip", "npm"):
        (tree / name).write_text(SLOW.format(url=url))
        (tree / name).chmod(0o755)
    path = f"{tree}:{os.environ['PATH']}"
    return run(
        tree, "-c", FIND.replace("sys.executable, '-m', 'pip'", "'pip'"), PATH=path, PATIENCE="1"
    ).stdout


def test_a_client_that_is_only_slow_is_left_to_go_on(tree: Path, registry: str) -> None:
    assert find_with_slow_clients(tree, registry) == ""


def test_a_client_that_waits_for_somebody_silent_is_not_slow(tree: Path, silent: str) -> None:
    assert find_with_slow_clients(tree, silent) == (
        f"pip cannot reach {silent}/simple: it does not answer.\n"
        f"npm cannot reach {silent}/: it does not answer.\n"
    )


def test_a_scope_with_a_registry_of_its_own_is_asked_there(tree: Path, closed: str) -> None:
    with (tree / ".npmrc").open("a") as file:
        file.write(f"\n@twilio:registry={closed}/scoped/\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        good = f"http://127.0.0.1:{server.server_port}"
        said = run(tree, "-c", FIND, **configure(good, good)).stdout
        server.shutdown()
        thread.join()
    assert said == f"npm cannot reach {closed}/scoped/: the connection is refused.\n"


def test_a_proxy_on_the_way_is_named_too_and_no_password(tree: Path, closed: str) -> None:
    proxy = closed.replace("://", "://me:swordfish@")
    index = "http://me:swordfish@index.example"
    result = run(
        tree,
        *("-m", "tools.install", "demo"),
        **configure(index, index),
        PIP_TRUSTED_HOST="index.example",
        HTTP_PROXY=proxy,
        HTTPS_PROXY=proxy,
    )
    for name in ("pip", "npm"):
        assert re.search(
            rf"{name} cannot reach http://index\.example/\S* \(through the proxy {closed}\)", result.stderr
        )
    assert "swordfish" not in result.stdout + result.stderr


def test_what_is_installed_is_not_asked_for_again(tree: Path, closed: str, silent: str) -> None:
    (tree / "node_modules").mkdir()
    (tree / "node_modules" / ".installed").touch()
    result = run(tree, "-m", "tools.install", "demo", **configure(closed, silent))
    assert "pip cannot reach" in result.stderr
    assert "npm cannot reach" not in result.stderr


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "npm error network request to https://r.example failed, reason: getaddrinfo EAI_AGAIN r.example",
            "name",
        ),
        ("[Errno -2] Name or service not known", "name"),
        ("[Errno 8] nodename nor servname provided, or not known", "name"),
        ("NewConnectionError: [Errno 101] Network is unreachable", "no network"),
        ("npm error code EHOSTUNREACH", "no network"),
        ("('Connection aborted.', RemoteDisconnected('Remote end closed connection'))", "cut"),
        ("npm error code ECONNRESET", "cut"),
        (
            "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
            "certificate",
        ),
        ("npm error code SELF_SIGNED_CERT_IN_CHAIN", "certificate"),
        (
            "ReadTimeoutError(\"HTTPSConnectionPool(host='i.example', port=443): Read timed out.",
            "does not answer",
        ),
        ("npm error code ERR_SOCKET_TIMEOUT", "does not answer"),
        ("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 502", "proxy"),
    ],
)
def test_why_is_said_in_words(said: str, reason: str) -> None:
    assert reason in find_reason(said)


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: No matching distribution found for asgiref",
        "npm error code E401",
        "npm error 404 Not Found",
        "ERROR: 403 Client Error: Forbidden",
        "no such option: --retries",
    ],
)
def test_what_is_not_the_networks_fault_is_not_called_so(said: str) -> None:
    assert find_reason(said) == ""


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:secret@index.example/simple", "https://index.example/simple"),
        ("https://token@index.example/simple", "https://index.example/simple"),
        ("https://index.example/@scope/", "https://index.example/@scope/"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert hide_password(address) == shown
