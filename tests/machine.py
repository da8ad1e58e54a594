"""What a test run needs that neither pip nor npm brings: Chromium, PostgreSQL, Redis, nginx, GNU gettext."""

import glob
import os
import shutil
import subprocess

# The shell is Chromium without windows, which nobody sees here: a test takes two thirds of the time in it.
HEADLESS_SHELL = "chromium-headless-shell"
CHROMIUM_NAMES = (HEADLESS_SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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


def find_gettext() -> str | None:
    """What finds texts that are to be translated."""
    return shutil.which("xgettext")


def find_nginx() -> str | None:
    """With both modules for brotli, which Debian has in packages of their own."""
    folder = "/usr/share/nginx/modules/ngx_http_brotli_{}_module.so"
    if not all(os.path.exists(folder.format(name)) for name in ("filter", "static")):
        return None
    # Debian keeps it off the PATH of everybody but root.
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def find_headless_shell() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which(HEADLESS_SHELL)


def find_whole_chromium() -> str | None:
    """With notices, which its shell has none of."""
    return next((path for name in CHROMIUM_NAMES[1:] if (path := shutil.which(name))), None)


# How each is found, and Debian's packages of it.
PACKAGES = (
    (find_headless_shell, HEADLESS_SHELL),
    (find_whole_chromium, "chromium"),
    (find_postgresql, "postgresql"),
    (find_redis, "redis-server"),
    (find_gettext, "gettext"),
    (find_nginx, "nginx-light libnginx-mod-http-brotli-filter libnginx-mod-http-brotli-static"),
)
PARTS = (("Chromium", find_chromium), ("PostgreSQL", find_postgresql), ("Redis", find_redis))


def install_missing() -> list[str]:
    """Installs what is missing where that is allowed; the names of what is missing after that."""
    if may_install() and not all(find() for find, _ in PACKAGES):
        run_apt("update")
        for find, package in PACKAGES:
            if not find():
                print(f"Installing {package} …", flush=True)
                run_apt("install", "--yes", "--no-install-recommends", *package.split())
    return [name for name, find in PARTS if not find()]


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def run_apt(*arguments: str) -> None:
    """A failure is no error: what is still missing is named, and its tests are skipped."""
    # By its runlevel invoke-rc.d starts nothing: the tests start what they need, on ports of their own.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    subprocess.run(
        ["apt-get", "--quiet", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )
