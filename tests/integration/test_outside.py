"""Nobody keeps a database connection, or a transaction, while Twilio is asked."""

import uuid
from functools import partial
from typing import Any

import pytest
import requests
from django.db import connection as database
from django.db import connections, transaction

from accounts.outside import AskedInsideTransaction, leave_database
from accounts.people import User
from accounts.twilio.check import best_login
from accounts.twilio.connection import connect_twilio
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.proof import end_proof, verify_connection
from accounts.twilio.rest import fetch
from accounts.twilio.side_by_side import ask_side_by_side
from fake_twilio import catalogue
from phone.calls.confirmation import is_call_confirmed
from phone.doctor.examination import examine
from phone.tokens.answers import issue_token
from tests.connections import BROWSER, build_candidate, connect
from tests.fake_control import FakeTwilio

DEMO_SID = catalogue.account_sid(catalogue.DEMO)


def ask() -> Any:
    return fetch(best_login(build_candidate()), ".json")


def is_held() -> bool:
    return database.connection is not None


@pytest.mark.django_db(transaction=True)
class TestAConnection:
    def test_is_given_back_before_twilio_is_asked(self, alice: User, fake_twilio: FakeTwilio) -> None:
        assert is_held()
        assert ask().is_success
        assert not is_held()

    def test_is_taken_again_by_whoever_reads_on(self, alice: User, fake_twilio: FakeTwilio) -> None:
        credentials = TwilioCredentials.objects.get(pk=connect(alice).pk)
        ask()
        assert credentials.account.account_sid == DEMO_SID

    def test_is_not_kept_by_who_only_waits_for_the_answers(self, alice: User) -> None:
        mine = connections["default"]
        assert mine.connection is not None
        seen = ask_side_by_side(
            DEMO_SID, {name: partial(lambda: mine.connection is None) for name in ("one", "two", "three")}
        )
        assert list(seen.values()) == [True] * 3


@pytest.mark.django_db(transaction=True)
def test_whatever_asks_twilio_asks_without_a_connection(
    alice: User, bob: User, fake_twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What asks in this thread is seen holding none at the moment of each request."""
    held: list[bool] = []
    send = requests.Session.send

    def watch(self: requests.Session, *args: Any, **kwargs: Any) -> requests.Response:
        held.append(is_held())
        return send(self, *args, **kwargs)

    monkeypatch.setattr(requests.Session, "send", watch)
    credentials = connect(alice)
    list(examine(credentials, client=BROWSER))
    end_proof(credentials)
    assert issue_token(user=alice, client=BROWSER, page_session=uuid.uuid4()).status == 200
    keyed = connect(
        bob,
        auth_token="",
        api_key_sid=catalogue.key_sid("demo standard"),
        api_key_secret=catalogue.key_secret("demo standard"),
    )
    assert not is_call_confirmed(keyed.account, "CA" + "0" * 32)
    assert len(held) > 20 and not any(held)


class TestInsideATransaction:
    def test_nobody_is_asked(self, db: None, fake_twilio: FakeTwilio) -> None:
        with pytest.raises(AskedInsideTransaction), transaction.atomic():
            ask()
        assert fake_twilio.requests() == []

    def test_nobody_is_waited_for_either(self, db: None) -> None:
        with pytest.raises(AskedInsideTransaction), transaction.atomic():
            ask_side_by_side(DEMO_SID, {"one": list})

    def test_no_connecting_begins(self, alice: User, fake_twilio: FakeTwilio) -> None:
        with pytest.raises(AskedInsideTransaction), transaction.atomic():
            connect_twilio(user=alice, candidate=build_candidate(), client=BROWSER)
        assert fake_twilio.requests() == []

    def test_no_check_begins(self, alice: User, fake_twilio: FakeTwilio) -> None:
        credentials = connect(alice)
        end_proof(credentials)
        asked = len(fake_twilio.requests())
        with pytest.raises(AskedInsideTransaction), transaction.atomic():
            verify_connection(credentials, client=BROWSER)
        assert len(fake_twilio.requests()) == asked

    def test_that_only_wraps_a_test_the_connection_stays(self, alice: User) -> None:
        leave_database()
        assert is_held() and User.objects.filter(pk=alice.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_real_transaction_counts_as_one(alice: User, fake_twilio: FakeTwilio) -> None:
    with pytest.raises(AskedInsideTransaction), transaction.atomic():
        ask()
    assert ask().is_success
