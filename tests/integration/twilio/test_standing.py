"""Who hears that stored credentials stopped working, how often, and what an outage must never say."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core.mail.backends import locmem
from django.db import DatabaseError, transaction
from django.db import connection as database
from django.utils import timezone

from accounts.audit.journal import AccountEvent
from accounts.failures.groups import FailureGroup
from accounts.failures.login_failures import LoginFailure
from accounts.sealing.fields import Secret
from accounts.twilio import standing
from accounts.twilio.connection import connect_twilio, disconnect_twilio
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.proof import verify_again
from accounts.twilio.standing import settle_check
from accounts.verdicts.verdict import build_verdict
from fake_twilio import catalogue
from phone.device.diagnosis import diagnose
from phone.device.recording import record_device_event
from tests.commits import committed
from tests.conftest import signed_in
from tests.connections import BROWSER, build_candidate, connect
from tests.device_socket import build_error, build_event
from tests.tasks import read_outbox

DEMO_SID = catalogue.account_sid(catalogue.DEMO)


@pytest.fixture
def credentials(alice, fake_twilio):
    return connect(alice)


@pytest.fixture
def pushed(monkeypatch):
    frames = []
    monkeypatch.setattr(standing, "push_to_user", lambda user_id, frame: frames.append((user_id, frame)))
    return frames


def check():
    """One check of the stored credentials, as any server would make it."""
    with committed():
        return verify_again(TwilioCredentials.objects.select_related("account", "user").get(), client=BROWSER)


def rotate(fake):
    return fake.change_account(DEMO_SID, auth_token="new")["auth_token"]


def test_the_owner_is_mailed_once_and_told_why_and_where(credentials, fake_twilio):
    rotated = rotate(fake_twilio)
    for _ in range(3):
        assert check().code == "wrong_auth_token"
    (message,) = read_outbox()
    assert message.to == ["alice@example.com"] and message.subject == "Your Twilio login stopped working"
    assert "Auth Token" in message.body and DEMO_SID[-4:] in message.body
    assert "http://localhost:8000/accounts/twilio/" in message.body
    secrets = (rotated, catalogue.auth_token(catalogue.DEMO), credentials.api_key_secret.reveal(), DEMO_SID)
    assert not any(secret in message.body for secret in secrets)
    assert LoginFailure.objects.filter(shown_by="check").count() == 3


def test_open_pages_hear_of_it_once(alice, credentials, fake_twilio, pushed):
    rotate(fake_twilio)
    check()
    check()
    ((user_id, frame),) = pushed
    assert user_id == alice.pk
    assert (frame["type"], frame["verdict"]["code"]) == ("verdict", "wrong_auth_token")


def test_when_it_works_again_the_owner_hears_that_once_too(alice, credentials, fake_twilio, pushed):
    rotate(fake_twilio)
    check()
    since = TwilioCredentials.objects.get().stopped_at
    assert since is not None and len(read_outbox()) == 1
    fake_twilio.change_account(DEMO_SID, auth_token=catalogue.auth_token(catalogue.DEMO))
    check()
    check()
    assert [message.subject for message in read_outbox()][1:] == ["Your Twilio login works again"]
    assert pushed[1:] == [(alice.pk, {"type": "credentials_changed"})]
    stored = TwilioCredentials.objects.get()
    assert (stored.stopped_at, stored.stopped_verdict, stored.owner_told_at) == (None, "", None)


@pytest.mark.parametrize(
    "fault", ["unavailable", "rate limited", "reset", "portal page", "garbage", "html error"]
)
def test_an_outage_tells_nobody_that_they_are_wrong(fault, credentials, fake_twilio, pushed):
    fake_twilio.add_fault(fault)
    assert not check().is_judged
    stored = TwilioCredentials.objects.get()
    assert read_outbox() == [] and pushed == [] and stored.stopped_at is None
    assert stored.is_proven


def test_an_outage_does_not_say_that_it_works_again_either(credentials, fake_twilio, pushed):
    rotate(fake_twilio)
    check()
    fake_twilio.add_fault("unavailable")
    check()
    assert len(read_outbox()) == len(pushed) == 1
    assert TwilioCredentials.objects.get().stopped_verdict == "wrong_auth_token"


def test_a_fault_of_the_servers_own_clock_is_not_the_owners(credentials, fake_twilio):
    fake_twilio.add_fault("wrong clock")
    assert check().code == "clock_skew"
    assert read_outbox() == [] and TwilioCredentials.objects.get().stopped_at is None


def test_another_cause_is_kept_without_another_mail(credentials, fake_twilio):
    rotate(fake_twilio)
    check()
    fake_twilio.change_account(DEMO_SID, auth_token=catalogue.auth_token(catalogue.DEMO), status="suspended")
    assert check().code == "account_suspended"
    assert TwilioCredentials.objects.get().stopped_verdict == "account_suspended"
    assert len(read_outbox()) == 1


def test_a_mail_that_could_not_be_sent_is_tried_again_and_stops_nothing(
    credentials, fake_twilio, monkeypatch, pass_time
):
    def fail(self, messages):
        raise SMTPServerDisconnected("gone")

    rotate(fake_twilio)
    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", fail)
        assert check().code == "wrong_auth_token"
        assert read_outbox() == []
    pass_time(timedelta(minutes=1))
    assert len(read_outbox()) == 1


def test_news_that_is_old_before_it_was_sent_is_not_sent_at_all(credentials, fake_twilio):
    rotate(fake_twilio)
    check()
    fake_twilio.change_account(DEMO_SID, auth_token=catalogue.auth_token(catalogue.DEMO))
    check()
    assert read_outbox() == []


def test_bad_news_that_was_not_sent_does_not_arrive_after_the_credentials_were_replaced_or_removed(
    alice, bob, credentials, fake_twilio
):
    connect(bob)
    read_outbox().clear()
    rotated = rotate(fake_twilio)
    for one in TwilioCredentials.objects.select_related("account", "user"):
        verify_again(one, client=BROWSER)
    connect_twilio(user=alice, candidate=build_candidate(auth_token=rotated), client=BROWSER)
    disconnect_twilio(user=bob)
    assert read_outbox() == []


def test_who_was_never_told_of_the_fault_is_not_told_of_its_end(credentials, fake_twilio):
    TwilioCredentials.objects.update(stopped_at=timezone.now(), stopped_verdict="account_suspended")
    check()
    assert read_outbox() == []
    assert TwilioCredentials.objects.get().stopped_at is None


def test_nobody_writes_to_a_person_who_was_deactivated(alice, credentials, fake_twilio):
    type(alice).objects.update(is_active=False)
    rotate(fake_twilio)
    check()
    assert read_outbox() == []


def test_each_owner_hears_of_their_own_credentials_only(alice, bob, credentials, fake_twilio):
    connect(bob, "other")
    rotate(fake_twilio)
    for one in TwilioCredentials.objects.select_related("account", "user"):
        verify_again(one, client=BROWSER)
    assert [message.to for message in read_outbox()] == [["alice@example.com"]]


def test_what_was_replaced_meanwhile_is_not_called_bad(credentials, fake_twilio):
    old = TwilioCredentials.objects.select_related("account", "user").get()
    rotated = rotate(fake_twilio)
    new = TwilioCredentials.objects.get()
    new.auth_token = Secret(rotated)
    new.save()
    verify_again(old, client=BROWSER)
    assert read_outbox() == [] and TwilioCredentials.objects.get().stopped_at is None


def test_connecting_anew_ends_it_without_a_mail(alice, credentials, fake_twilio):
    rotated = rotate(fake_twilio)
    check()
    assert len(read_outbox()) == 1
    connect(alice, auth_token=rotated)
    assert TwilioCredentials.objects.get().stopped_at is None
    assert len(read_outbox()) == 1


def test_a_device_that_fails_and_a_check_by_night_tell_the_owner_once_together(alice, fake_twilio):
    key = catalogue.key_sid("demo standard")
    connect(alice, api_key_sid=key, api_key_secret=catalogue.key_secret("demo standard"))
    fake_twilio.control("POST", f"accounts/{DEMO_SID}/keys/{key}")
    report = build_error(31202, message="JWT signature validation failed")
    event = record_device_event(user=alice, page_session=uuid.uuid4(), report=report, client=BROWSER)
    with committed():
        assert diagnose(event).code == "wrong_api_secret"
    assert check().code == "wrong_api_secret"
    assert [message.to for message in read_outbox()] == [["alice@example.com"]]
    assert "API key" in read_outbox()[0].body


def test_a_network_that_keeps_the_browser_away_is_no_matter_for_a_mail(alice, credentials):
    report = build_event(state="offline", sdk_event="watchdog", message="socket-timeout")
    event = record_device_event(user=alice, page_session=uuid.uuid4(), report=report, client=BROWSER)
    assert diagnose(event).code == "browser_network"
    assert read_outbox() == [] and TwilioCredentials.objects.get().stopped_at is None


@pytest.mark.django_db(transaction=True)
def test_checks_that_end_at_the_same_moment_tell_the_owner_once_together(alice, fake_twilio):
    connect(alice)
    rotate(fake_twilio)
    verdict = build_verdict("wrong_auth_token")
    start = threading.Barrier(6)

    def settle(row):
        try:
            start.wait(timeout=10)
            settle_check(row, verdict, client=BROWSER)
        finally:
            database.close()

    rows = [TwilioCredentials.objects.select_related("account", "user").get() for _ in range(6)]
    with ThreadPoolExecutor(max_workers=6) as threads:
        list(threads.map(settle, rows))
    assert len(read_outbox()) == 1
    assert LoginFailure.objects.count() == 6


class FailAt:
    """Breaks a transaction off at its statement of this number, as if the process or the database ended."""

    def __init__(self, number):
        self.left = number

    def __call__(self, execute, statement, parameters, many, context):
        if database.in_atomic_block and statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            if self.left == 0:
                raise DatabaseError("gone")
            self.left -= 1
        return execute(statement, parameters, many, context)


def see_all():
    rows = [
        *TwilioCredentials.objects.values(*STANDING),
        *LoginFailure.objects.values("verdict"),
        *AccountEvent.objects.values("kind"),
        *FailureGroup.objects.values(),
    ]
    return rows, len(read_outbox())


STANDING = ("verdict", "checked_at", "proven_until", "stopped_at", "stopped_verdict", "owner_told_at")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("was_bad", [False, True])
def test_a_check_that_is_broken_off_while_it_is_stored_leaves_nothing(was_bad, credentials, fake_twilio):
    """Whichever statement is the last: verdict, proof, failure, event and what is told come together."""
    if was_bad:
        rotate(fake_twilio)
        check()
    verdict = build_verdict("ok" if was_bad else "wrong_auth_token")
    before = see_all()
    row = TwilioCredentials.objects.select_related("account", "user").get()
    number, is_done = 0, False
    while not is_done:
        with database.execute_wrapper(FailAt(number)), suppress(DatabaseError):
            settle_check(row, verdict, client=BROWSER)
            is_done = True
        assert is_done or see_all() == before
        number += 1
    assert number > 3
    rows, mails = see_all()
    assert rows != before[0] and mails == before[1] + 1
    assert TwilioCredentials.objects.get().verdict == verdict.code


def test_nobody_is_told_of_what_was_not_stored(credentials, fake_twilio, pushed):
    with committed(), suppress(DatabaseError), transaction.atomic():
        settle_check(credentials, build_verdict("wrong_auth_token"), client=BROWSER)
        raise DatabaseError("gone")
    assert read_outbox() == [] and TwilioCredentials.objects.get().owner_told_at is None


def test_both_pages_say_since_when_it_is_before_the_next_call_fails(
    alice_client, bob, credentials, fake_twilio
):
    connect(bob, "other")
    pages = ("/", "/accounts/twilio/")
    for page in pages:
        assert "stopped working" not in alice_client.get(page).content.decode()
    rotate(fake_twilio)
    verify_again(credentials, client=BROWSER)
    for page in pages:
        assert "Your Twilio login stopped working just now" in alice_client.get(page).content.decode()
        assert "stopped working" not in signed_in(bob).get(page).content.decode()
    assert 'href="/accounts/twilio/">Put it right</a>' in alice_client.get("/").content.decode()
