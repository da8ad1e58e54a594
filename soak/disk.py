"""The disk of the stage's PostgreSQL, which can be full.

A file system of its own in memory where this machine lets one be mounted, which is filled to its last byte.
Elsewhere a limit on the size of the server's files, which PostgreSQL itself treats as a disk that is full
(it ignores SIGXFSZ "so that ulimit violations work like disk full").
"""

import errno
import os
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SIZE_MEGABYTES = 320
PIECE = 1024 * 1024
# Below the size of a segment of the write-ahead log, which is 16 MB: it cannot be gone on with.
LIMIT_BYTES = 4 * 1024 * 1024


@dataclass
class SmallDisk:
    """`folder` is where PostgreSQL's files belong. `list_processes`: whose files are limited elsewhere."""

    folder: Path
    is_mounted: bool
    list_processes: Callable[[], list[int]] = lambda: []

    @property
    def words(self) -> str:
        if self.is_mounted:
            return f"a file system of {SIZE_MEGABYTES} MB in memory, filled"
        return "a limit on the size of PostgreSQL's files, because no file system may be mounted here"

    def fill(self) -> None:
        if not self.is_mounted:
            self._limit(LIMIT_BYTES)
            return
        with self._filler.open("ab") as file:
            while True:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), PIECE)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    break
            with suppress(OSError):
                while True:
                    os.write(file.fileno(), b"\0" * 4096)

    def free(self) -> None:
        if self.is_mounted:
            self._filler.unlink(missing_ok=True)
        else:
            self._limit(resource.RLIM_INFINITY)

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def _limit(self, size: int) -> None:
        for pid in self.list_processes():
            with suppress(ProcessLookupError):
                hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    with tempfile.TemporaryDirectory(prefix="dognbone-disk-") as folder:
        # Whoever runs PostgreSQL has to come by here.
        os.chmod(folder, 0o755)
        is_mounted = mount(folder)
        try:
            yield SmallDisk(Path(folder), is_mounted)
        finally:
            if is_mounted:
                subprocess.run(["umount", "--lazy", folder], check=False)


def mount(folder: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MEGABYTES}m,mode=755", "dognbone-soak", folder]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
