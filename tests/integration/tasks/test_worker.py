"""The worker as a process: killed in the middle of a task, ended politely, started beside another."""

import os
import time
from collections.abc import Callable, Iterator

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import F
from django_tasks_db.models import DBTaskResult

from accounts.letters import Letter, post
from accounts.tasks.background import LEASE
from tests.service.service import MailServer
from tests.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 40


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.speak()
    server.close()


@pytest.fixture
def environment(mail_server: MailServer) -> dict[str, str]:
    """What a worker beside this test is started with: the same database, and a mail server of its own."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    own = {"DATABASE_URL": url, "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}"}
    return {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "tests.service.settings"}


def wait_for(is_so: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def write(count: int = 1) -> None:
    for number in range(count):
        post(EmailMessage(f"Letter {number}", "Text.", to=["alice@example.com"]))


def test_what_a_killed_worker_left_half_done_is_taken_back_and_done_again(
    environment: dict[str, str], mail_server: MailServer
) -> None:
    write()
    with run_worker(environment) as worker:
        wait_for(lambda: mail_server.connections, "a worker that waits for the mail server")
        worker.kill()
        worker.wait()
    row = DBTaskResult.objects.get()
    assert row.status == "RUNNING" and Letter.objects.get().begun_at
    DBTaskResult.objects.update(started_at=F("started_at") - LEASE)
    mail_server.speak()
    with run_worker(environment):
        wait_for(lambda: mail_server.mails, "the letter")
        wait_for(lambda: DBTaskResult.objects.get().status == "SUCCESSFUL", "the end of the task")
    assert len(mail_server.mails) == 1 and "Letter 0" in mail_server.mails[0]
    assert len(DBTaskResult.objects.get().worker_ids) == 2 and not Letter.objects.exists()


def test_two_workers_send_each_letter_once(environment: dict[str, str], mail_server: MailServer) -> None:
    mail_server.speak()
    write(20)
    with run_worker(environment), run_worker(environment):
        wait_for(lambda: not Letter.objects.exists(), "all letters")
    assert len(mail_server.mails) == 20
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}


def test_a_worker_that_is_told_to_end_ends_what_it_has_begun_first(
    environment: dict[str, str], mail_server: MailServer
) -> None:
    write(2)
    with run_worker(environment) as worker:
        wait_for(lambda: mail_server.connections, "a worker that waits for the mail server")
        worker.terminate()
        mail_server.speak()
        assert worker.wait(timeout=SECONDS) == 0
    assert len(mail_server.mails) == 1
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == ["READY", "SUCCESSFUL"]


def test_an_idle_worker_ends_at_once(environment: dict[str, str], mail_server: MailServer) -> None:
    mail_server.speak()
    write()
    with run_worker(environment) as worker:
        wait_for(lambda: not Letter.objects.exists(), "a worker at work")
        worker.terminate()
        assert worker.wait(timeout=SECONDS) == 0
