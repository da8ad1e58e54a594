"""The queue, worked off at once by the real worker."""

from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

from django.core import mail
from django.db import connection
from django_tasks_db.management.commands import db_worker


def run_tasks() -> None:
    """Does every task that is due, and those that they ask for; returns when none is left."""
    worker = db_worker.Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="tests",
        excluded_queue_names=[],
    )
    # It would close the connection whose transaction the test is in, as Django's test client would not.
    in_test = patch.object(db_worker, "close_old_connections", lambda: None)
    with in_test if connection.in_atomic_block else nullcontext():
        worker.run()


def read_outbox() -> list[Any]:
    """The mail that was sent, once the worker has sent what waited."""
    run_tasks()
    return mail.outbox
