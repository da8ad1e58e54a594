"""Calls whose callbacks are lost: what Twilio's own list says of them ends up in their rows."""

import time
from datetime import datetime, timedelta
from email.utils import format_datetime
from io import StringIO
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts.outside import AskedInsideTransaction
from accounts.people import User
from accounts.sealing.encryption import make_credential_key
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.calling_limits.permission import Asked, ask_permission
from phone.calling_limits.placed_calls import PlacedCall
from phone.calls import reconciling
from phone.calls.call import Call
from phone.calls.reconciling import reconcile_calls
from phone.calls.records import Leg
from phone.calls.stories import Story, read_story, take_story
from tests.fake_control import FakeTwilio
from tests.tasks import run_tasks
from tests.webhook_requests import build_call_sid, make_member, post

OLD = timedelta(minutes=2)
CALLS = f"/2010-04-01/Accounts/{catalogue.account_sid(catalogue.DEMO)}/Calls"


@pytest.fixture
def account(alice: User) -> TwilioAccount:
    key = {
        "api_key_sid": catalogue.key_sid("demo standard"),
        "api_key_secret": catalogue.key_secret("demo standard"),
    }
    return make_member(alice, **key)


def begin(fake: FakeTwilio, account: TwilioAccount, to: str, **fields: Any) -> Call:
    """A call that goes on at Twilio, which dials `to`, and its row after every callback was lost."""
    answer = requests.post(
        f"{fake.base_url}{CALLS}.json",
        headers={"X-Twilio-Host": "api.twilio.com"},
        auth=(account.account_sid, catalogue.auth_token(catalogue.DEMO)),
        data={
            "To": catalogue.STRANGER_NUMBER,
            "From": catalogue.DEMO_NUMBER,
            "Twiml": f'<Response><Dial timeout="60"><Number>{to}</Number></Dial></Response>',
        },
        timeout=10,
    )
    return make_row(account, answer.json()["sid"], **fields)


def make_row(account: TwilioAccount, call_sid: str, **fields: Any) -> Call:
    return Call.objects.create(
        **{
            "account": account,
            "call_sid": call_sid,
            "direction": "outgoing",
            "from_address": "client:dnb_alice",
            "to_address": catalogue.ECHO_NUMBER,
            "status": "ringing",
            "started_at": timezone.now() - OLD,
            **fields,
        }
    )


