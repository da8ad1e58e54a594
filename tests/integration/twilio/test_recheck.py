"""The check by night: everybody, slowly, once at a time, and nobody blamed for an outage."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.audit.journal import AccountEvent
from accounts.failures.login_failures import LoginFailure
from accounts.leases import hold_lease
from accounts.sealing.encryption import make_credential_key
from accounts.tasks.clock import Appointment, enqueue_due
from accounts.twilio import recheck
from accounts.twilio.credentials import TwilioCredentials
from fake_twilio import catalogue
from tests.commits import committed
from tests.connections import connect
from tests.tasks import read_outbox, run_tasks

DEMO_SID = catalogue.account_sid(catalogue.DEMO)
FAST = "--rate=1000"


def run(*arguments):
    """The exit status of `recheck_credentials`, and what it wrote."""
    out = io.StringIO()
    try:
        call_command("recheck_credentials", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    return 0, out.getvalue()


def test_everybody_is_checked_although_their_proofs_are_fresh(alice, bob, fake_twilio):
    connect(alice)
    connect(bob, "other")
    fake_twilio.control("DELETE", "requests")
    status, text = run(FAST)
    assert status == 0 and "2 checked." in text and "ok: 2" in text
    accounts = {catalogue.account_sid("demo"), catalogue.account_sid("other")}
    paths = [request["path"] for request in fake_twilio.requests()]
    assert all(any(sid in path for path in paths) for sid in accounts)
    assert AccountEvent.objects.filter(kind="check_passed", user_agent__contains="recheck").count() == 2


def test_who_is_bad_is_recorded_and_told_and_who_is_good_is_not(alice, bob, fake_twilio):
    connect(alice)
    connect(bob, "other")
    rotated = fake_twilio.change_account(DEMO_SID, auth_token="new")["auth_token"]
    with committed():
        status, text = run(FAST)
    assert status == 0 and "wrong_auth_token: 1" in text and "ok: 1" in text
    failure = LoginFailure.objects.get()
    assert (failure.user, failure.shown_by, failure.verdict) == (alice, "check", "wrong_auth_token")
    assert [message.to for message in read_outbox()] == [["alice@example.com"]]
    assert rotated not in text and catalogue.auth_token("demo") not in text
    run(FAST)
    assert len(read_outbox()) == 1


def test_an_outage_tells_nobody_and_ends_with_2(alice, fake_twilio):
    connect(alice)
    fake_twilio.add_fault("unavailable")
    status, text = run(FAST)
    assert status == 2 and "twilio_unavailable: 1" in text
    assert read_outbox() == [] and TwilioCredentials.objects.get().stopped_at is None


def test_it_stops_asking_a_twilio_that_is_ill(alice, bob, mallory, fake_twilio, monkeypatch):
    monkeypatch.setattr(recheck, "SILENCES", 2)
    for user in (alice, bob, mallory):
        connect(user)
    fake_twilio.add_fault("unavailable")
    status, text = run(FAST)
    assert status == 2 and "2 checked." in text and "left for later" in text


def test_one_that_is_judged_between_shows_that_twilio_is_well(alice, bob, mallory, fake_twilio, monkeypatch):
    monkeypatch.setattr(recheck, "SILENCES", 3)
    for user, account in ((alice, "demo"), (bob, "other"), (mallory, "other")):
        connect(user, account)
    fake_twilio.add_fault("unavailable", account_sid=catalogue.account_sid("other"))
    status, text = run(FAST)
    assert status == 2 and "3 checked." in text and "2 were not judged." in text


def test_it_never_runs_twice_at_once(alice, fake_twilio):
    connect(alice)
    fake_twilio.control("DELETE", "requests")
    with hold_lease(recheck.LEASE, recheck.LEASE_LIFETIME):
        assert run(FAST) == (1, "Another one is running.")
    assert fake_twilio.requests() == []
    assert run(FAST)[0] == 0


def test_it_keeps_to_its_rate(alice, bob, mallory, fake_twilio, monkeypatch):
    waited = []
    monkeypatch.setattr(recheck.time, "sleep", waited.append)
    for user in (alice, bob, mallory):
        connect(user)
    run("--rate=4")
    assert len(waited) == 2 and all(0.25 <= seconds <= 0.375 for seconds in waited)
    assert run("--rate=0")[0] == 1


def test_who_was_deactivated_is_left_alone(alice, fake_twilio):
    connect(alice)
    type(alice).objects.update(is_active=False)
    assert run(FAST) == (0, "0 checked.\n")


def test_credentials_that_do_not_open_do_not_stop_the_others(alice, fake_twilio, settings, caplog):
    credentials = connect(alice)
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    status, text = run(FAST)
    assert status == 2 and "unreadable: 1" in text
    assert "do not open" in caplog.text
    assert credentials.api_key_sid not in caplog.text and read_outbox() == []


@pytest.mark.parametrize("fault", ["reset", "portal page", "rate limited"])
def test_a_check_that_was_not_judged_leaves_the_proof(fault, alice, fake_twilio):
    connect(alice)
    fake_twilio.add_fault(fault)
    assert run(FAST)[0] == 2
    assert TwilioCredentials.objects.get().is_proven


def make_it_night():
    """By the table: were the clock itself put forward, Twilio's would seem to be slow."""
    enqueue_due()
    Appointment.objects.update(due_at=timezone.now())
    enqueue_due()
    run_tasks()
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())


@pytest.mark.parametrize("size", [1, 2, 10])
def test_the_worker_checks_everybody_once_a_night_a_few_at_a_time(
    size, alice, bob, mallory, fake_twilio, monkeypatch
):
    for user, name in ((alice, catalogue.DEMO), (bob, catalogue.DEMO), (mallory, "other")):
        connect(user, name)
    read_outbox().clear()
    TwilioCredentials.objects.update(checked_at=None)
    fake_twilio.change_account(catalogue.account_sid("other"), auth_token="new")
    before = AccountEvent.objects.filter(kind="check_passed").count()
    monkeypatch.setattr(recheck, "SLICE", size)
    monkeypatch.setattr(recheck, "RATE", 1000)
    make_it_night()
    assert [message.to for message in read_outbox()] == [["mallory@example.com"]]
    assert not TwilioCredentials.objects.filter(checked_at=None).exists()
    assert AccountEvent.objects.filter(kind="check_passed").count() == before + 2
    assert LoginFailure.objects.filter(shown_by="check").count() == 1


def test_by_night_too_an_ill_twilio_is_left_alone_after_a_few_and_nobody_is_told(
    alice, bob, fake_twilio, monkeypatch
):
    connect(alice)
    connect(bob)
    read_outbox().clear()
    monkeypatch.setattr(recheck, "SLICE", 1)
    monkeypatch.setattr(recheck, "SILENCES", 1)
    fake_twilio.add_fault("unavailable")
    TwilioCredentials.objects.update(checked_at=None)
    make_it_night()
    assert read_outbox() == []
    assert TwilioCredentials.objects.filter(checked_at=None).count() == 1
