"""What became of a call is read without having been there: on the timeline, and in the support report."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls.conferences import Conference
from phone.device.events import DeviceEvent
from phone.timeline.support_report import build_support_report
from phone.timeline.timeline import Entry
from phone.timeline.trails import get_person_trail
from tests.failed_calls import add_leg, end_call
from tests.webhook_requests import make_member

NUMBER = "+442071838750"
MASKED = "+•••••••••750"
PAGE = uuid.UUID(int=9)
NOW = timezone.now()


def at(seconds: float) -> datetime:
    return NOW - timedelta(minutes=10) + timedelta(seconds=seconds)


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    User.objects.filter(pk=bob.pk).update(name="Bob")
    bob.refresh_from_db()
    account = make_member(alice)
    make_member(bob)
    return account


def read(person: User) -> list[Entry]:
    return [entry for entry in get_person_trail(person, sought=NOW).timeline.entries if entry.kind == "call"]


def call_out(account: TwilioAccount, alice: User, cause: str, **fields: Any) -> Any:
    facts = {"user": alice, "from_address": f"client:{alice.identity}", "started_at": at(0), **fields}
    return end_call(account, cause, at=at(120), **facts)


def test_a_call_that_failed_says_why_and_with_which_code(account: TwilioAccount, alice: User) -> None:
    call = call_out(account, alice, "busy")
    add_leg(call, "called", NUMBER, sip_response_code=486, status="busy", cause="busy")
    [entry] = read(alice)
    assert entry.title == f"Outgoing call to {MASKED}: Busy (SIP 486)"


def test_a_call_that_went_well_says_no_more_than_how_long(account: TwilioAccount, alice: User) -> None:
    call_out(account, alice, "answered", answered_at=at(10))
    [entry] = read(alice)
    assert entry.title == f"Outgoing call to {MASKED}"
    assert "1 min 50 s" in entry.detail


def test_a_transfer_and_a_conference_read_as_what_happened(
    account: TwilioAccount, alice: User, bob: User, mallory: User
) -> None:
    conference = Conference.objects.create(account=account, created_at=at(30), started_at=at(31))
    call = call_out(account, alice, "answered", answered_at=at(5), conference=conference)
    there = {"conference": conference, "joined_at": at(32), "answered_at": at(5)}
    add_leg(call, "caller", f"client:{alice.identity}", user=alice, **{**there, "left_at": at(60)})
    add_leg(call, "called", NUMBER, asked_at=at(1), **there)
    asked = {"user": mallory, "asked_at": at(40), "status": "no-answer"}
    add_leg(call, "consulted", f"client:{mallory.identity}", cause="declined", sip_response_code=603, **asked)
    given = {"user": bob, "asked_at": at(50), "joined_at": at(55), "answered_at": at(55)}
    add_leg(call, "transferred_to", f"client:{bob.identity}", conference=conference, **given)
    titles = [(entry.title, entry.tone, entry.detail.partition(" · ")[0]) for entry in read(alice)]
    assert titles == [
        (f"Outgoing call to {MASKED}", "plain", "completed"),
        ("The call went on in a conference", "plain", f"with {alice.display_name}, {MASKED}, Bob"),
        (f"{mallory.display_name} was asked before a transfer", "bad", "Declined (SIP 603)"),
        ("The call was transferred to Bob", "plain", "talked for 1 min 5 s"),
        (f"{alice.display_name} left the call", "plain", "the others went on"),
    ]
    [of_bob] = read(bob)
    assert of_bob.title == "The call was transferred to Bob"
    assert f"Outgoing call to {MASKED}, of {alice.display_name}" in of_bob.detail


def test_a_call_that_goes_on_says_who_is_held(account: TwilioAccount, alice: User) -> None:
    call = call_out(account, alice, "", ended_at=None, status="in-progress", answered_at=at(5))
    add_leg(call, "added", NUMBER, ended_at=None, answered_at=at(6), is_held=True)
    assert read(alice)[1].detail.startswith("is held")


def test_a_support_report_tells_calls_by_causes_and_codes_and_nobodys_number(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    DeviceEvent.objects.create(
        event_id=uuid.uuid4(),
        user=alice,
        email=alice.email,
        page_session=PAGE,
        seq=1,
        state="ready",
        reported_at=at(0),
        received_at=at(0),
    )
    call = call_out(account, alice, "busy")
    add_leg(call, "called", NUMBER, sip_response_code=486, cause="busy", status="busy")
    call_out(account, bob, "declined")
    report = build_support_report(alice, PAGE)
    assert "Calls while the page was there, oldest first (1):" in report
    assert f"outgoing call · busy · Busy (SIP 486) · …{call.call_sid[-6:]}" in report
    assert "called · the telephone network · Busy (SIP 486)".lower() in report.lower()
    for hidden in (NUMBER, "750", call.call_sid, alice.identity):
        assert hidden not in report
