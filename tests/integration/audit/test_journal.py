"""What went well is kept beside what failed: signing in and out, connecting, a proof, disconnecting."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.append_only import AppendOnly
from accounts.audit.journal import AccountEvent
from accounts.people import User
from accounts.twilio.connection import disconnect_twilio
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.proof import verify_connection
from fake_twilio import catalogue
from tests.conftest import PASSWORD
from tests.connections import BROWSER, connect
from tests.fake_control import FakeTwilio


def read_journal(person: User) -> list[str]:
    return list(AccountEvent.objects.filter(user=person).order_by("id").values_list("kind", flat=True))


def test_signing_in_and_out_is_kept(alice: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    client.post("/accounts/logout/")
    assert read_journal(alice) == ["signed_in", "signed_out"]
    assert AccountEvent.objects.first().ip_address == "127.0.0.1"


def test_connecting_a_proof_and_disconnecting_are_kept(alice: User, fake_twilio: FakeTwilio) -> None:
    credentials = connect(alice)
    TwilioCredentials.objects.update(proven_until=timezone.now() - timedelta(minutes=1))
    credentials.refresh_from_db()
    assert verify_connection(credentials, client=BROWSER).is_ok
    assert verify_connection(credentials, client=BROWSER).is_ok
    disconnect_twilio(user=alice)
    assert read_journal(alice) == ["connected", "check_passed", "disconnected"]
    assert AccountEvent.objects.first().account_sid == catalogue.account_sid(catalogue.DEMO)


def test_the_journal_is_written_once(alice: User) -> None:
    event = AccountEvent.objects.create(kind="signed_in", user=alice, email=alice.email)
    for change in (event.save, event.delete, AccountEvent.objects.all().delete):
        with pytest.raises(AppendOnly):
            change()
    alice.delete()
    assert AccountEvent.objects.get().user is None
