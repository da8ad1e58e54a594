"""A function that a worker runs, outside any request: how it is written, and how it is asked for.

django-tasks keeps the queue (a row a task, in the product's own database) and runs it. It knows neither
tries nor leases; both are said here, at the function, and kept by `accounts/tasks/settling.py`.

A task may run twice: a worker that was killed in the middle of it leaves it half done, and it is taken
back and begun anew. So every task looks first at what is left to do, and is none the worse for
finding it done.
"""

import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from pathlib import Path
from smtplib import SMTPResponseException
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_tasks import task
from django_tasks.base import Task

# With the pauses between them, eleven hours.
TRIES = 16
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=2)
# Longer than any task takes that is bounded as tasks are: a few requests, each with a limit.
LEASE = timedelta(minutes=10)


class GivenUp(Exception):
    """It is no use to try again; the text is for the admin and names nobody and no secret."""


class TaskFailed(Exception):
    """A task went wrong. Says which error it was and where, never the error's own text."""


@dataclass(frozen=True)
class Rule:
    """How often a task is tried, and how long one try may take.

    `given_up` is called with the task's arguments once the last try has failed.
    """

    tries: int = TRIES
    lease: timedelta = LEASE
    given_up: Callable[..., None] | None = None

    def pause_after(self, tries: int) -> timedelta:
        """The time to wait after so many tries: twice as long each time."""
        return min(FIRST_PAUSE * 2 ** min(tries - 1, 20), LONGEST_PAUSE)


def background(
    *,
    tries: int = TRIES,
    lease: timedelta = LEASE,
    priority: int = 0,
    given_up: Callable[..., None] | None = None,
) -> Callable[[Callable[..., None]], Task[..., None]]:
    """Makes a function of a module a task. Whatever it raises counts as a failed try, GivenUp as the last.

    A higher `priority` (-50 to 50) goes first; what somebody looks on at is above 0, the night's work below.
    """

    def decorate(function: Callable[..., None]) -> Task[..., None]:
        @wraps(function)
        def run(*arguments: Any) -> None:
            try:
                function(*arguments)
            except GivenUp:
                raise
            except Exception as error:
                # An error's own text may name people, numbers or a secret, and the queue keeps it.
                raise TaskFailed(describe_error(error)) from None

        run.rule = Rule(tries, lease, given_up)  # type: ignore[attr-defined]
        return task(priority=priority)(run)

    return decorate


def enqueue(task: Task[..., None], *ids: int | uuid.UUID, after: timedelta = timedelta()) -> None:
    """Asks for a task, in the caller's transaction: it is kept or lost together with what it is about.

    Only ids go with it, because the queue is a table that admins read. Raises TypeError for anything else.
    """
    for one in ids:
        if isinstance(one, bool) or not isinstance(one, int | uuid.UUID):
            raise TypeError(f"A task takes ids, not a {type(one).__name__}.")
    if after:
        task = task.using(run_after=timezone.now() + after)
    task.enqueue(*(str(one) if isinstance(one, uuid.UUID) else one for one in ids))


def describe_error(error: BaseException) -> str:
    """The error's class, its SMTP status where it has one, and the lines of our own that led to it."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    status = f" {error.smtp_code}" if isinstance(error, SMTPResponseException) else ""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(settings.BASE_DIR)]
    places = [
        f"{Path(frame.filename).relative_to(settings.BASE_DIR)}:{frame.lineno} {frame.name}"
        for frame in ours
        if ".venv" not in Path(frame.filename).parts
    ]
    return "\n  ".join([name + status, *places[1:]])
