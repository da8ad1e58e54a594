"""What a test run needs that neither pip nor npm brings: Chromium, PostgreSQL and Redis."""

import glob
import os
import shutil
import subprocess

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
POSTGRESQL_FOLDERS = "/usr/lib/postgresql/*/bin"


def find_chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def find_postgresql() -> str | None:
    """The folder that has `initdb` and `postgres`; Debian keeps them off the PATH."""
    for folder in sorted(glob.glob(POSTGRESQL_FOLDERS), reverse=True):
        if os.path.exists(f"{folder}/initdb"):
            return folder
    found = shutil.which("initdb")
    return os.path.dirname(os.path.realpath(found)) if found else None


def find_redis() -> str | None:
    return shutil.which("redis-server")


# The name shown, how it is found, and Debian's package of it.
PARTS = (
    ("Chromium", find_chromium, "chromium"),
    ("PostgreSQL", find_postgresql, "postgresql"),
    ("Redis", find_redis, "redis-server"),
)


def install_missing() -> list[str]:
    """Installs what is missing where that is allowed; the names of what is missing after that."""
    packages = [package for _, find, package in PARTS if not find()]
    if packages and may_install():
        print(f"Installing {', '.join(packages)} …", flush=True)
        run_apt("update")
        run_apt("install", "--yes", "--no-install-recommends", *packages)
    return [name for name, find, _ in PARTS if not find()]


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def run_apt(*arguments: str) -> None:
    """A failure is no error: what is still missing is named, and its tests are skipped."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(
        ["apt-get", "--quiet", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )
