"""What is due by the clock is asked for once, however many workers look."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.letters import Letter, post
from accounts.tasks import clock
from accounts.tasks.background import enqueue
from accounts.tasks.clock import Appointment, enqueue_due
from accounts.tasks.nightly import DONE_DAYS, forget_ended_sessions
from tests.tasks import run_tasks

PassTime = Callable[[timedelta], None]


def test_nothing_is_due_at_the_first_look_and_all_of_it_once_a_night(db: None, pass_time: PassTime) -> None:
    assert enqueue_due() == 0
    for _ in range(2):
        pass_time(timedelta(days=1))
        assert enqueue_due() == len(clock._schedule) == Appointment.objects.count()
        assert enqueue_due() == 0
        run_tasks()


def test_nights_that_nobody_looked_are_made_up_for_once(db: None, pass_time: PassTime) -> None:
    enqueue_due()
    pass_time(timedelta(days=5))
    assert enqueue_due() == len(clock._schedule)
    assert enqueue_due() == 0


def test_what_is_due_every_so_often_does_not_pile_up_while_no_worker_is_there(
    db: None, pass_time: PassTime
) -> None:
    often = [one for one in clock._schedule if isinstance(one, clock.Often)]
    assert often
    enqueue_due()
    for _ in range(10):
        pass_time(timedelta(seconds=31))
        enqueue_due()
    for one in often:
        assert DBTaskResult.objects.filter(task_path=one.name).count() == 1
    run_tasks()
    pass_time(max(one.interval for one in often) + timedelta(seconds=1))
    assert enqueue_due() == len(often)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError, InterfaceError, RuntimeError])
def test_the_clock_goes_on_after_a_look_that_failed(error: type[Exception]) -> None:
    stop, looks = threading.Event(), []

    def fail(*arguments: Any) -> Any:
        looks.append(1)
        stop.set()
        raise error("gone")

    with connection.execute_wrapper(fail):
        clock.run_clock(stop)
    assert looks


@pytest.mark.django_db(transaction=True)
def test_workers_that_look_at_the_same_moment_ask_once_together() -> None:
    enqueue_due()
    Appointment.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    start = threading.Barrier(4)

    def look() -> int:
        try:
            start.wait(timeout=10)
            return enqueue_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as threads:
        asked = [future.result() for future in [threads.submit(look) for _ in range(4)]]
    assert sum(asked) == DBTaskResult.objects.count() == len(clock._schedule)


def test_sessions_that_ended_leave_the_table_and_the_others_stay(db: None, pass_time: PassTime) -> None:
    short, long = SessionStore(), SessionStore()
    short.set_expiry(timedelta(hours=1))
    long.set_expiry(timedelta(days=30))
    short.save()
    long.save()
    enqueue_due()
    pass_time(timedelta(days=1))
    enqueue_due()
    run_tasks()
    assert [row.session_key for row in Session.objects.all()] == [long.session_key]


def test_tasks_that_are_done_leave_the_table_and_those_that_wait_stay(db: None, pass_time: PassTime) -> None:
    enqueue(forget_ended_sessions)
    run_tasks()
    enqueue(forget_ended_sessions, after=timedelta(days=365))
    enqueue_due()
    pass_time(timedelta(days=DONE_DAYS, minutes=1))
    enqueue_due()
    run_tasks()
    assert DBTaskResult.objects.filter(enqueued_at__lt=timezone.now() - timedelta(days=1)).count() == 1


def test_a_letter_that_nobody_could_send_does_not_lie_about_for_ever(db: None, pass_time: PassTime) -> None:
    post(EmailMessage("Choose a new password", "the key", to=["alice@example.com"]))
    DBTaskResult.objects.all().delete()
    enqueue_due()
    pass_time(timedelta(days=4))
    enqueue_due()
    run_tasks()
    assert not Letter.objects.exists()
