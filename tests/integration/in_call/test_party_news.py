"""Twilio's news of who was called for a call: early, late, twice, and about what is none of an account's."""

import uuid
from typing import Any
from xml.etree import ElementTree

import pytest
from django_tasks_db.models import DBTaskResult

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.calls.conferences import Conference
from phone.calls.legs import CallLeg
from phone.in_call.inviting import give_up
from phone.in_call.state import build_states
from phone.in_call.telling import build_frames
from tests.open_pages import record_connected
from tests.webhook_requests import build_call_sid, make_member, post

OTHER = catalogue.STRANGER_NUMBER


@pytest.fixture
def tenant(db: None, alice: User) -> TwilioAccount:
    return make_member(alice)


@pytest.fixture
def call(tenant: TwilioAccount, alice: User) -> Call:
    """Alice in a room with somebody."""
    room = Conference.objects.create(account=tenant)
    call = Call.objects.create(
        account=tenant,
        call_sid=build_call_sid("caller"),
        direction="incoming",
        user=alice,
        from_address="+12025550150",
        to_address=catalogue.DEMO_NUMBER,
        status="in-progress",
        answered_at="2026-01-01T00:00:00Z",
        conference=room,
    )
    make_leg(call, "caller", call_sid=call.call_sid, status="in-progress")
    make_leg(call, "called", call_sid=build_call_sid("agent"), status="in-progress", user=alice)
    return call


def make_leg(call: Call, role: str, **fields: Any) -> CallLeg:
    wanted = {"route": "number", "address": OTHER, "status": "queued", "conference": call.conference}
    return CallLeg.objects.create(call=call, role=role, **{**wanted, **fields})


def tell(account: TwilioAccount, label: str, status: str, name: str = "other", **params: str) -> int:
    fields = {"CallSid": build_call_sid(name), "CallStatus": status, "To": OTHER, "Direction": "outbound-api"}
    query = f"?leg={label}"
    return int(post("party_status", account, query=query, **{**fields, **params}).status_code)


def list_tasks() -> list[str]:
    return [task.task_path.rpartition(".")[2] for task in DBTaskResult.objects.all()]


def test_news_finds_its_row_before_twilios_answer_does(tenant: TwilioAccount, call: Call) -> None:
    leg = make_leg(call, "consulted")
    assert tell(tenant, leg.label, "ringing", SequenceNumber="1") == 204
    assert tell(tenant, leg.label, "initiated", SequenceNumber="0") == 204
    leg.refresh_from_db()
    assert (leg.call_sid, leg.status) == (build_call_sid("other"), "ringing")
    assert call.legs.count() == 3
    for _ in range(2):
        assert tell(tenant, leg.label, "busy", SequenceNumber="2", SipResponseCode="603") == 204
    leg.refresh_from_db()
    assert (leg.status, leg.cause, leg.ended_at is not None) == ("busy", "declined", True)
    assert "bring_back" in list_tasks()
    call.refresh_from_db()
    assert call.ended_at is None


def test_news_of_somebody_else_changes_nothing(tenant: TwilioAccount, call: Call, mallory: User) -> None:
    leg = make_leg(call, "added", call_sid=build_call_sid("first"))
    other = make_member(mallory, "other")
    token = catalogue.auth_token("other")
    fields = {"auth_token": token, "AccountSid": other.account_sid}
    assert tell(tenant, leg.label, "busy", "second") == 204
    assert tell(other, leg.label, "busy", "first", **fields) == 204
    for label in ("", "nobody", "0" * 32, "%00", "x" * 3000):
        assert tell(tenant, label, "busy", "first") == 204
    leg.refresh_from_db()
    assert (leg.status, leg.ended_at) == ("queued", None)


def test_a_room_that_tells_first_does_not_change_why(tenant: TwilioAccount, call: Call) -> None:
    leg = make_leg(call, "consulted", call_sid=build_call_sid("other"), status="ringing")
    assert call.conference is not None
    event = {
        "CallSid": leg.call_sid,
        "ConferenceSid": "CF" + "0" * 32,
        "FriendlyName": call.conference.name,
        "StatusCallbackEvent": "participant-leave",
        "ParticipantLabel": leg.label,
        "ParticipantCallStatus": "no-answer",
        "SequenceNumber": "4",
    }
    assert post("conference_event", tenant, **event).status_code == 204
    assert "bring_back" in list_tasks()
    assert tell(tenant, leg.label, "no-answer", SipResponseCode="487") == 204
    leg.refresh_from_db()
    assert (leg.status, leg.cause) == ("no-answer", "no_answer")


def test_who_was_given_up_and_is_called_all_the_same_is_hung_up_on(tenant: TwilioAccount, call: Call) -> None:
    leg = make_leg(call, "consulted")
    give_up(leg, cause="twilio_unavailable")
    assert tell(tenant, leg.label, "ringing") == 204
    assert "end_stray" in list_tasks()
    leg.refresh_from_db()
    assert (leg.call_sid, leg.status) == (build_call_sid("other"), "failed")


def test_a_transfer_that_nobody_asked_for_is_none(tenant: TwilioAccount, call: Call) -> None:
    leg = make_leg(call, "added")
    for label in (leg.label, "0" * 32, ""):
        answer = post("transfer_leg", tenant, query=f"?leg={label}", CallSid=call.call_sid)
        assert [verb.tag for verb in ElementTree.fromstring(answer.content)] == ["Hangup"]
    call.refresh_from_db()
    assert call.conference is not None


def test_a_transfer_is_asked_twice_and_answered_the_same(
    tenant: TwilioAccount, call: Call, bob: User
) -> None:
    make_member(bob)
    leg = make_leg(
        call, "transferred_to", user=bob, route="client", address=f"client:{bob.identity}", conference=None
    )
    answers = {
        post("transfer_leg", tenant, query=f"?leg={leg.label}", CallSid=call.call_sid).content
        for _ in range(2)
    }
    (document,) = [ElementTree.fromstring(answer) for answer in answers]
    assert document.findtext("Dial/Client/Identity") == bob.identity
    parameters = {one.attrib["name"]: one.attrib["value"] for one in document.iter("Parameter")}
    assert parameters["call"] == call.call_sid
    call.refresh_from_db()
    assert call.conference is None


def test_nothing_of_a_companys_calls_is_told_to_who_has_left_it(call: Call, alice: User, bob: User) -> None:
    make_member(bob)
    make_leg(call, "added", route="client", user=bob, status="in-progress")
    assert [state["call_sid"] for state in build_states(bob)] == [call.call_sid]
    TwilioCredentials.objects.filter(user=bob).delete()
    assert build_states(bob) == []
    make_member(bob, "other", auth_token=catalogue.auth_token("other"))
    assert build_states(bob) == []
    record_connected(user=bob, page_session=uuid.uuid4(), socket=uuid.uuid4())
    assert set(build_frames([call.pk])[bob.pk]["calls"]) == set()
    assert [state["call_sid"] for state in build_states(alice)] == [call.call_sid]
