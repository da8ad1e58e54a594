"""What becomes of a try that failed, or whose worker died: another one after a pause, or the end.

A task's row is the only record: its `worker_ids` grow by one with each try, it stays `RUNNING` where a
worker was killed, and its last error stays in it while it waits for the next.
"""

import logging
from datetime import datetime
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.db.models import Case, F, Min, When
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max
from structlog.contextvars import bind_contextvars, unbind_contextvars

from accounts.tasks.background import GivenUp, Rule

logger = logging.getLogger(__name__)

DEAD_WORKER = "The worker that ran this was gone, or had lost the database, before it had ended."


def get_rule(row: Any) -> Rule:
    """The rule of the task, or the usual one for a task that this version of the product does not know."""
    try:
        rule = getattr(row.task.func, "rule", None)
    except (ImportError, SuspiciousOperation):
        rule = None
    return rule or Rule()


def get_tries(row: Any) -> int:
    return len(row.worker_ids)


def bind_to_log(sender: Any, task_result: Any, **kwargs: Any) -> None:
    """From now on whatever this worker logs is of this task, until it has ended."""
    bind_contextvars(task=str(task_result.id))


def hear_finished(sender: Any, task_result: Any, **kwargs: Any) -> None:
    """Said by the worker when a try has ended, well or not; connected in `accounts/apps.py`."""
    if task_result.status == TaskResultStatus.FAILED:
        settle_failed(task_result.db_result)
    unbind_contextvars("task")


def settle_failed(row: Any) -> None:
    """Gives a failed try another one after a pause, or ends the task when it has had all of its tries."""
    rule = get_rule(row)
    is_given_up = row.exception_class_path.endswith(f".{GivenUp.__name__}")
    same = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.FAILED, finished_at=row.finished_at)
    if not is_given_up and get_tries(row) < rule.tries:
        pause = rule.pause_after(get_tries(row))
        same.update(
            status=TaskResultStatus.READY,
            run_after=timezone.now() + pause,
            finished_at=None,
            # What fails slowly, at a mail server that says nothing, lets everything new go first.
            priority=F("priority") - 1,
        )
    else:
        call_given_up(row, rule)


def call_given_up(row: Any, rule: Rule) -> None:
    if rule.given_up is None:
        return
    try:
        with transaction.atomic():
            rule.given_up(*row.args_kwargs["args"])
    except Exception:
        # The worker must live on, whatever one task's last word comes to.
        logger.exception("The end of task %s could not be told", row.pk)


def sweep() -> int:
    """Takes back every task whose worker is gone, and those whose pause nobody wrote down; how many."""
    now = timezone.now()
    dead = sum(take_back(row, now) for row in DBTaskResult.objects.running() if is_overdue(row, now))
    lost = [row for row in DBTaskResult.objects.failed() if is_cut_short(row)]
    for row in lost:
        settle_failed(row)
    return dead + len(lost)


def take_back_of(worker_id: str) -> int:
    """Takes back at once what a worker was at when it lost the database; called by that worker itself."""
    now = timezone.now()
    mine = [row for row in DBTaskResult.objects.running() if row.worker_ids[-1:] == [worker_id]]
    return sum(take_back(row, now) for row in mine)


def is_overdue(row: Any, now: datetime) -> bool:
    return row.started_at is not None and row.started_at + get_rule(row).lease <= now


def take_back(row: Any, now: datetime) -> bool:
    """Whether the task, whose worker is not at it any more, was this caller's to take back."""
    rule = get_rule(row)
    is_over = get_tries(row) >= rule.tries
    told = {"exception_class_path": "accounts.tasks.background.TaskFailed", "traceback": DEAD_WORKER}
    outcome = (
        {"status": TaskResultStatus.FAILED, "finished_at": now}
        if is_over
        else {"status": TaskResultStatus.READY, "run_after": now}
    )
    same = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING, started_at=row.started_at)
    if not same.update(**told, **outcome):
        return False
    logger.warning("Task %s was taken back: its worker is not at it any more", row.pk)
    if is_over:
        call_given_up(row, rule)
    return True


def is_cut_short(row: Any) -> bool:
    """Failed, with tries left: the worker died, or lost the database, before it wrote down the next."""
    is_given_up = row.exception_class_path.endswith(f".{GivenUp.__name__}")
    return not is_given_up and get_tries(row) < get_rule(row).tries


def get_oldest_waiting_seconds() -> float:
    """For how long the task has waited that waits the longest; 0 where none does."""
    due_at = Case(When(run_after=get_date_max(), then=F("enqueued_at")), default=F("run_after"))
    oldest = DBTaskResult.objects.ready().order_by().aggregate(at=Min(due_at))["at"]
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0
