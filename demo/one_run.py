"""One demo at a time in one tree: a second would change the first one's database under it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class RunsAlready(Exception):
    """Another process has the lock; the message says who and where, as far as it has said."""


@contextmanager
def only_run(path: Path, address: str) -> Iterator[None]:
    """Holds the lock at `path`, with `address` in it for whoever finds it held. Raises RunsAlready.

    The lock is the system's and goes with the process, however that ends; the file stays, and says
    nothing by being there.
    """
    # Not inherited, so that a child that is left over does not hold it.
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = f", at {said}" if (said := file.read().strip()) else ""
            raise RunsAlready(f"it runs already in this folder{where}. Ctrl-C there ends it.") from None
        file.truncate()
        file.write(f"{address} (process {os.getpid()})\n")
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()
