"""What broke, as it may be told to somebody: types, files and lines, and no value."""

import logging
import traceback
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

MOST_FRAMES = 12


@dataclass(frozen=True)
class Fault:
    """What broke: an exception's type, by whom it was logged, at which address, and the way to it."""

    error: str
    logger: str
    address: str
    frames: tuple[str, ...]

    @property
    def key(self) -> str:
        """The same for what broke in the same place."""
        return f"{self.logger}:{self.error}:{self.frames[-1] if self.frames else ''}".replace(" ", "_")[-180:]


def read_fault(record: logging.LogRecord) -> Fault | None:
    """None for a record without an exception: it has said in its own words what is wrong."""
    kind, error, trace = record.exc_info or (None, None, None)
    if kind is None or error is None:
        return None
    frames = tuple(
        f"{name_file(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
    )
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    method = getattr(getattr(record, "request", None), "method", "")
    address = f"{method} /{match.route}" if match is not None else ""
    return Fault(f"{kind.__module__}.{kind.__qualname__}", record.name, address, frames[-MOST_FRAMES:])


def name_file(filename: str) -> str:
    """As it is found in the project, or in a package: not where that is on the machine."""
    path = Path(filename)
    if path.is_relative_to(settings.BASE_DIR) and ".venv" not in path.parts:
        return str(path.relative_to(settings.BASE_DIR))
    return str(filename).rpartition("site-packages/")[2]
