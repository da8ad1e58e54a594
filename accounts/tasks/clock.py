"""What is done by the clock: asked for once when its time has come, however many workers run.

Every `db_worker` looks every 20 seconds whether something is due and whether a task has to be taken back.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import Error, close_old_connections, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from accounts.tasks.background import enqueue
from accounts.tasks.nightly import forget_ended_sessions, forget_old_tasks
from accounts.tasks.settling import sweep

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 20


class Appointment(models.Model):
    """When the work called `name` is due next."""

    name = models.CharField(max_length=64, primary_key=True)
    due_at = models.DateTimeField()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")

    def __str__(self) -> str:
        return f"{self.name} at {self.due_at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Nightly:
    """A task for every night, at a time of the server's own zone, which is UTC."""

    task: Task[..., None]
    at: time

    @property
    def name(self) -> str:
        return self.task.module_path

    def next_after(self, now: datetime) -> datetime:
        today = timezone.make_aware(datetime.combine(timezone.localdate(now), self.at))
        return today if today > now else today + timedelta(days=1)


@dataclass(frozen=True)
class Often:
    """A task for every so often, by day and by night; not asked for again while one still waits."""

    task: Task[..., None]
    interval: timedelta

    @property
    def name(self) -> str:
        return self.task.module_path

    def next_after(self, now: datetime) -> datetime:
        return now + self.interval


_schedule: list[Nightly | Often] = [
    Nightly(forget_ended_sessions, time(2, 10)),
    Nightly(forget_old_tasks, time(2, 20)),
]


def every_night(task: Task[..., None], *, at: time) -> None:
    """Has `task` done every night; said by the module that the task is of, when it is loaded."""
    _schedule.append(Nightly(task, at))


def every(interval: timedelta, task: Task[..., None]) -> None:
    """Has `task` done again and again, as often as the clock is looked at, or less often."""
    _schedule.append(Often(task, interval))


def enqueue_due() -> int:
    """Asks for what is due, each once; how many. What is new waits for its next time."""
    now = timezone.now()
    Appointment.objects.bulk_create(
        [Appointment(name=one.name, due_at=one.next_after(now)) for one in _schedule], ignore_conflicts=True
    )
    return sum(enqueue_if_due(one, now) for one in _schedule)


@transaction.atomic
def enqueue_if_due(scheduled: Nightly | Often, now: datetime) -> bool:
    due = Appointment.objects.filter(name=scheduled.name, due_at__lte=now)
    if not due.update(due_at=scheduled.next_after(now)):
        return False
    if isinstance(scheduled, Often) and is_waiting(scheduled.task):
        return False
    enqueue(scheduled.task)
    return True


def is_waiting(task: Task[..., None]) -> bool:
    """Whether one is asked for already, so that a worker that was away does not find hundreds."""
    return DBTaskResult.objects.ready().filter(task_path=task.module_path).exists()


def look() -> None:
    """One look at the clock. A database that is away is looked for again at the next."""
    try:
        close_old_connections()
        sweep()
        enqueue_due()
    except Error as error:
        logger.warning("The clock could not be looked at: %s", type(error).__name__)
    except Exception:
        # Without its thread nothing would be done by the clock until the worker is started anew.
        logger.exception("The clock could not be looked at")
    finally:
        connection.close()


def run_clock(stop: threading.Event) -> None:
    """Looks at once, and then again and again until `stop` is set."""
    while True:
        look()
        if stop.wait(SECONDS_BETWEEN_LOOKS):
            return
