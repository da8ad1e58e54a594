"""A ring follows its person, by the rows and in the orders in which Twilio may tell of it."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.calls.legs import CallLeg
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from phone.device.recording import record_device_event
from phone.in_call import following
from phone.in_call.inviting import give_up
from phone.in_call.state import build_states
from tests.integration.in_call.test_rows import account as account
from tests.integration.in_call.test_rows import answer_by, tell_leg
from tests.webhook_requests import build_call_sid, post


def open_page(user: User, **fields: object) -> DevicePresence:
    return DevicePresence.objects.create(
        user=user, page_session=uuid.uuid4(), socket=uuid.uuid4(), last_alive_at=timezone.now(), **fields
    )


def register(user: User, page: DevicePresence) -> DeviceEvent:
    """What is asked of Twilio then is left to the test."""
    report = {
        "id": str(uuid.uuid4()),
        "seq": 1,
        "state": "ready",
        "sdk_event": "registered",
        "code": None,
        "original_code": None,
        "message": "",
        "at": timezone.now().isoformat(),
    }
    record_device_event(
        user=user, page_session=page.page_session, report=report, client=ClientInfo("127.0.0.1", "")
    )
    return DeviceEvent.objects.latest("pk")


@pytest.fixture
def call(account: TwilioAccount, alice: User) -> Call:
    """A call from outside that rings at alice's Device and at bob's."""
    page = open_page(alice, state="ready")
    post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)
    page.delete()
    return Call.objects.get()


# How the Dial has ended that is asked for again.
AGAIN = "?over=no-answer&code="


@contextmanager
def asking(monkeypatch: pytest.MonkeyPatch, **asked: Callable[..., Any]) -> Iterator[None]:
    """What Twilio is asked meanwhile, by the name that `following` knows it by."""
    with monkeypatch.context() as patch:
        for name, answer in asked.items():
            patch.setattr(following, name, answer)
        patch.setattr(following, "get_own_login", lambda *_: None)
        yield


def follow(user: User, monkeypatch: pytest.MonkeyPatch, name: str = "second") -> CallLeg:
    """Another page of theirs is the phone, and Twilio has it rung."""
    event = register(user, open_page(user, state="ready"))
    with asking(monkeypatch, place_call=lambda *_: build_call_sid(name), MAY_RING_WITHIN=timedelta(0)):
        following.ring_where_ready(event.pk)
    return CallLeg.objects.get(call_sid=build_call_sid(name))


def answer_there(leg: CallLeg) -> str:
    """What Twilio is told to do with the page that has answered."""
    asked = post(
        "answer_following",
        leg.call.account,
        CallSid=leg.call_sid,
        query=f"?leg={leg.label}",
        CallStatus="in-progress",
    )
    return str(asked.content.decode())


def ask_again(account: TwilioAccount) -> str:
    """What the caller is told to do who waits for a page to come."""
    asked = post("dial_action", account, query=AGAIN, CallStatus="in-progress")
    return str(asked.content.decode())


@pytest.fixture
def rung(call: Call, alice: User) -> CallLeg:
    """As Twilio tells of it, alice's Device rings."""
    for number, status in enumerate(("initiated", "ringing")):
        tell_leg(call.account, alice, "agent", status, number)
    return CallLeg.objects.get(call_sid=build_call_sid("agent"))


def test_a_ring_that_ends_before_anything_else_is_told_of_it_is_kept_for_the_page_that_comes(
    call: Call, alice: User
) -> None:
    open_page(alice, is_spare=True, state="offline")
    tell_leg(call.account, alice, "agent", "no-answer", 2)
    leg = CallLeg.objects.get(call_sid=build_call_sid("agent"))
    assert (leg.user, leg.status, leg.ended_at) == (alice, "ringing", None)
    # What was told first comes at last.
    tell_leg(call.account, alice, "agent", "ringing", 1)
    tell_leg(call.account, alice, "agent", "initiated", 0)
    leg.refresh_from_db()
    assert leg.ended_at is None
    assert [state["state"] for state in build_states(alice)] == ["ringing"]


def test_where_no_page_can_come_such_a_ring_has_ended(call: Call, alice: User) -> None:
    tell_leg(call.account, alice, "agent", "no-answer", 2)
    leg = CallLeg.objects.get(call_sid=build_call_sid("agent"))
    assert (leg.status, leg.ended_at is None) == ("no-answer", False)


def test_a_number_that_does_not_answer_waits_for_no_page(call: Call, alice: User) -> None:
    open_page(alice, is_spare=True, state="offline")
    post(
        "call_status",
        call.account,
        CallSid=build_call_sid("outside"),
        ParentCallSid=build_call_sid(),
        To=catalogue.STRANGER_NUMBER,
        CallStatus="no-answer",
        SequenceNumber="2",
    )
    assert CallLeg.objects.get(call_sid=build_call_sid("outside")).ended_at is not None


def test_nobody_is_rung_for_a_call_that_a_colleague_has_answered(
    call: Call, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*unused: object) -> str:
        raise AssertionError("Twilio was asked.")

    monkeypatch.setattr(following, "place_call", ask)
    # Nothing of it is in doubt by now.
    monkeypatch.setattr(following, "MAY_RING_WITHIN", timedelta(0))
    for number, status in enumerate(("initiated", "ringing")):
        tell_leg(call.account, alice, "agent", status, number)
    answer_by(call.account, bob, "bobs")
    # Twilio has not told yet that alice's leg has ended with that.
    event = register(alice, open_page(alice, state="ready"))
    following.ring_where_ready(event.pk)
    assert CallLeg.objects.filter(user=alice).count() == 1


def test_a_ring_that_was_lost_is_over_once_a_colleague_has_answered(
    call: Call, alice: User, bob: User
) -> None:
    open_page(alice, is_spare=True, state="offline")
    tell_leg(call.account, alice, "agent", "ringing", 1)
    tell_leg(call.account, alice, "agent", "no-answer", 2)
    assert [state["state"] for state in build_states(alice)] == ["ringing"]
    answer_by(call.account, bob, "bobs")
    assert CallLeg.objects.get(call_sid=build_call_sid("agent")).ended_at is not None
    assert "ringing" not in [state["state"] for state in build_states(alice)]


def test_a_ring_that_ends_because_a_colleague_has_answered_is_not_lost(
    call: Call, alice: User, bob: User
) -> None:
    open_page(alice, is_spare=True, state="offline")
    tell_leg(call.account, alice, "agent", "ringing", 1)
    answer_by(call.account, bob, "bobs")
    tell_leg(call.account, alice, "agent", "no-answer", 2)
    assert CallLeg.objects.get(call_sid=build_call_sid("agent")).ended_at is not None


def test_who_waits_and_asks_before_twilio_has_sent_them_is_sent_to_whoever_has_answered(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, told = rung.call.account, []
    leg = follow(alice, monkeypatch)
    # Nobody was called by this one.
    give_up(
        CallLeg.objects.create(call=rung.call, role="added", route="client", address="client:x"), cause=""
    )
    with asking(monkeypatch, redirect_leg=lambda *_: told.append(ask_again(account))):
        document = answer_there(leg)
    assert leg.label in document
    assert "<Conference" in told[0] and CallLeg.objects.get(call_sid=build_call_sid()).label in told[0]
