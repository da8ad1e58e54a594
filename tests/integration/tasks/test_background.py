"""Tasks are kept or lost with their cause, tried again after longer and longer pauses, and not for ever."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.letters import post
from accounts.people import User
from accounts.tasks.background import FIRST_PAUSE, LEASE, LONGEST_PAUSE, TRIES, Rule, enqueue
from accounts.tasks.settling import sweep
from accounts.twilio.errands import do_errand
from tests.conftest import signed_in
from tests.integration.tasks import trials
from tests.tasks import run_tasks

PassTime = Callable[[timedelta], None]


def see() -> DBTaskResult:
    return DBTaskResult.objects.get()


def marks(person: User) -> str:
    person.refresh_from_db()
    return person.name.removeprefix("Alice")


def test_a_task_is_done_once(alice: User) -> None:
    enqueue(trials.succeed, alice.pk)
    assert marks(alice) == ""
    run_tasks()
    run_tasks()
    assert marks(alice) == "!" and see().status == "SUCCESSFUL"


def test_a_task_is_lost_together_with_what_it_was_about(alice: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue(trials.succeed, alice.pk)
        raise RuntimeError
    assert not DBTaskResult.objects.exists()


def test_a_failed_try_is_followed_by_others_after_longer_and_longer_pauses(
    alice: User, pass_time: PassTime
) -> None:
    enqueue(trials.fail, alice.pk)
    run_tasks()
    row = see()
    assert (row.status, len(row.worker_ids), row.finished_at) == ("READY", 1, None)
    assert timedelta() < row.run_after - timezone.now() <= FIRST_PAUSE
    run_tasks()
    assert marks(alice) == "!"
    pass_time(FIRST_PAUSE)
    run_tasks()
    assert marks(alice) == "!!"
    assert FIRST_PAUSE < see().run_after - timezone.now() <= 2 * FIRST_PAUSE


def test_after_the_last_try_the_end_is_told_and_the_error_stays(alice: User, pass_time: PassTime) -> None:
    enqueue(trials.fail, alice.pk)
    for _ in range(6):
        run_tasks()
        pass_time(LONGEST_PAUSE)
    row = see()
    assert (row.status, len(row.worker_ids)) == ("FAILED", 3)
    assert marks(alice) == "given up"
    assert "ConnectionError" in row.traceback


def test_what_is_no_use_is_not_tried_again(alice: User, pass_time: PassTime) -> None:
    enqueue(trials.give_up, alice.pk)
    run_tasks()
    assert marks(alice) == "given up" and see().status == "FAILED"
    pass_time(LONGEST_PAUSE)
    sweep()
    run_tasks()
    assert len(see().worker_ids) == 1


def test_an_error_on_the_last_word_stops_no_worker(alice: User) -> None:
    enqueue(trials.fail_to_the_last_word, alice.pk)
    enqueue(trials.succeed, alice.pk)
    run_tasks()
    assert marks(alice) == "!"


def test_the_pauses_grow_to_a_bound_and_all_tries_take_about_half_a_day() -> None:
    pauses = [Rule().pause_after(tries) for tries in range(1, TRIES)]
    assert pauses == sorted(pauses) and pauses[-1] == LONGEST_PAUSE
    assert timedelta(hours=8) < sum(pauses, timedelta()) < timedelta(hours=16)


def test_what_failed_before_lets_everything_new_go_first(alice: User, pass_time: PassTime) -> None:
    enqueue(trials.fail, alice.pk)
    run_tasks()
    pass_time(FIRST_PAUSE)
    enqueue(trials.succeed, alice.pk)
    first = DBTaskResult.objects.ready().first()
    assert first is not None and first.task_path.endswith("succeed")


def test_an_errors_own_text_is_neither_kept_nor_logged(
    alice: User, admin_user: User, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue(trials.fail, alice.pk)
    run_tasks()
    row = see()
    assert trials.SECRET not in row.traceback and trials.SECRET not in caplog.text
    page = signed_in(admin_user).get(f"/admin/django_tasks_database/dbtaskresult/{row.pk}/change/")
    assert "ConnectionError" in page.content.decode() and "trials.py" in page.content.decode()
    assert trials.SECRET not in page.content.decode()


@pytest.mark.parametrize("argument", ["a secret", b"bytes", 1.5, None, True, ["list"]])
def test_nothing_but_ids_is_taken(argument: object, db: None) -> None:
    with pytest.raises(TypeError):
        enqueue(trials.succeed, argument)  # type: ignore[arg-type]


def test_a_uuid_is_an_id_too(db: None) -> None:
    pk = uuid.uuid4()
    enqueue(trials.take_id, pk)
    run_tasks()
    assert User.objects.get().email == f"{pk}@example.com"


def test_a_task_whose_worker_died_is_taken_back_when_its_lease_is_over(
    alice: User, pass_time: PassTime
) -> None:
    enqueue(trials.succeed, alice.pk)
    see().claim("a worker that dies now")
    assert sweep() == 0
    run_tasks()
    assert marks(alice) == ""
    pass_time(LEASE)
    assert (sweep(), sweep()) == (1, 0)
    run_tasks()
    assert marks(alice) == "!" and len(see().worker_ids) == 2


def test_a_task_that_kills_each_of_its_workers_comes_to_an_end(alice: User, pass_time: PassTime) -> None:
    enqueue(trials.fail, alice.pk)
    for _ in range(3):
        see().claim("a worker that dies now")
        pass_time(LEASE)
        assert sweep() == 1
    assert see().status == "FAILED" and marks(alice) == "given up"
    assert "worker" in see().traceback


def test_a_failure_whose_worker_died_before_it_wrote_down_the_next_try_is_not_lost(alice: User) -> None:
    enqueue(trials.fail, alice.pk)
    row = see()
    row.claim("a worker that dies in a moment")
    row.set_failed(ConnectionError())
    assert (sweep(), see().status) == (1, "READY")


def test_a_task_that_this_version_does_not_know_is_kept_for_one_that_does(alice: User) -> None:
    enqueue(trials.succeed, alice.pk)
    DBTaskResult.objects.update(task_path="accounts.of_tomorrow.work")
    run_tasks()
    assert see().status == "FAILED"
    sweep()
    assert see().status == "READY"


def test_what_somebody_looks_on_at_goes_before_letters_to_a_mail_server_that_says_nothing(
    alice: User,
) -> None:
    post(EmailMessage("Hello", "Text.", to=["alice@example.com"]))
    enqueue(do_errand, uuid.uuid4())
    first = DBTaskResult.objects.ready().first()
    assert first is not None and first.task_path.endswith("do_errand")


@pytest.fixture
def failed_task(alice: User) -> DBTaskResult:
    enqueue(trials.give_up, alice.pk)
    run_tasks()
    return see()


LIST = "/admin/django_tasks_database/dbtaskresult/"


def test_admins_see_the_queue_and_change_nothing_in_it(
    failed_task: DBTaskResult, admin_user: User, alice: User
) -> None:
    client = signed_in(admin_user)
    page = client.get(LIST).content.decode()
    assert "give up" in page and "There is no use in it." in page
    one = f"{LIST}{failed_task.pk}/"
    assert client.post(f"{one}change/", {"status": "READY"}).status_code == 403
    assert client.post(f"{one}delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    for outsider in (Client(), signed_in(alice)):
        assert outsider.get(LIST).status_code == 302
    assert see().status == "FAILED"
