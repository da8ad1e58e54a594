"""Operators are written to when something broke that nobody expected: where, and never about whom.

What is logged with an exception, at ERROR or above, becomes a letter to `OPERATORS`, which the worker sends.
It names types, files, lines and the pattern of the address; no message, value or address, any of which may
hold somebody's number or secret. The same fault is written of once an hour, and ten faults an hour at most;
how often it has happened meanwhile the next letter says.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import Error, connections

from dognbone.faults import Fault, read_fault

MOST_WAITING = 100
THREAD = "operators"


class OperatorsHandler(logging.Handler):
    """Writes to the operators from a thread of its own: neither a request nor the event loop waits."""

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
