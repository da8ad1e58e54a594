"""A proof: how long it is good, what ends it, and that nobody asks twice at once."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from accounts.audit.journal import AccountEvent
from accounts.failures.login_failures import LoginFailure
from accounts.twilio import proof
from accounts.twilio.candidate import Candidate
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.ladder import verify_credentials
from accounts.twilio.proof import end_proof, verify_connection
from fake_twilio import catalogue
from tests.connections import BROWSER, connect, disconnect

DEMO_SID = catalogue.account_sid(catalogue.DEMO)


def lapse(credentials):
    """As if five minutes had passed."""
    TwilioCredentials.objects.filter(pk=credentials.pk).update(
        proven_until=timezone.now() - timedelta(seconds=1)
    )
    return TwilioCredentials.objects.select_related("account", "user").get(pk=credentials.pk)


def count(fake):
    return len(fake.requests())


def test_a_proof_is_good_for_five_minutes_and_asks_nobody(alice, fake_twilio):
    credentials = connect(alice)
    before = count(fake_twilio)
    assert verify_connection(credentials, client=BROWSER).is_ok
    assert count(fake_twilio) == before
    left = credentials.proven_until - timezone.now()
    assert timedelta(minutes=4, seconds=50) < left <= timedelta(minutes=5)


def test_after_that_twilio_is_asked_and_the_proof_is_new(alice, fake_twilio):
    credentials = lapse(connect(alice))
    assert not credentials.is_proven
    before = count(fake_twilio)
    assert verify_connection(credentials, client=BROWSER).is_ok
    assert count(fake_twilio) > before
    assert credentials.is_proven
    assert TwilioCredentials.objects.get().is_proven


def test_a_rotated_token_is_found_and_recorded(alice, fake_twilio):
    credentials = lapse(connect(alice))
    fake_twilio.change_account(DEMO_SID, auth_token="new")
    page_session = uuid.uuid4()
    verdict = verify_connection(credentials, client=BROWSER, page_session=page_session)
    assert verdict.code == "wrong_auth_token" and verdict.is_sure
    stored = TwilioCredentials.objects.get()
    assert stored.verdict == "wrong_auth_token" and not stored.is_proven
    failure = LoginFailure.objects.get()
    assert (failure.user, failure.account_sid, failure.page_session) == (alice, DEMO_SID, page_session)
    assert (failure.twilio_status, failure.twilio_code) == (401, 20003)
    assert failure.ip_address == BROWSER.ip_address


def test_a_deleted_key_is_found(alice, fake_twilio):
    credentials = lapse(connect(alice))
    fake_twilio.control("DELETE", f"accounts/{DEMO_SID}/keys/{credentials.api_key_sid}")
    assert verify_connection(credentials, client=BROWSER).code == "api_key_not_found"


def test_an_outage_blames_nothing_and_takes_no_proof_away(alice, fake_twilio):
    credentials = connect(alice)
    until = TwilioCredentials.objects.get().proven_until
    credentials.proven_until = None
    fake_twilio.add_fault("unavailable")
    verdict = verify_connection(credentials, client=BROWSER)
    assert verdict.code == "twilio_unavailable" and not verdict.blames_credentials
    assert TwilioCredentials.objects.get().proven_until == until


def test_a_report_that_speaks_against_it_ends_a_proof_at_once(alice, fake_twilio):
    credentials = connect(alice)
    end_proof(credentials)
    assert not credentials.is_proven
    assert not TwilioCredentials.objects.get().is_proven


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_are_answered_by_one_check(alice, fake_twilio):
    credentials = lapse(connect(alice))
    fake_twilio.add_fault("slow", seconds=0.3)
    before = count(fake_twilio)
    once = len(verify_and_count(fake_twilio, [credentials]))
    assert once == 1
    alone = count(fake_twilio) - before

    before = count(fake_twilio)
    rows = [lapse(credentials) for _ in range(4)]
    verdicts = verify_and_count(fake_twilio, rows)
    assert [verdict.code for verdict in verdicts] == ["ok"] * 4
    assert all(row.is_proven for row in rows)
    assert count(fake_twilio) - before == alone


@pytest.mark.django_db(transaction=True)
def test_one_failed_check_is_one_login_failure_however_many_waited(alice, fake_twilio):
    credentials = lapse(connect(alice))
    fake_twilio.change_account(DEMO_SID, auth_token="new")
    fake_twilio.add_fault("slow", seconds=0.3)
    verdicts = verify_and_count(fake_twilio, [lapse(credentials) for _ in range(3)])
    assert {verdict.code for verdict in verdicts} == {"wrong_auth_token"}
    assert LoginFailure.objects.count() == 1


def verify_and_count(fake, rows):
    """Verifies all `rows` at the same time; their verdicts."""
    start = threading.Barrier(len(rows))
    verdicts = []

    def verify(row):
        start.wait(timeout=10)
        try:
            verdicts.append(verify_connection(row, client=BROWSER))
        finally:
            database.close()

    threads = [threading.Thread(target=verify, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return verdicts


@pytest.fixture
def during_the_check(monkeypatch):
    """Has a function run when a check has been answered by Twilio and nothing of it is stored yet.

    It runs on a database connection of its own, as in another server.
    """

    def arrange(do):
        def verify(*args, **options):
            result = verify_credentials(*args, **options)
            monkeypatch.undo()
            with ThreadPoolExecutor(max_workers=1) as threads:
                threads.submit(run_and_close, do).result(timeout=10)
            return result

        monkeypatch.setattr(proof, "verify_credentials", verify)

    return arrange


def run_and_close(do):
    try:
        return do()
    finally:
        database.close()


def read():
    return TwilioCredentials.objects.select_related("account", "user").get()


@pytest.mark.django_db(transaction=True)
def test_a_doubt_in_another_server_is_not_outlived_by_a_check_that_began_before_it(
    alice, fake_twilio, during_the_check
):
    credentials = lapse(connect(alice))
    during_the_check(lambda: end_proof(read()))
    assert verify_connection(credentials, client=BROWSER).is_ok
    assert not credentials.is_proven and not read().is_proven
    assert AccountEvent.objects.filter(kind="check_passed").count() == 1
    assert verify_connection(read(), client=BROWSER).is_ok
    assert read().is_proven


@pytest.mark.django_db(transaction=True)
def test_what_was_found_after_a_doubt_stands_against_what_was_found_before_it(
    alice, fake_twilio, during_the_check
):
    credentials = lapse(connect(alice))
    fake_twilio.change_account(DEMO_SID, auth_token="new")

    def repair_and_doubt():
        fake_twilio.change_account(DEMO_SID, auth_token=catalogue.auth_token(catalogue.DEMO))
        row = read()
        end_proof(row)
        assert verify_connection(row, client=BROWSER).is_ok

    during_the_check(repair_and_doubt)
    assert verify_connection(credentials, client=BROWSER).code == "wrong_auth_token"
    stored = read()
    assert stored.is_proven and (stored.verdict, stored.stopped_at) == ("ok", None)
    assert LoginFailure.objects.get().verdict == "wrong_auth_token"


@pytest.mark.django_db(transaction=True)
def test_connecting_anew_during_a_check_leaves_nothing_of_it(alice, fake_twilio, during_the_check):
    credentials = lapse(connect(alice))
    fake_twilio.change_account(DEMO_SID, auth_token="new")

    def repair_and_connect():
        fake_twilio.change_account(DEMO_SID, auth_token=catalogue.auth_token(catalogue.DEMO))
        connect(alice)

    during_the_check(repair_and_connect)
    assert verify_connection(credentials, client=BROWSER).code == "wrong_auth_token"
    assert read().is_proven and not LoginFailure.objects.exists()
    assert read().proof_version > credentials.proof_version


@pytest.mark.django_db(transaction=True)
def test_who_asks_after_a_doubt_does_not_share_the_check_from_before(alice, fake_twilio, during_the_check):
    credentials = lapse(connect(alice))
    asked = []

    def doubt_and_ask():
        row = read()
        end_proof(row)
        before = count(fake_twilio)
        verify_connection(row, client=BROWSER)
        asked.append(count(fake_twilio) - before)

    during_the_check(doubt_and_ask)
    verify_connection(credentials, client=BROWSER)
    assert asked[0] > 0 and read().is_proven


def test_credentials_replaced_during_a_check_are_not_proven_by_it(alice, fake_twilio):
    stale = lapse(connect(alice))
    TwilioCredentials.objects.get().save()
    TwilioCredentials.objects.update(proven_until=None)
    assert verify_connection(stale, client=BROWSER).is_ok
    assert not TwilioCredentials.objects.get().is_proven


def test_credentials_removed_during_a_check_are_no_crash(alice, fake_twilio):
    stale = lapse(connect(alice))
    disconnect(alice)
    assert verify_connection(stale, client=BROWSER).code == "api_key_not_found"
    assert not LoginFailure.objects.exists()


def test_one_persons_check_uses_nobody_elses_credentials(alice, bob, fake_twilio):
    connect(bob, "other")
    credentials = lapse(connect(alice))
    fake_twilio.control("DELETE", "requests")
    verify_connection(credentials, client=BROWSER)
    assert {one["who"] for one in fake_twilio.requests()} == {DEMO_SID, credentials.api_key_sid}


def test_a_check_of_what_is_stored_does_not_ask_for_the_keys_kind(alice, fake_twilio):
    credentials = lapse(connect(alice))
    fake_twilio.control("DELETE", "requests")
    verify_connection(credentials, client=BROWSER)
    assert {one["host"] for one in fake_twilio.requests()} == {"api.twilio.com"}
    fake_twilio.control("DELETE", "requests")
    verify_credentials(Candidate.of(credentials))
    assert "iam.twilio.com" in {one["host"] for one in fake_twilio.requests()}
