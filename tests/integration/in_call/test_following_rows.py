"""A ring follows its person, by the rows and in the orders in which Twilio may tell of it."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils import timezone
from django.utils.translation import override
from django_tasks_db.models import DBTaskResult

from accounts.clients import ClientInfo
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from accounts.twilio.rest import Answer
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.calls.conferences import Conference
from phone.calls.languages import SPEECHES
from phone.calls.legs import CallLeg
from phone.calls.withheld import WITHHELD, WITHHELD_NAME
from phone.causes.facts import LOST
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from phone.device.recording import record_device_event
from phone.in_call import reconciling
from phone.in_call.following import answers, placing, ready, rings
from phone.in_call.following.answers import see_to
from phone.in_call.following.ready import LOOKS_OF_PERSON, MOST_FOLLOWERS, begin_later, ring_where_ready
from phone.in_call.following.ready import follow as follow_task
from phone.in_call.following.rings import MAY_RING_WITHIN, count_seconds, find_end
from phone.in_call.inviting import give_up
from phone.in_call.refusals import DeedRefused, TwilioAway, TwilioRefused
from phone.in_call.state import build_states
from phone.recordings.choices import choose
from phone.recordings.state import get_recording_state
from tests.integration.in_call.test_rows import account as account
from tests.integration.in_call.test_rows import answer_by, tell_leg
from tests.open_pages import build_report
from tests.webhook_requests import build_call_sid, post


def open_page(user: User, **fields: object) -> DevicePresence:
    return DevicePresence.objects.create(
        user=user, page_session=uuid.uuid4(), socket=uuid.uuid4(), last_alive_at=timezone.now(), **fields
    )


def register(
    user: User, page: DevicePresence, state: str = "ready", sdk_event: str = "registered", message: str = ""
) -> DeviceEvent:
    """What is asked of Twilio then is left to the test."""
    report = build_report(state, sdk_event, message)
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
def asking(monkeypatch: pytest.MonkeyPatch, **asked: Any) -> Iterator[None]:
    """What Twilio is asked meanwhile, by the names that the modules of `following` know it by."""
    with monkeypatch.context() as patch:
        for name, answer in {
            "list_children": lambda *_: [],
            "get_own_login": lambda *_: None,
            **asked,
        }.items():
            put(patch, name, answer)
        yield


def put(patch: pytest.MonkeyPatch, name: str, value: Any) -> None:
    """`value` for whatever is called `name` in the modules of `following`."""
    homes = [module for module in (answers, placing, ready, rings) if hasattr(module, name)]
    assert homes, name
    for module in homes:
        patch.setattr(module, name, value)


def follow(
    user: User, monkeypatch: pytest.MonkeyPatch, name: str = "second", asked: list[Any] | None = None
) -> CallLeg:
    """Another page of theirs is the phone, and Twilio has it rung; what it was asked for is in `asked`."""

    def place(login: object, request: dict[str, Any]) -> str:
        if asked is not None:
            asked.append(request)
        return build_call_sid(name)

    register(user, open_page(user, state="ready"))
    with asking(monkeypatch, place_call=place, MAY_RING_WITHIN=timedelta(0)):
        ring_where_ready(user.pk)
    return CallLeg.objects.get(call_sid=build_call_sid(name))


def ago(leg: CallLeg, seconds: float) -> None:
    """`leg` has begun to ring so long ago."""
    CallLeg.objects.filter(pk=leg.pk).update(asked_at=timezone.now() - timedelta(seconds=seconds))


def tell_of(leg: CallLeg, status: str) -> None:
    """As Twilio tells of a leg that follows."""
    post(
        "party_status",
        leg.call.account,
        CallSid=leg.call_sid,
        To=leg.address,
        CallStatus=status,
        SequenceNumber="2",
        query=f"?leg={leg.label}",
    )


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


def ask_again(account: TwilioAccount, call_status: str = "ringing") -> str:
    """What the caller is told to do who waits for a page to come."""
    asked = post("dial_action", account, query=AGAIN, CallStatus=call_status)
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

    put(monkeypatch, "place_call", ask)
    # Nothing of it is in doubt by now.
    put(monkeypatch, "MAY_RING_WITHIN", timedelta(0))
    for number, status in enumerate(("initiated", "ringing")):
        tell_leg(call.account, alice, "agent", status, number)
    answer_by(call.account, bob, "bobs")
    # Twilio has not told yet that alice's leg has ended with that.
    register(alice, open_page(alice, state="ready"))
    ring_where_ready(alice.pk)
    assert CallLeg.objects.filter(user=alice).count() == 1


def test_a_page_has_its_time_to_say_that_it_rings_from_when_that_began(
    call: Call, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def place(login: object, request: dict[str, Any]) -> str:
        asked.append(request)
        return build_call_sid("second")

    put(monkeypatch, "place_call", place)
    page = open_page(alice, state="ready")
    event = register(alice, page)
    # Twilio tells of the ring so long after, when the page's own word is on its way still.
    tell_leg(call.account, alice, "agent", "ringing", 1)
    leg = CallLeg.objects.get(call_sid=build_call_sid("agent"))
    late = event.received_at + MAY_RING_WITHIN * 1.5
    CallLeg.objects.filter(pk=leg.pk).update(asked_at=late)
    with time_machine.travel(late + MAY_RING_WITHIN * 0.75, tick=False):
        assert ring_where_ready(alice.pk)
    assert asked == []
    with time_machine.travel(late + MAY_RING_WITHIN * 1.25, tick=False):
        assert not ring_where_ready(alice.pk)
    assert len(asked) == 1


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


@pytest.mark.parametrize("result", ["completed", "no-answer", "canceled"])
def test_the_action_of_the_dial_that_was_broken_off_ends_nothing(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch, result: str
) -> None:
    account = rung.call.account
    leg = follow(alice, monkeypatch)

    def redirect(*unused: object) -> None:
        # Twilio ends the ring first, then asks for the Dial's action, and goes on where it was sent.
        tell_leg(account, alice, "agent", "canceled", 2)
        over = {"DialCallStatus": result, "DialCallSid": rung.call_sid, "CallStatus": "in-progress"}
        post("dial_action", account, query="?step=0", **over)

    with asking(monkeypatch, redirect_leg=redirect):
        assert leg.label in answer_there(leg)
    call = Call.objects.get()
    assert call.conference is not None
    assert (call.status, call.ended_at, call.user) == ("in-progress", None, alice)
    assert call.conference.name in join(account)


def raise_(error: DeedRefused) -> Any:
    raise error


def is_gone() -> TwilioRefused:
    return TwilioRefused(Answer(404))


def join(account: TwilioAccount) -> str:
    """What Twilio is told to do with whoever waits, once it has sent them on."""
    return str(post("join_room", account, CallStatus="in-progress").content.decode())


@pytest.fixture
def unsure(rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch) -> CallLeg:
    """Who has answered, where Twilio has not said whether it has sent the caller into the room."""
    leg = follow(alice, monkeypatch)
    with asking(monkeypatch, redirect_leg=lambda *_: raise_(TwilioAway())):
        assert leg.label in answer_there(leg)
    leg.refresh_from_db()
    return leg


def test_what_twilio_has_done_without_an_answer_brings_both_into_the_room(
    unsure: CallLeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unsure.conference is not None
    assert unsure.conference.name in join(unsure.call.account)
    see = DBTaskResult.objects.get(task_path=f"{answers.__name__}.see_to")
    assert see.args_kwargs["args"] == [str(unsure.pk)]


def test_what_twilio_has_not_done_is_asked_for_again(
    unsure: CallLeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    with asking(
        monkeypatch,
        learn_participants=lambda *_: None,
        fetch_call=lambda *_: {"status": "in-progress"},
        redirect_leg=lambda _, call_sid, *unused: asked.append(call_sid),
    ):
        see_to.func(str(unsure.pk))
        CallLeg.objects.filter(call_sid=build_call_sid()).update(joined_at=timezone.now())
        see_to.func(str(unsure.pk))
    assert asked == [build_call_sid()]


def test_where_who_has_answered_is_gone_meanwhile_the_caller_waits_on(
    unsure: CallLeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asking(
        monkeypatch,
        learn_participants=lambda *_: None,
        fetch_call=lambda _, call_sid: {"status": "ringing" if call_sid == build_call_sid() else "completed"},
        end_leg=lambda *_: None,
    ):
        see_to.func(str(unsure.pk))
    call = Call.objects.get()
    assert (call.conference, call.status, call.ended_at) == (None, "ringing", None)
    assert CallLeg.objects.get(pk=unsure.pk).ended_at is not None


def test_where_the_caller_is_gone_meanwhile_who_has_answered_is_not_left_in_the_room(
    unsure: CallLeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asking(
        monkeypatch,
        learn_participants=lambda *_: None,
        fetch_call=lambda _, call_sid: None if call_sid == build_call_sid() else {"status": "in-progress"},
    ):
        see_to.func(str(unsure.pk))
    assert CallLeg.objects.get(call_sid=build_call_sid()).ended_at is not None
    assert DBTaskResult.objects.filter(task_path__endswith=".tidy_room").exists()


def test_what_twilio_refuses_is_taken_back(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    leg = follow(alice, monkeypatch)
    with asking(monkeypatch, redirect_leg=lambda *_: raise_(is_gone())):
        assert "<Hangup" in answer_there(leg)
    assert Call.objects.get().conference is None


def test_nobody_waits_on_for_a_page_that_was_to_come_long_ago(rung: CallLeg, alice: User, bob: User) -> None:
    open_page(alice, is_spare=True, state="offline")
    tell_leg(rung.call.account, alice, "agent", "no-answer", 2)
    assert "<Pause" in ask_again(rung.call.account)
    # No worker has given it up.
    long_ago = timezone.now() - timedelta(seconds=13)
    Call.objects.update(cause_facts={LOST: {rung.label: long_ago.isoformat()}})
    assert "<Pause" not in ask_again(rung.call.account)


def test_nobody_waits_on_for_a_ring_that_is_over_by_now(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    leg = follow(alice, monkeypatch)
    tell_leg(rung.call.account, alice, "agent", "canceled", 2)
    assert "<Pause" in ask_again(rung.call.account)
    assert LOST not in Call.objects.get().cause_facts
    # Its end was never told.
    ago(rung, count_seconds(rung) + 11)
    ago(leg, 21)
    assert "<Pause" not in ask_again(rung.call.account)


def test_twilio_is_asked_about_a_ring_whose_end_was_not_told(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    leg = follow(alice, monkeypatch)
    monkeypatch.setattr(reconciling, "get_own_login", lambda *_: None)
    monkeypatch.setattr(reconciling, "fetch_call", lambda *_: {"status": "no-answer"})
    reconciling.reconcile_rooms()
    leg.refresh_from_db()
    assert leg.ended_at is None
    ago(rung, count_seconds(rung) + 21)
    ago(leg, 21)
    reconciling.reconcile_rooms()
    leg.refresh_from_db()
    assert (leg.status, leg.ended_at is None) == ("no-answer", False)


def test_whom_a_server_was_about_to_call_when_it_ended_is_called_by_a_worker(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*unused: object) -> str:
        raise SystemExit

    register(alice, open_page(alice, state="ready"))
    with asking(monkeypatch, place_call=die, MAY_RING_WITHIN=timedelta(0)), pytest.raises(SystemExit):
        ring_where_ready(alice.pk)
    leg = CallLeg.objects.get(call=rung.call, call_sid="")
    asked: list[Any] = []

    def place(login: object, request: dict[str, Any]) -> str:
        asked.append(request)
        return build_call_sid("second")

    with asking(monkeypatch, place_call=place):
        # It may be on its way.
        follow_task.func(alice.pk)
        assert not asked
        put(monkeypatch, "NAMED_WITHIN", timedelta(0))
        follow_task.func(alice.pk)
        follow_task.func(alice.pk)
    leg.refresh_from_db()
    assert (len(asked), leg.call_sid) == (1, build_call_sid("second"))


def test_from_page_to_page_a_ring_goes_on_for_as_long_as_the_first_was_to(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    seconds = count_seconds(rung)
    ago(rung, 4)
    second = follow(alice, monkeypatch, asked=asked)
    ago(rung, 8)
    ago(second, 4)
    third = follow(alice, monkeypatch, "third", asked)
    assert [one["Timeout"] for one in asked] == [seconds - 4, seconds - 8]
    # One that ends at its time was not lost with its page.
    open_page(alice, is_spare=True, state="offline")
    ago(rung, seconds)
    ago(third, seconds - 8)
    tell_of(third, "no-answer")
    third.refresh_from_db()
    assert third.ended_at is not None


def test_a_ring_is_not_drawn_out_from_page_to_page(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    seconds = count_seconds(rung)
    ago(rung, seconds - 1)
    second = follow(alice, monkeypatch, asked=asked)
    # So that there is time to answer, the last has more than that one second.
    assert [one["Timeout"] for one in asked] == [10]
    ago(rung, seconds + 1)
    ago(second, 2)
    assert find_end(second) < timezone.now() + timedelta(seconds=9)
    # It rings still, and nothing follows it any more.
    register(alice, open_page(alice, state="ready"))
    with asking(monkeypatch, place_call=lambda *_: asked.append(1), MAY_RING_WITHIN=timedelta(0)):
        ring_where_ready(alice.pk)
    assert len(asked) == 1
    # Nor is it waited for a page that comes, where it ends with its own.
    open_page(alice, is_spare=True, state="offline")
    tell_of(second, "no-answer")
    second.refresh_from_db()
    assert second.ended_at is not None


def test_whom_a_worker_calls_for_a_server_that_ended_it_calls_in_time_alone(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*unused: object) -> str:
        raise SystemExit

    register(alice, open_page(alice, state="ready"))
    with asking(monkeypatch, place_call=die, MAY_RING_WITHIN=timedelta(0)), pytest.raises(SystemExit):
        ring_where_ready(alice.pk)
    leg = CallLeg.objects.get(call=rung.call, call_sid="")
    ago(rung, count_seconds(rung) + 11)
    ago(leg, 12)
    with asking(monkeypatch, place_call=lambda *_: pytest.fail("Twilio was asked.")):
        follow_task.func(alice.pk)
    leg.refresh_from_db()
    assert (leg.status, leg.ended_at is None) == ("failed", False)


@pytest.mark.parametrize("whose", ["nobody", "alice", "bob"])
def test_a_colleague_who_answers_a_ring_that_followed_is_told_that_the_call_is_recorded(
    account: TwilioAccount, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    User.objects.filter(pk=alice.pk).update(language="de")
    if whose != "nobody":
        choose(account=account, person={"alice": alice, "bob": bob}[whose], is_on=True, by=bob)
    page = open_page(alice, state="ready")
    post("voice_webhook", account, From=f"client:{bob.identity}", To=alice.email)
    page.delete()
    tell_leg(account, alice, "agent", "ringing", 1)
    leg = follow(User.objects.get(pk=alice.pk), monkeypatch)
    with asking(monkeypatch, redirect_leg=lambda *_: None):
        # Twilio may ask twice.
        documents = [ElementTree.fromstring(answer_there(leg)) for _ in range(2)]
    for document in documents:
        told = [verb.text for verb in document if verb.tag == "Say"]
        assert told == ([] if whose == "nobody" else [SPEECHES["de-DE"].recorded])
        assert [verb.tag for verb in document][-1] == "Dial"
    assert get_recording_state(Call.objects.get()) == ("off" if whose == "nobody" else "on")


def test_where_twilio_does_not_bring_them_together_the_next_answer_is_recorded(
    account: TwilioAccount, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(account=account, person=alice, is_on=True, by=alice)
    page = open_page(alice, state="ready")
    post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)
    page.delete()
    tell_leg(account, alice, "agent", "ringing", 1)
    leg = follow(alice, monkeypatch)
    with asking(monkeypatch, redirect_leg=lambda *_: raise_(is_gone())):
        assert "<Hangup" in answer_there(leg)
    call = Call.objects.get()
    assert [one.status for one in call.recordings.all()] == ["wanted"]
    # Nobody whose calls are recorded.
    answer_by(account, bob, "bobs")
    assert get_recording_state(call) == "off"
    answer_by(account, alice, "agent")
    assert get_recording_state(call) == "on"


def test_who_takes_a_call_that_comes_in_sees_that_it_is_recorded_and_hears_nothing(
    account: TwilioAccount, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(account=account, person=None, is_on=True, by=alice)
    page = open_page(alice, state="ready")
    post("voice_webhook", account, From=catalogue.STRANGER_NUMBER, To=catalogue.DEMO_NUMBER)
    page.delete()
    tell_leg(account, alice, "agent", "ringing", 1)
    leg = follow(alice, monkeypatch)
    with asking(monkeypatch, redirect_leg=lambda *_: None):
        assert [verb.tag for verb in ElementTree.fromstring(answer_there(leg))] == ["Dial"]
    assert get_recording_state(Call.objects.get()) == "on"


def test_a_ring_follows_its_person_so_often_and_no_more(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    for number in range(MOST_FOLLOWERS):
        follow(alice, monkeypatch, f"follower {number}", asked)
    register(alice, open_page(alice, state="ready"))
    with asking(monkeypatch, place_call=lambda *_: asked.append(1), MAY_RING_WITHIN=timedelta(0)):
        ring_where_ready(alice.pk)
    assert len(asked) == MOST_FOLLOWERS == CallLeg.objects.filter(user=alice).count() - 1


def test_however_often_a_device_registers_one_task_waits_and_the_looks_are_counted(
    rung: CallLeg, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    page = open_page(alice, state="ready")
    with django_capture_on_commit_callbacks() as callbacks:
        for _ in range(LOOKS_OF_PERSON.limit + 5):
            register(alice, page)
    later = [one for one in callbacks if getattr(one, "func", None) is begin_later]
    assert [one.args for one in later] == [(alice.pk,)] * LOOKS_OF_PERSON.limit
    [task] = DBTaskResult.objects.filter(task_path=f"{ready.__name__}.follow")
    assert task.args_kwargs["args"] == [alice.pk]
    # Whoever is at the other end of the call, and the worker, have something better to do first.
    assert task.priority < 40


def test_one_task_looks_at_all_pages_that_have_come(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    heard = open_page(alice, state="ready")
    register(alice, open_page(alice, state="ready"))
    register(alice, heard, "incoming", "incoming", f"incoming {rung.call_sid}")
    # The newest word is of a page that rings already.
    register(alice, heard)
    with asking(
        monkeypatch,
        place_call=lambda *_: asked.append(1) or build_call_sid("second"),
        MAY_RING_WITHIN=timedelta(0),
    ):
        follow_task.func(alice.pk)
        follow_task.func(alice.pk)
    assert len(asked) == 1


def test_the_page_is_told_in_its_persons_language(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=alice.pk).update(language="de")
    Call.objects.update(from_address=WITHHELD)
    CallLeg.objects.filter(call_sid=build_call_sid()).update(address=WITHHELD)
    asked: list[Any] = []
    follow(User.objects.get(pk=alice.pk), monkeypatch, asked=asked)
    [shown] = parse_qs(asked[0]["To"].partition("?")[2])["display"]
    with override("de"):
        assert shown == str(WITHHELD_NAME)
    with override("en"):
        assert shown != str(WITHHELD_NAME)


def test_a_page_that_has_said_that_it_rings_no_more_is_rung_again(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, asked = open_page(alice, state="ready"), []

    def hear(*said: str) -> int:
        for one in said:
            register(alice, page, one, one, f"incoming {rung.call_sid}")
        register(alice, page)
        with asking(
            monkeypatch,
            place_call=lambda *_: asked.append(1) or "CA" + "5" * 32,
            MAY_RING_WITHIN=timedelta(0),
        ):
            ring_where_ready(alice.pk)
        return len(asked)

    assert hear("incoming") == 0
    assert hear("cancel", "incoming") == 0
    assert hear("cancel") == 1


@pytest.mark.parametrize("declined", [0, 1, 2])
def test_to_decline_in_one_page_is_to_decline_in_all(
    rung: CallLeg, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, declined: int
) -> None:
    tell_leg(rung.call.account, bob, "bobs", "ringing", 1)
    legs = [rung, follow(alice, monkeypatch), follow(alice, monkeypatch, "third")]
    if declined:
        tell_of(legs[declined], "busy")
    else:
        tell_leg(rung.call.account, alice, "agent", "busy", 2)
    for leg in legs:
        leg.refresh_from_db()
    others = [leg for leg in legs if leg != legs[declined]]
    assert [leg.let_go_at is None for leg in others] == [False, False]
    assert CallLeg.objects.get(user=bob).let_go_at is None
    ends = DBTaskResult.objects.filter(task_path__endswith=".end_stray")
    assert {end.args_kwargs["args"][0] for end in ends} == {str(leg.pk) for leg in others}
    assert "<Pause" not in ask_again(rung.call.account)


def test_for_one_page_they_are_called_once_whatever_came_of_it(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    leg = follow(alice, monkeypatch)
    tell_of(leg, "canceled")

    def ask(*unused: object) -> str:
        raise AssertionError("Twilio was asked.")

    with asking(monkeypatch, place_call=ask, MAY_RING_WITHIN=timedelta(0)):
        follow_task.func(alice.pk)


@pytest.fixture
def added(call: Call, alice: User, bob: User) -> CallLeg:
    """Bob talks, and has alice called for the room."""
    answer_by(call.account, bob, "bobs")
    call.refresh_from_db()
    call.conference = Conference.objects.create(account=call.account, asked_at=timezone.now())
    call.save()
    CallLeg.objects.filter(call=call).update(conference=call.conference)
    return CallLeg.objects.create(
        call=call,
        role="added",
        route="client",
        user=alice,
        address=f"client:{alice.identity}",
        call_sid=build_call_sid("agent"),
        status="ringing",
        conference=call.conference,
    )


@pytest.mark.parametrize("known", ["by nobody", "by Twilio alone", "by us"])
def test_who_has_answered_meanwhile_is_not_hung_up_on_for_the_ring_that_followed(
    added: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    ended = []

    def fetch(*unused: object) -> dict[str, str]:
        if known == "by us":
            CallLeg.objects.filter(pk=added.pk).update(status="in-progress", answered_at=timezone.now())
        return {"status": "in-progress" if known == "by Twilio alone" else "ringing"}

    put(monkeypatch, "fetch_call", fetch)
    put(monkeypatch, "end_leg", lambda _, call_sid: ended.append(call_sid))
    leg = follow(alice, monkeypatch)
    added.refresh_from_db()
    strays = DBTaskResult.objects.filter(task_path__endswith=".end_stray")
    if known == "by nobody":
        assert (ended, added.ended_at is None, leg.let_go_at) == ([added.call_sid], False, None)
        assert not strays.exists()
    else:
        assert (ended, added.ended_at, added.let_go_at) == ([], None, None)
        assert leg.let_go_at is not None
        assert [stray.args_kwargs["args"] for stray in strays] == [[str(leg.pk)]]


def test_who_was_answered_hears_it_ring_while_the_ring_follows(
    rung: CallLeg, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(alice, monkeypatch)
    tell_leg(rung.call.account, alice, "agent", "canceled", 2)
    document = ElementTree.fromstring(ask_again(rung.call.account, "in-progress"))
    assert [verb.tag for verb in document] == ["Play", "Redirect"]
    address = str(document[0].text)
    assert address.startswith(settings.PUBLIC_URL + "/static/")
    assert finders.find(address.partition("/static/")[2])
    # <Play> would answer whoever was not.
    document = ElementTree.fromstring(ask_again(rung.call.account))
    assert [verb.tag for verb in document] == ["Pause", "Redirect"]


@pytest.mark.parametrize("when", ["at once", "later"])
def test_whom_a_colleague_has_just_answered_is_not_taken_from_them(
    rung: CallLeg, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    children = [{"status": "ringing"}, {"status": "in-progress"}]
    leg, sent = follow(alice, monkeypatch), []
    if when == "at once":
        with asking(monkeypatch, list_children=lambda *_: children, redirect_leg=lambda *_: sent.append(1)):
            assert "<Hangup" in answer_there(leg)
    else:
        with asking(monkeypatch, redirect_leg=lambda *_: raise_(TwilioAway())):
            answer_there(leg)
        with asking(
            monkeypatch,
            list_children=lambda *_: children,
            redirect_leg=lambda *_: sent.append(1),
            learn_participants=lambda *_: None,
            fetch_call=lambda *_: {"status": "in-progress"},
            end_leg=lambda *_: None,
        ):
            see_to.func(str(leg.pk))
    assert not sent
    # Twilio tells of it at last.
    answer_by(rung.call.account, bob, "bobs")
    call = Call.objects.get()
    assert (call.user, call.status, call.conference, call.ended_at) == (bob, "in-progress", None, None)


def test_a_ring_is_kept_for_a_page_that_came_before_twilio_had_told_of_the_ring(
    call: Call, alice: User
) -> None:
    register(alice, open_page(alice, state="ready"))
    tell_leg(call.account, alice, "agent", "initiated", 0)
    tell_leg(call.account, alice, "agent", "no-answer", 2)
    assert CallLeg.objects.get(call_sid=build_call_sid("agent")).ended_at is None
