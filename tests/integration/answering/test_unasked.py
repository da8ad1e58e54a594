"""Calls that Twilio could not ask us about: found in its list, with what it says went wrong."""

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.core.cache import cache
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from fake_twilio import catalogue
from phone.answering import unasked
from phone.answering.unasked import look_for_unasked
from phone.call_failures.groups import CallFailureGroup
from phone.calls.call import Call
from phone.causes.describing import describe_cause
from phone.recents.recent_call import RecentCall
from tests.connections import connect
from tests.fake_control import FakeTwilio
from tests.integration.answering.conftest import NUMBER, make_rules
from tests.integration.answering.test_with_twilio import call_in, wait_for
from tests.tasks import run_tasks

API = f"/2010-04-01/Accounts/{catalogue.account_sid(catalogue.DEMO)}"


@pytest.fixture
def account(
    fake_twilio: FakeTwilio,
    live_server: Any,
    settings: Any,
    alice: User,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
) -> TwilioAccount:
    """Alice and Bob, connected for a while, whose number asks an address that there is not."""
    settings.PUBLIC_URL = live_server.url
    account = connect(alice).account
    connect(bob)
    run_tasks()
    begin_connection(timezone.now() - timedelta(minutes=5))
    number = PhoneNumber.objects.get(account=account, phone_number=NUMBER, points_here=True)
    ask(
        fake_twilio,
        "POST",
        f"/IncomingPhoneNumbers/{number.sid}.json",
        VoiceUrl=f"{live_server.url}/nowhere/",
    )
    monkeypatch.setattr(unasked, "SETTLED", timedelta())
    cache.clear()
    return account


def ask(fake: FakeTwilio, method: str, path: str, **data: str) -> Any:
    answer = requests.request(
        method,
        f"{fake.base_url}{API}{path}",
        headers={"X-Twilio-Host": "api.twilio.com"},
        auth=(catalogue.account_sid(catalogue.DEMO), catalogue.auth_token(catalogue.DEMO)),
        data=data,
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()


def begin_connection(at: Any) -> None:
    TwilioCredentials.objects.update(created_at=at)


def call_in_vain(fake: FakeTwilio, **how: Any) -> str:
    sid = call_in(fake, **how)
    wait_for(lambda: ask(fake, "GET", f"/Calls/{sid}.json")["status"] == "completed")
    return sid


def count_asked(fake: FakeTwilio) -> int:
    return sum(one["path"].endswith(("/Calls.json", "/Notifications.json")) for one in fake.requests())


def test_one_is_kept_with_its_cause_for_whom_the_number_names(
    account: TwilioAccount, fake_twilio: FakeTwilio, alice: User, bob: User
) -> None:
    make_rules(account, bob)
    sid = call_in_vain(fake_twilio)
    assert not Call.objects.exists()
    assert look_for_unasked() == 1
    call = Call.objects.get()
    assert (call.call_sid, call.direction, call.user, call.to_address) == (sid, "incoming", None, NUMBER)
    assert (call.cause, call.status) == ("webhook_failed", "no-answer")
    words = "Twilio asked Dog n Bone's own server what to do with the call, and got HTTP 404."
    assert describe_cause(call).words == words
    body = ask(fake_twilio, "GET", f"/Calls/{sid}.json")
    assert call.started_at.strftime("%a, %d %b %Y %H:%M:%S +0000") == body["start_time"]
    row = RecentCall.objects.get()
    assert (row.user, row.cause, row.is_missed) == (bob, "webhook_failed", True)
    assert row.started_at == call.started_at
    assert CallFailureGroup.objects.get().cause == "webhook_failed"
    assert "nowhere" not in str(call.cause_facts)
    # Once, and without a question more about it.
    before = count_asked(fake_twilio)
    assert look_for_unasked() == 0
    assert count_asked(fake_twilio) == before + 1


def test_what_was_before_the_connection_and_what_others_answer_is_left_alone(
    account: TwilioAccount, fake_twilio: FakeTwilio, settings: Any, alice: User
) -> None:
    call_in_vain(fake_twilio)
    begin_connection(timezone.now() + timedelta(minutes=1))
    assert look_for_unasked() == 0
    begin_connection(timezone.now() - timedelta(minutes=5))
    # The address that failed is of another server.
    settings.PUBLIC_URL = "https://elsewhere.example.com"
    before = count_asked(fake_twilio)
    assert [look_for_unasked(), look_for_unasked()] == [0, 0]
    # One question about the call, and the list twice.
    assert count_asked(fake_twilio) == before + 3
    PhoneNumber.objects.update(points_here=False)
    assert look_for_unasked() == 0
    assert count_asked(fake_twilio) == before + 3
    assert not Call.objects.exists()


def test_twilio_that_does_not_say_is_asked_again_at_the_next_look(
    account: TwilioAccount, fake_twilio: FakeTwilio
) -> None:
    sid = call_in_vain(fake_twilio, **{"from": "anonymous"})
    for path in ("/Calls.json", "/Notifications.json"):
        laid = fake_twilio.add_fault("unavailable", path=path)
        assert look_for_unasked() == 0
        fake_twilio.control("DELETE", f"faults/{laid}")
    assert look_for_unasked() == 1
    assert (Call.objects.get().call_sid, Call.objects.get().from_address) == (sid, "withheld")


def test_of_many_a_run_asks_about_some_and_the_next_about_the_rest(
    account: TwilioAccount, fake_twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unasked, "MOST_QUESTIONS", 1)
    for _ in range(2):
        call_in_vain(fake_twilio)
    assert [look_for_unasked() for _ in range(3)] == [1, 1, 0]
    assert Call.objects.filter(cause="webhook_failed").count() == 2
