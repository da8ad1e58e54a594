"""The phone's page in a few files: what stands in `static/entries/`, bundled with all that it imports.

What is served as `bundles/<name>` is made by esbuild (https://esbuild.github.io/api/) of
`static/entries/<name>`, whenever anything that may have gone into it has changed. So nobody has to build
before they look, and whoever collects the static files collects what belongs to them.
"""

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

PREFIX = "bundles/"
SOURCES = settings.BASE_DIR / "static"
ENTRIES = SOURCES / "entries"
MADE = settings.BASE_DIR / "var" / "bundles"
ESBUILD = settings.BASE_DIR / "node_modules" / ".bin" / "esbuild"
OPTIONS = ("--bundle", "--minify", "--format=esm", "--target=es2022", "--sourcemap", "--log-level=warning")
SECONDS_AT_MOST = 60


class BundleFinder(BaseFinder):
    """Finds the bundles, and makes them first where they are missing or old."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=MADE)
        self.storage.prefix = PREFIX.rstrip("/")  # type: ignore[attr-defined]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:  # type: ignore[override]
        name = path.removeprefix(PREFIX)
        if path == name or not is_bundle(name):
            return []
        make_bundles()
        file = MADE / name
        if not file.is_file():
            return []
        return [str(file)] if find_all else str(file)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        make_bundles()
        for file in sorted(MADE.iterdir()):
            if file.suffix in (".js", ".css", ".map") and not matches_patterns(
                file.name, ignore_patterns or ()
            ):
                yield file.name, self.storage


def is_bundle(name: str) -> bool:
    return "/" not in name and name.endswith((".js", ".css", ".map"))


def make_bundles() -> None:
    """Makes those that are missing, or older than what goes into them.

    Raises ImproperlyConfigured where esbuild is missing, or does not understand what it is given.
    """
    if read_mark() == make_mark():
        return
    MADE.mkdir(parents=True, exist_ok=True)
    with locked(MADE / ".lock"):
        # Whoever had the lock may have made them.
        mark = make_mark()
        if read_mark() != mark:
            run_esbuild()
            (MADE / ".mark").write_text(mark)


def run_esbuild() -> None:
    """Each file is put in its place at once, so that no browser gets half of one."""
    if not ESBUILD.exists():
        raise ImproperlyConfigured(
            f"The page's bundles cannot be made: there is no {ESBUILD}. npm ci installs it."
        )
    entries = sorted(str(path) for path in ENTRIES.iterdir())
    with tempfile.TemporaryDirectory(dir=MADE) as folder:
        run = subprocess.run(
            [str(ESBUILD), *entries, *OPTIONS, f"--outdir={folder}"],
            cwd=SOURCES,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS_AT_MOST,
            check=False,
        )
        if run.returncode != 0:
            raise ImproperlyConfigured(f"The page's bundles cannot be made. esbuild says:\n{run.stderr}")
        for file in Path(folder).iterdir():
            shutil.move(file, MADE / file.name)


def make_mark() -> str:
    """Changes with every change of what may go into a bundle, and with how it is made."""
    mark = hashlib.sha256(repr(OPTIONS).encode())
    for path in sorted(SOURCES.rglob("*")):
        if path.suffix in (".js", ".css"):
            stat = path.stat()
            mark.update(f"{path.relative_to(SOURCES)} {stat.st_mtime_ns} {stat.st_size}\n".encode())
    return mark.hexdigest()


def read_mark() -> str:
    """That of the bundles as they were made; "" where there are none."""
    try:
        return (MADE / ".mark").read_text()
    except FileNotFoundError:
        return ""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
