"""Letters lie sealed until a worker has sent them, and no longer; no request waits for the mail server."""

import re
from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.apps import apps
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends import locmem
from django.db import OperationalError
from django.db.models import QuerySet
from django.test import Client
from django_tasks_db.models import DBTaskResult

from accounts.letters import Letter, post, withdraw
from accounts.people import User
from accounts.sealing.encryption import make_credential_key
from tests.tasks import read_outbox, run_tasks


def write(subject: str = "Hello", about: str = "") -> None:
    post(EmailMessage(subject, "Text.", to=["alice@example.com"]), about=about)


def search_database(text: str) -> list[str]:
    """The tables in which `text` lies in clear, in whatever column."""
    found = []
    for model in apps.get_models():
        for row in model._base_manager.values_list():
            values = [bytes(one) if isinstance(one, memoryview) else one for one in row]
            if text in str(values):
                found.append(model.__name__)
    return found


def test_the_key_to_a_new_password_lies_nowhere_in_clear(alice: User, client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": alice.email})
    waiting = Letter.objects.get().content.reveal()
    key = re.search(r"/password/reset/key/([^/\\\s]+)", waiting)
    assert key is not None
    assert search_database(key[1]) == [] and search_database(alice.email) != []
    (letter,) = read_outbox()
    assert key[1] in letter.body
    assert not Letter.objects.exists() and search_database(key[1]) == []


def test_signing_up_asks_no_mail_server(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", lambda *arguments: pytest.fail("asked"))
        fields = {"email": "new@example.com", "password1": "a-bone-for-all", "password2": "a-bone-for-all"}
        assert client.post("/accounts/signup/", fields).status_code == 302
    (letter,) = read_outbox()
    assert letter.to == ["new@example.com"] and "/accounts/confirm-email/" in letter.body


def test_a_letter_arrives_as_it_was_written(db: None) -> None:
    letter = EmailMultiAlternatives("Zwei", "Text.", "a@example.com", ["b@example.com"], headers={"X-A": "1"})
    letter.attach_alternative("<b>Text.</b>", "text/html")
    post(letter)
    (sent,) = read_outbox()
    assert (sent.subject, sent.body, sent.from_email, sent.to) == (
        "Zwei",
        "Text.",
        "a@example.com",
        ["b@example.com"],
    )
    assert sent.extra_headers["X-A"] == "1" and sent.alternatives[0][0] == "<b>Text.</b>"


def test_a_letter_that_is_sent_twice_is_the_same_letter(
    db: None, monkeypatch: pytest.MonkeyPatch, pass_time: Callable[[timedelta], None]
) -> None:
    def lose_the_database(rows: Any) -> None:
        raise OperationalError

    write()
    with monkeypatch.context() as patch:
        # Between the mail server's answer and the next statement.
        patch.setattr(QuerySet, "delete", lose_the_database)
        run_tasks()
    pass_time(timedelta(minutes=1))
    first, second = read_outbox()
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_a_letter_whose_key_is_lost_is_given_up(db: None, settings: Any) -> None:
    write()
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    assert read_outbox() == []
    assert DBTaskResult.objects.get().status == "FAILED" and not Letter.objects.exists()


@pytest.mark.parametrize(("status", "is_tried_again"), [(550, False), (450, True)])
def test_a_recipient_that_the_mail_server_does_not_know_is_not_tried_again(
    status: int, is_tried_again: bool, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any) -> None:
        raise SMTPRecipientsRefused({"alice@example.com": (status, b"no alice@example.com here")})

    write()
    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refuse)
    run_tasks()
    row = DBTaskResult.objects.get()
    assert (row.status, Letter.objects.exists()) == ("READY" if is_tried_again else "FAILED", is_tried_again)
    assert "alice" not in row.traceback


def test_what_is_not_true_any_more_is_taken_back(
    db: None, monkeypatch: pytest.MonkeyPatch, pass_time: Callable[[timedelta], None]
) -> None:
    def fail(*arguments: Any) -> None:
        raise SMTPServerDisconnected

    write("Bad", about="it")
    write("Other", about="another")
    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", fail)
        run_tasks()
    assert withdraw("it") and not withdraw("it")
    pass_time(timedelta(minutes=1))
    assert [letter.subject for letter in read_outbox()] == ["Other"]


def test_what_is_being_sent_may_have_arrived(db: None) -> None:
    write(about="it")
    Letter.objects.update(begun_at="2026-11-25T10:00:00Z")
    assert not withdraw("it")
    assert read_outbox() == []
