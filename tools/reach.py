"""Whether pip and npm reach what they are configured to use; asked of them, before they install.

Both take minutes to give up by themselves: they wait, and try again. Here each asks for one small thing,
once, and has a few seconds. No index or registry is named in here: what they say they use is what counts.
"""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.network import MOMENT_SECONDS, NO_ANSWER, find_proxy, find_reason, hide_password, is_answering

ROOT = Path(__file__).resolve().parent.parent
# For all that is asked, from the start on; to name what failed there is a moment more.
# `PATIENCE=60 make run` waits longer, where a mirror is slow rather than gone.
PATIENCE_SECONDS = 5.0
BEGUN_AT = time.monotonic()
# So that the client itself says what is wrong, before it is ended from outside.
CLIENT_SHARE = 0.8
# Small, pure Python, and needed anyway.
SMALL_PACKAGE = "asgiref"
UNNAMED_INDEX = "the index that it is configured to use (`pip config list` shows it)"
UNNAMED_REGISTRY = "the registry that it is configured to use (`npm config list --long` shows it)"


@dataclass(frozen=True)
class Unreachable:
    """`what` is the address as its client has it configured, without a password in it."""

    client: str
    what: str
    reason: str
    proxy: str = ""

    def __str__(self) -> str:
        through = f" (through the proxy {self.proxy})" if self.proxy else ""
        return f"{self.client} cannot reach {self.what}{through}: {self.reason}."


def get_patience() -> float:
    """Seconds, from the environment's PATIENCE where that is a number above 0."""
    try:
        given = float(os.environ.get("PATIENCE", ""))
    except ValueError:
        return PATIENCE_SECONDS
    return given if given > 0 else PATIENCE_SECONDS


def find_unreachable_index(pip: Sequence[str]) -> list[Unreachable]:
    """Where the command `pip` looks for packages and does not get to; [] where it found one.

    Also [] for other trouble, such as a refused password: that pip tells at once when it installs.
    """
    patience = get_patience()
    with tempfile.TemporaryDirectory(prefix="dognbone-pip-") as folder:
        status, said = ask(
            *(*pip, "download", "-vv", "--disable-pip-version-check", "--no-input"),
            *("--no-cache-dir", "--no-deps", "--progress-bar", "off"),
            *("--retries", "0", "--timeout", f"{patience * CLIENT_SHARE:.0f}", "--dest", folder),
            get_pin(SMALL_PACKAGE),
        )
    if status == 0:
        return []
    places = find_places(said, status)
    if not places:
        return []
    proxy = find_proxy(next(iter(places)), get_pip_proxy(pip))
    return [
        Unreachable("pip", hide_password(place), reason, proxy)
        for place, reason in places.items()
        if status is not None or not is_answering(place, proxy)
    ]


def find_places(said: str, status: int | None) -> dict[str, str]:
    """What pip, by what it said, did not get to: each with the reason."""
    url = rf"(https?://\S+?)/?{SMALL_PACKAGE}/?"
    if status is None:
        answered = re.findall(rf"Fetched page {url} as ", said)
        sought = re.findall(rf"^\s*\* {url}\s*$", said, re.MULTILINE)
        return {place: NO_ANSWER for place in sought if place not in answered} or {UNNAMED_INDEX: NO_ANSWER}
    failed = re.findall(rf"Could not fetch URL {url}: (.*)", said)
    places = {place: reason for place, why in failed if (reason := find_reason(why))}
    reason = find_reason(said)
    if places or not reason:
        return places
    # Pages and files may come from different hosts.
    hosts = re.findall(r"HTTPS?ConnectionPool\(host='([^']+)'", said)
    return dict.fromkeys(hosts or [UNNAMED_INDEX], reason)


def get_pip_proxy(pip: Sequence[str]) -> str:
    """From pip's own configuration; "" where it has none."""
    found = re.search(r"\.proxy='([^']+)'", ask(*pip, "config", "list")[1])
    return found[1] if found else ""


def find_unreachable_registries() -> list[Unreachable]:
    """Those that npm would get our packages from and does not get to; a scope may have one of its own."""
    unreachable = []
    configured = get_npm_configuration()
    for registry, package in get_registries(configured).items():
        # From its own cache npm would answer without a network, and then install without end.
        with tempfile.TemporaryDirectory(prefix="dognbone-npm-") as folder:
            status, said = ask(
                *("npm", "view", package, "version", "--loglevel=error", "--cache", folder),
                *("--fetch-retries=0", f"--fetch-timeout={get_patience() * CLIENT_SHARE * 1000:.0f}"),
            )
        reason = NO_ANSWER if status is None else find_reason(said)
        proxy = find_proxy(registry, configured.get("https-proxy") or configured.get("proxy", ""))
        if status == 0 or not reason or (status is None and is_answering(registry, proxy)):
            continue
        unreachable.append(Unreachable("npm", hide_password(registry), reason, proxy))
    return unreachable


def get_npm_configuration() -> dict[str, str]:
    """Registries and proxies as npm lists them, what is overridden left out, and passwords starred."""
    listed = ask("npm", "config", "list", "--long")[1]
    return dict(re.findall(r'^((?:@[^:\s]+:)?registry|https-proxy|proxy) = "([^"]+)"$', listed, re.MULTILINE))


def get_registries(configured: Mapping[str, str]) -> dict[str, str]:
    """Each registry that npm is configured to use for our packages, with one of those, as npm writes it."""
    listed = json.loads((ROOT / "package.json").read_text())
    registries: dict[str, str] = {}
    for name, version in {**listed["dependencies"], **listed.get("devDependencies", {})}.items():
        scope = name.partition("/")[0]
        registry = configured.get(f"{scope}:registry") or configured.get("registry", UNNAMED_REGISTRY)
        registries.setdefault(registry, f"{name}@{version}")
    return registries


def ask(*command: str) -> tuple[int | None, str]:
    """The exit status and all that was said; None where it took longer than it may, and was ended."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "LC_ALL": "C", "NO_COLOR": "1"}
    # Nothing is installed by what is asked here.
    environment["PIP_REQUIRE_VIRTUALENV"] = "0"
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            left = BEGUN_AT + get_patience() - time.monotonic()
            said, _ = process.communicate(timeout=max(left, MOMENT_SECONDS))
            return process.returncode, said
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return None, process.communicate()[0]
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def get_pin(name: str) -> str:
    """The requirement as `requirements.txt` has it, without its hashes."""
    found = re.search(rf"^{name}==[^\s;\\]+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    return found[0] if found else name
