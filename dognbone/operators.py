"""Operators are written to when something broke that nobody expected: where, and never about whom.

What is logged with an exception, at ERROR or above, becomes a letter to `OPERATORS`, which the worker sends. It
names types, files, lines and the pattern of the address; no message, value or address, any of which may hold
somebody's number or secret. The same fault is written of once an hour, and ten faults an hour at most; how often
it has happened meanwhile the next letter says.
"""

import logging
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import Error, connections

MOST_WAITING = 100
MOST_FRAMES = 12
THREAD = "operators"


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


class OperatorsHandler(logging.Handler):
    """Writes to the operators from a thread of its own, so that neither a request nor the event loop waits."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.waiting = 0
        self.counting = threading.Lock()
        self.threads: ThreadPoolExecutor | None = None

    def emit(self, record: logging.LogRecord) -> None:
        # What goes wrong while a letter is written is not written about.
        if not settings.OPERATORS or threading.current_thread().name.startswith(THREAD):
            return
        fault = read_fault(record)
        if fault is None:
            return
        with self.counting:
            if self.waiting >= MOST_WAITING:
                return
            self.waiting += 1
            if self.threads is None:
                self.threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix=THREAD)
        try:
            self.threads.submit(self.tell, fault)
        except RuntimeError:
            # The interpreter is ending.
            self.waiting -= 1

    def tell(self, fault: Fault) -> None:
        # Not before: the log is set up before the tables are known.
        from dognbone.fault_letters import tell_operators

        try:
            tell_operators(fault)
        except Error:
            # The database is away, which is in the log, and what monitors `/readyz` has noticed.
            pass
        finally:
            connections.close_all()
            with self.counting:
                self.waiting -= 1
