"""Calls that come in, from end to end: a stranger at the fake Twilio, and our webhooks over HTTP."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from fake_twilio import catalogue
from phone.answering.greetings import store_sound
from phone.calls.call import Call
from tests.conftest import signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio
from tests.integration.answering.conftest import make_rules
from tests.unit.answering.test_sound import build_wav
from tests.webhook_requests import build_call_sid

NUMBER = catalogue.DEMO_NUMBER
PATIENCE = 15.0


@pytest.fixture
def account(
    fake_twilio: FakeTwilio, live_server: Any, settings: Any, alice: User, bob: User
) -> TwilioAccount:
    """Alice and Bob, whose number asks a server that really answers."""
    settings.PUBLIC_URL = live_server.url
    connect(alice)
    return connect(bob).account


def wait_for(find: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := find()):
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.05)
    return found


def call_in(fake: FakeTwilio, **how: Any) -> str:
    return str(fake.control("POST", "incoming", to=NUMBER, **how)["call_sid"])


def find_legs(fake: FakeTwilio, call_sid: str) -> list[dict[str, Any]]:
    return [leg for leg in fake.control("GET", "calls") if leg["parent_call_sid"] == call_sid]


def whom(fake: FakeTwilio, call_sid: str) -> list[str]:
    return [leg["to"] for leg in find_legs(fake, call_sid)]


def find_asked(fake: FakeTwilio, end: str) -> list[dict[str, Any]]:
    """What Twilio asked or told at the address that ends so."""
    return [one for one in fake.control("GET", "webhooks") if one["url"].partition("?")[0].endswith(end)]


def list_told(fake: FakeTwilio) -> list[str]:
    """What became of recordings, by what Twilio has told."""
    return [one["params"]["RecordingStatus"] for one in find_asked(fake, "/voicemail-status/")]


def closed() -> list[str]:
    week = [""] * 7
    week[(timezone.now().weekday() + 3) % 7] = "12:00-12:01"
    return week


def test_one_after_the_other_then_another_number_that_is_heard(
    account: TwilioAccount, fake_twilio: FakeTwilio, alice: User, bob: User
) -> None:
    make_rules(
        account,
        bob,
        alice,
        order="in_order",
        seconds=5,
        unanswered_then="number",
        unanswered_number=catalogue.HASTY_NUMBER,
    )
    call_sid = call_in(fake_twilio)
    expected = [f"client:{bob.identity}", f"client:{alice.identity}", catalogue.HASTY_NUMBER]
    wait_for(lambda: whom(fake_twilio, call_sid) == expected)
    wait_for(lambda: Call.objects.get().status == "completed")
    forwarded = find_legs(fake_twilio, call_sid)[-1]
    assert (forwarded["from"], forwarded["status"]) == (NUMBER, "completed")
    assert Call.objects.get().cause_facts["answering"]["result"] == "forwarded"


def test_a_number_that_is_busy_ends_in_a_sentence(account: TwilioAccount, fake_twilio: FakeTwilio) -> None:
    make_rules(
        account,
        week=closed(),
        closed_then="number",
        closed_number=catalogue.BUSY_NUMBER,
        closed_sentence="The shop is closed.",
    )
    call_sid = call_in(fake_twilio)
    wait_for(lambda: Call.objects.filter(ended_at__isnull=False).first())
    assert whom(fake_twilio, call_sid) == [catalogue.BUSY_NUMBER]
    call = Call.objects.get()
    assert (call.status, call.ending) == ("busy", "The shop is closed.")
    wait_for(lambda: "The shop is closed." in find_asked(fake_twilio, "/dial/")[-1]["body"])


def test_outside_opening_hours_the_greeting_is_played_and_a_message_recorded(
    account: TwilioAccount, fake_twilio: FakeTwilio, alice: User
) -> None:
    make_rules(account, week=closed(), closed_then="voicemail")
    content = build_wav(1)
    store_sound(alice, content, 1)
    call_sid = call_in(fake_twilio, hang_up_after=4)
    wait_for(lambda: list_told(fake_twilio)[-1:] == ["completed"])
    played = next(one for one in fake_twilio.control("GET", "webhooks") if one["url"].endswith(".wav"))
    assert (played["method"], played["status"]) == ("GET", 200)
    assert find_asked(fake_twilio, "/voicemail-status/")[-1]["params"]["CallSid"] == call_sid
    wait_for(lambda: find_asked(fake_twilio, "/voicemail/")[-1]["status"] == 200)
    assert whom(fake_twilio, call_sid) == []
    assert Call.objects.get().cause_facts["answering"]["why"] == "closed"
    assert not [one["error"] for one in fake_twilio.control("GET", "webhooks") if one["error"]]


class TestSendToVoicemail:
    def send(self, person: User, call_sid: str) -> Any:
        return signed_in(person).post(reverse("voicemail_deed", args=[call_sid]))

    def ring_elsewhere(self, account: TwilioAccount, fake: FakeTwilio, person: User) -> Call:
        make_rules(account, week=closed(), closed_then="number", closed_number=catalogue.UNANSWERED_NUMBER)
        call_sid = call_in(fake, hang_up_after=4)
        wait_for(lambda: whom(fake, call_sid))
        call = Call.objects.get()
        call.rung.add(person)
        return call

    def test_the_caller_leaves_a_message_and_what_rang_stops(
        self, account: TwilioAccount, fake_twilio: FakeTwilio, bob: User
    ) -> None:
        call = self.ring_elsewhere(account, fake_twilio, bob)
        response = self.send(bob, call.call_sid)
        assert (response.status_code, response.json()["call"]["call_sid"]) == (200, call.call_sid)
        assert "can" in response.json()["call"]
        wait_for(lambda: find_asked(fake_twilio, "/voicemail-status/"))
        assert [leg["status"] for leg in find_legs(fake_twilio, call.call_sid)] == ["canceled"]
        call.refresh_from_db()
        facts = call.cause_facts["answering"]
        assert (facts["result"], facts["why"], facts["by"]) == ("voicemail", "sent", bob.pk)
        assert facts["people"] == [bob.pk]
        asked = [one for one in fake_twilio.requests() if f"/Calls/{call.call_sid}" in one["path"]]
        own = TwilioCredentials.objects.get(user=bob).api_key_sid
        assert [(one["method"], one["who"]) for one in asked] == [("POST", own)]
        again = self.send(bob, call.call_sid)
        assert (again.status_code, again.json()["cause"]) == (409, "canceled")

    def test_twilio_away_is_said_and_the_call_rings_on(
        self, account: TwilioAccount, fake_twilio: FakeTwilio, bob: User
    ) -> None:
        call = self.ring_elsewhere(account, fake_twilio, bob)
        fake_twilio.add_fault("unavailable")
        response = self.send(bob, call.call_sid)
        assert (response.status_code, response.json()["cause"]) == (503, "twilio_unavailable")
        assert "It still rings" in response.json()["words"]
        call.refresh_from_db()
        assert (call.ended_at, "sent" in call.answering.taken) == (None, False)

    def test_one_that_somebody_has_answered_is_left_alone(
        self, account: TwilioAccount, fake_twilio: FakeTwilio, bob: User
    ) -> None:
        call = self.ring_elsewhere(account, fake_twilio, bob)
        Call.objects.update(answered_at=timezone.now())
        response = self.send(bob, call.call_sid)
        assert (response.status_code, response.json()["cause"]) == (409, "answered_elsewhere")
        assert not [one for one in fake_twilio.requests() if call.call_sid in one["path"]]

    def test_it_is_theirs_alone_whose_phone_rings(
        self, account: TwilioAccount, fake_twilio: FakeTwilio, alice: User, bob: User, mallory: User
    ) -> None:
        call = self.ring_elsewhere(account, fake_twilio, bob)
        for person in (alice, mallory):
            assert self.send(person, call.call_sid).status_code == 404
        for sid in (build_call_sid("no such"), "x", "CA%00", "x" * 3000):
            assert signed_in(bob).post(f"/phone/calls/{sid}/voicemail/").status_code == 404
        assert Client().post(f"/phone/calls/{call.call_sid}/voicemail/").status_code == 302
