"""Where several processes add up what they count.

prometheus_client decides when it is first imported, by PROMETHEUS_MULTIPROC_DIR, whether it counts in files
or in memory; and what an earlier start left in the folder would be counted again. So the folder is named and
emptied before Django is set up, by the process that starts all others, and by no other.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared_counts(is_wanted: bool) -> Iterator[None]:
    """For as long as the server runs; without a folder named, in one of its own, which goes afterwards.

    Raises ImproperlyConfigured where the folder cannot be written to.
    """
    if not is_wanted:
        # A folder that other services share must not be filled by one that nobody asks.
        os.environ.pop(VARIABLE, None)
        yield
        return
    named = os.environ.get(VARIABLE)
    with tempfile.TemporaryDirectory(prefix="dognbone-metrics-", ignore_cleanup_errors=True) as own:
        folder = Path(named or own)
        try:
            empty(folder)
        except OSError as error:
            raise ImproperlyConfigured(
                f"Dog n Bone does not start: {VARIABLE} names a folder that is of no use ({error.strerror})."
            ) from None
        os.environ[VARIABLE] = str(folder)
        try:
            yield
        finally:
            if not named:
                # It goes with its folder.
                os.environ.pop(VARIABLE, None)


def empty(folder: Path) -> None:
    """Makes the folder, and deletes what is prometheus_client's in it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink(missing_ok=True)
    probe = folder / f"writable-{os.getpid()}"
    probe.touch()
    probe.unlink()
