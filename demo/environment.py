"""The environment of the demo: what neither the shell nor `.env` says is filled in."""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import environ

DEFAULT_PORT = 8000
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")


class DemoRefused(Exception):
    """The demo cannot start; the message says why and what to do."""


@dataclass(frozen=True)
class DemoEnvironment:
    """What the server is started with; `has_fake` tells whether a fake Twilio is to run beside it."""

    values: dict[str, str]
    port: int
    has_fake: bool

    @property
    def public_url(self) -> str:
        return self.values["PUBLIC_URL"].rstrip("/")


def build_demo_environment(given: Mapping[str, str], *, dotenv: Path, var: Path) -> DemoEnvironment:
    """`given` (the shell's environment), completed from `.env` and then with the demo's defaults.

    Secrets that nobody set are made once and kept in `var/demo.env`, so that what was sealed by one
    run opens in the next. Raises DemoRefused for a port that is none and for an address that others
    can reach: everybody knows the demo's passwords.
    """
    values = {**read_env_file(dotenv), **given}
    port = get_port(values)
    defaults = {
        "LOG_LEVEL": "WARNING",
        "PUBLIC_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        # Its admin has a password that everybody knows, and is to be entered with nothing else.
        "REQUIRE_SECOND_FACTOR": "nobody",
        "DATABASE_URL": f"sqlite:///{var / 'demo.sqlite3'}",
    }
    defaults.update(read_env_file(get_secrets_file(var)))
    values = {**defaults, **values}
    if urlsplit(values["PUBLIC_URL"]).hostname not in LOOPBACK_HOSTS:
        raise DemoRefused(
            f"PUBLIC_URL is {values['PUBLIC_URL']}, and the demo's people have passwords that everybody "
            "knows. To serve others, start the product as README.md says under Going live."
        )
    return DemoEnvironment(values, port, has_fake="TWILIO_BASE_URL" not in values)


def get_port(values: Mapping[str, str]) -> int:
    text = values.get("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise DemoRefused(f"PORT is {text!r}; a number from 1 to 65535 is expected.")
    return int(text)


def get_secrets_file(var: Path) -> Path:
    """`var/demo.env`, made with fresh secrets where it is missing; only its owner may read it."""
    path = var / "demo.env"
    if not path.exists():
        key, push_key = (base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii") for _ in range(2))
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"SECRET_KEY={secrets.token_urlsafe(48)}\nCREDENTIAL_KEYS={key}\n")
            file.write(f"VAPID_PRIVATE_KEY={push_key.rstrip('=')}\n")
    return path


def read_env_file(path: Path) -> dict[str, str]:
    """The names and values of an env file, read as the settings read `.env`; {} without one."""
    if not path.exists():
        return {}

    class EnvFile(environ.Env):
        # Of its own, because django-environ otherwise reads into this process's environment.
        ENVIRON: ClassVar[dict[str, str]] = {}

    EnvFile.read_env(path)
    return EnvFile.ENVIRON