def wait_for(fake: FakeTwilio, **wanted: str) -> None:
    """Until a leg at the fake has all that is `wanted`."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if any(wanted.items() <= call.items() for call in fake.control("GET", "calls")):
            return
        time.sleep(0.02)
    raise AssertionError(f"no leg with {wanted}: {fake.control('GET', 'calls')}")


def hang_up(fake: FakeTwilio, call: Call) -> None:
    fake.control("DELETE", f"calls/{call.call_sid}")
    wait_for(fake, sid=call.call_sid, status="completed")


def let_pass(wait: timedelta = reconciling.WAIT) -> None:
    Call.objects.exclude(asked_at=None).update(asked_at=timezone.now() - wait)


def test_a_call_whose_end_was_never_told_ends_as_twilio_says(
    fake_twilio: FakeTwilio, account: TwilioAccount
) -> None:
    call = begin(fake_twilio, account, catalogue.ECHO_NUMBER)
    wait_for(fake_twilio, to=catalogue.ECHO_NUMBER, status="in-progress")
    assert reconcile_calls().alive == 1
    call.refresh_from_db()
    assert (call.status, call.ended_at) == ("in-progress", None)
    answered_at = call.answered_at
    assert answered_at is not None
    hang_up(fake_twilio, call)
    let_pass()
    assert reconcile_calls().ended == 1
    call.refresh_from_db()
    assert (call.status, call.answered_at, call.cause) == ("completed", answered_at, "answered")
    [leg] = call.legs.filter(role="called")
    assert (leg.address, leg.status, leg.cause) == (catalogue.ECHO_NUMBER, "completed", "answered")
    assert call.ended_at is not None
    assert abs(timezone.now() - call.ended_at) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("number", "direction", "status", "cause"),
    [
        (catalogue.BUSY_NUMBER, "outgoing", "busy", "busy"),
        (catalogue.BUSY_NUMBER, "incoming", "busy", "missed"),
        (catalogue.UNANSWERED_NUMBER, "outgoing", "canceled", "canceled"),
        (catalogue.UNANSWERED_NUMBER, "incoming", "no-answer", "missed"),
        ("+19005550100", "outgoing", "failed", "number_blocked"),
        ("+19005550100", "incoming", "no-answer", "missed"),
    ],
)
def test_a_call_that_nobody_answered_is_none_that_was(
    number: str, direction: str, status: str, cause: str, fake_twilio: FakeTwilio, account: TwilioAccount
) -> None:
    call = begin(fake_twilio, account, number, direction=direction)
    if number == catalogue.UNANSWERED_NUMBER:
        wait_for(fake_twilio, to=number, status="ringing")
        hang_up(fake_twilio, call)
    wait_for(fake_twilio, sid=call.call_sid, status="completed")
    assert reconcile_calls().ended == 1
    run_tasks()
    call.refresh_from_db()
    assert (call.status, call.answered_at, call.cause) == (status, None, cause)
    assert call.ended_at is not None


def test_a_young_call_is_not_asked_about_and_an_old_one_not_all_the_time(
    fake_twilio: FakeTwilio, account: TwilioAccount
) -> None:
    make_row(account, build_call_sid("young"), started_at=timezone.now() - timedelta(seconds=30))
    reconcile_calls()
    assert fake_twilio.requests() == []
    begin(fake_twilio, account, catalogue.ECHO_NUMBER)
    before = len(fake_twilio.requests())
    reconcile_calls()
    asked = len(fake_twilio.requests()) - before
    assert asked == 2
    reconcile_calls()
    assert len(fake_twilio.requests()) - before == asked
    let_pass()
    reconcile_calls()
    assert len(fake_twilio.requests()) - before == 2 * asked


def test_a_call_that_has_ended_is_left_alone(fake_twilio: FakeTwilio, account: TwilioAccount) -> None:
    make_row(account, build_call_sid(), status="busy", ended_at=timezone.now() - OLD)
    reconcile_calls()
    assert fake_twilio.requests() == []
    assert Call.objects.get().status == "busy"


def test_callbacks_that_come_after_all_turn_nothing_back(
    fake_twilio: FakeTwilio, account: TwilioAccount
) -> None:
    call = begin(fake_twilio, account, catalogue.ECHO_NUMBER)
    wait_for(fake_twilio, to=catalogue.ECHO_NUMBER, status="in-progress")
    hang_up(fake_twilio, call)
    reconcile_calls()
    call.refresh_from_db()
    ended_at = call.ended_at
    leg = {"CallSid": build_call_sid("leg"), "ParentCallSid": call.call_sid}
    for status in ("initiated", "ringing", "in-progress", "completed"):
        post("call_status", account, **leg, CallStatus=status)
    post("dial_action", account, CallSid=call.call_sid, From="client:x", DialCallStatus="completed")
    call.refresh_from_db()
    assert (call.status, call.ended_at) == ("completed", ended_at)


@pytest.mark.parametrize(
    "fault", ["server error", "rate limited", "garbage", "json list", "wrong types", "reset", "auth"]
)
def test_a_twilio_that_does_not_say_changes_nothing_and_is_asked_again_later(
    fault: str, fake_twilio: FakeTwilio, account: TwilioAccount
) -> None:
    call = begin(fake_twilio, account, catalogue.BUSY_NUMBER)
    make_row(account, build_call_sid("another"))
    wait_for(fake_twilio, sid=call.call_sid, status="completed")
    if fault == "auth":
        fake_twilio.control(
            "POST", f"accounts/{account.account_sid}/keys/{catalogue.key_sid('demo standard')}"
        )
    else:
        fake_twilio.add_fault(fault)
    found = reconcile_calls()
    assert (found.ended, found.unanswered) == (0, 2)
    # One that begins the call, and two, each asked twice at most: nothing about the second call.
    assert len(fake_twilio.requests()) <= 5
    call.refresh_from_db()
    assert (call.status, call.ended_at) == ("ringing", None)


def test_a_call_that_twilio_does_not_know_is_over_and_an_old_one_is_not_asked_about(
    fake_twilio: FakeTwilio, account: TwilioAccount
) -> None:
    talked = timezone.now() - timedelta(hours=24)
    talking = timezone.now() - timedelta(minutes=1)
    lost = [
        make_row(account, build_call_sid("lost")),
        make_row(account, build_call_sid("lost incoming"), direction="incoming"),
        make_row(account, build_call_sid("lost talk"), status="in-progress", answered_at=talking),
    ]
    old = {"started_at": timezone.now() - timedelta(hours=26)}
    make_row(account, build_call_sid("missed"), direction="incoming", **old)
    make_row(account, build_call_sid("talked"), status="in-progress", answered_at=talked, **old)
    make_row(account, build_call_sid("tried"), **old)
    found = reconcile_calls()
    assert (found.unknown, found.given_up) == (3, 3)
    ends = {call.call_sid: (call.status, call.ended_at) for call in Call.objects.all()}
    causes = [Call.objects.get(call_sid=build_call_sid(name)).cause for name in ("lost", "missed", "talked")]
    assert causes == ["unclear", "missed", "answered"]
    assert ends[build_call_sid("lost")] == ("failed", lost[0].started_at)
    assert ends[build_call_sid("lost incoming")] == ("no-answer", lost[1].started_at)
    assert ends[build_call_sid("lost talk")] == ("completed", talking)
    assert ends[build_call_sid("missed")] == ("no-answer", old["started_at"])
    assert ends[build_call_sid("talked")] == ("completed", talked)
    assert ends[build_call_sid("tried")] == ("failed", old["started_at"])


def test_each_account_is_asked_with_its_own_login_and_no_more_than_its_part(
    fake_twilio: FakeTwilio, account: TwilioAccount, mallory: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "MOST_OF_ACCOUNT", 2)
    other = make_member(mallory, "other")
    for n in range(3):
        make_row(account, build_call_sid(f"demo {n}"))
    make_row(other, build_call_sid("other"))
    assert reconcile_calls().unknown == 3
    asked = [request["path"] for request in fake_twilio.requests()]
    assert sum(account.account_sid in path for path in asked) == 4
    assert sum(other.account_sid in path for path in asked) == 2
    assert reconcile_calls().unknown == 1


def test_of_many_calls_that_go_on_twilio_is_asked_at_once(
    fake_twilio: FakeTwilio, account: TwilioAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "FEW", 0)
    call = begin(
        fake_twilio, account, catalogue.ECHO_NUMBER, status="in-progress", answered_at=timezone.now() - OLD
    )
    wait_for(fake_twilio, to=catalogue.ECHO_NUMBER, status="in-progress")
    before = len(fake_twilio.requests())
    assert reconcile_calls().alive == 1
    assert len(fake_twilio.requests()) - before == len(reconciling.LIVE)
    hang_up(fake_twilio, call)
    let_pass()
    assert reconcile_calls().ended == 1


@pytest.mark.parametrize("few", [0, 3])
def test_a_call_that_goes_on_for_longer_than_it_may_is_counted_on(
    few: int, fake_twilio: FakeTwilio, account: TwilioAccount, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "FEW", few)
    call = begin(
        fake_twilio, account, catalogue.ECHO_NUMBER, status="in-progress", answered_at=timezone.now() - OLD
    )
    number, sid = call.to_address, call.call_sid
    ask_permission(Asked(account=account, person=alice, number=number, key=sid, call_sid=sid))
    PlacedCall.objects.update(expires_at=timezone.now() - OLD)
    wait_for(fake_twilio, to=catalogue.ECHO_NUMBER, status="in-progress")
    assert reconcile_calls().alive == 1
    assert PlacedCall.objects.going_on(timezone.now()).exists()
    hang_up(fake_twilio, call)
    let_pass()
    assert reconcile_calls().ended == 1
    assert not PlacedCall.objects.going_on(timezone.now()).exists()


def test_an_account_that_nobody_is_connected_to_is_not_asked(
    fake_twilio: FakeTwilio, account: TwilioAccount, alice: User
) -> None:
    make_row(account, build_call_sid())
    alice.twilio_credentials.delete()
    assert reconcile_calls().unanswered == 1
    assert fake_twilio.requests() == []


def test_a_login_that_does_not_open_holds_up_nobody_elses_calls(
    fake_twilio: FakeTwilio, account: TwilioAccount, mallory: User, settings: Any
) -> None:
    make_row(account, build_call_sid("sealed"), started_at=timezone.now() - 2 * OLD)
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    make_row(make_member(mallory, "other"), build_call_sid("other"))
    found = reconcile_calls()
    assert (found.unanswered, found.unknown) == (1, 1)


def test_nothing_is_asked_while_a_transaction_is_open(
    fake_twilio: FakeTwilio, account: TwilioAccount
) -> None:
    make_row(account, build_call_sid())
    with pytest.raises(AskedInsideTransaction), transaction.atomic():
        reconcile_calls()
    assert fake_twilio.requests() == []


def test_the_command_says_what_it_found(fake_twilio: FakeTwilio, account: TwilioAccount) -> None:
    make_row(account, build_call_sid())
    out = StringIO()
    call_command("reconcile_calls", stdout=out)
    assert out.getvalue() == "ended: 0, alive: 0, unknown: 1, unanswered: 0, given up: 0\n"


def build_json(status: str, at: datetime, seconds: int | None, to: str = "") -> dict[str, Any]:
    return {
        "status": status,
        "to": to,
        "start_time": format_datetime(at),
        "end_time": format_datetime(at + timedelta(seconds=90)),
        "duration": None if seconds is None else str(seconds),
    }


def test_who_answered_a_call_from_outside_has_it(account: TwilioAccount, alice: User) -> None:
    at = timezone.now().replace(microsecond=0)
    call = make_row(account, build_call_sid(), direction="incoming", user=None)
    legs = [
        build_json("canceled", at, 0, "client:dnb_other"),
        build_json("completed", at, 60, f"client:{alice.identity}"),
    ]
    take_story(call, read_story(build_json("completed", at, 90), legs))
    assert (call.status, call.user) == ("completed", alice)
    assert (call.answered_at, call.ended_at) == (at + timedelta(seconds=30), at + timedelta(seconds=90))


def test_what_a_callback_told_of_the_answer_stands(account: TwilioAccount, alice: User) -> None:
    told = timezone.now() - OLD
    call = make_row(account, build_call_sid(), status="in-progress", answered_at=told)
    leg = Leg("completed", "", timezone.now(), None)
    take_story(call, Story("completed", timezone.now(), (leg,)))
    assert (call.status, call.answered_at) == ("completed", told)


@pytest.mark.parametrize(
    "broken", [{}, {"status": None, "end_time": "yesterday", "start_time": 7, "duration": "x", "to": 5}]
)
def test_a_list_that_says_little_is_read_as_far_as_it_goes(
    broken: dict[str, Any], account: TwilioAccount
) -> None:
    call = make_row(account, build_call_sid())
    take_story(call, read_story(broken, [broken]))
    assert (call.status, call.ended_at) == ("ringing", None)
