"""A failed call is counted once, by account and cause, however often and in whatever order it is told."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.failures.grouping import get_spark_days
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.call_failures.groups import CallFailure, CallFailureGroup
from phone.calls.call import Call
from tests.calling_limits import allow_calls
from tests.failed_calls import answer_call, change, end_call, tell_cause
from tests.webhook_requests import add_number, build_call_sid, make_member, post

# What the end of a call may ask of the database: of one that failed, and of one that did not.
MOST_QUERIES, FEWEST_QUERIES = 10, 2


@pytest.fixture
def account(alice: User) -> TwilioAccount:
    return make_member(alice)


@pytest.fixture
def other(db: None) -> TwilioAccount:
    return TwilioAccount.objects.create(account_sid="AC" + "f" * 32)


def minutes_ago(minutes: float) -> object:
    return timezone.now() - timedelta(minutes=minutes)


def read_counts(account: TwilioAccount) -> dict[str, int]:
    return dict(CallFailureGroup.objects.filter(account=account).values_list("cause", "count"))


def read_states(account: TwilioAccount) -> dict[str, str]:
    return dict(CallFailureGroup.objects.filter(account=account).values_list("cause", "state"))


def test_calls_are_counted_by_account_and_cause(account: TwilioAccount, other: TwilioAccount) -> None:
    first = minutes_ago(3 * 24 * 60)
    end_call(account, "busy", at=first)
    newest = end_call(account, "busy")
    end_call(account, "caller_id_refused")
    end_call(other, "busy")
    assert read_counts(account) == {"busy": 2, "caller_id_refused": 1}
    assert read_counts(other) == {"busy": 1}
    group = CallFailureGroup.objects.get(account=account, cause="busy")
    assert (group.first_seen_at, group.last_seen_at) == (first, newest.ended_at)
    assert group.last_call == newest
    days = get_spark_days([group], timezone.now().date())[group.pk]
    assert (days[-1], days[-4], sum(days)) == (1, 1, 2)


@pytest.mark.parametrize(
    "cause", ["answered", "answered_elsewhere", "voicemail", "do_not_disturb", "missed", ""]
)
def test_what_is_none_of_the_failed_is_not_counted(cause: str, account: TwilioAccount) -> None:
    end_call(account, cause)
    assert not CallFailureGroup.objects.exists()


def test_a_call_is_counted_once_however_often_it_changes(account: TwilioAccount) -> None:
    call = end_call(account, "busy")
    for _ in range(3):
        change(call, error_code=486)
    assert read_counts(account) == {"busy": 1}
    assert CallFailure.objects.get().call == call


def test_a_cause_that_becomes_clearer_takes_the_call_along(account: TwilioAccount) -> None:
    end_call(account, "unclear")
    call = end_call(account, "unclear", at=minutes_ago(2 * 24 * 60))
    change(call, cause="number_blocked")
    change(call)
    assert read_counts(account) == {"unclear": 1, "number_blocked": 1}
    groups = CallFailureGroup.objects.order_by("cause")
    days = get_spark_days(list(groups), timezone.now().date())
    blocked, unclear = (days[group.pk] for group in groups)
    assert (blocked[-3], sum(blocked), unclear[-1], sum(unclear)) == (1, 1, 1, 1)


def test_a_group_of_which_nothing_is_left_is_gone(account: TwilioAccount) -> None:
    call = end_call(account, "unclear")
    change(call, cause="voicemail")
    assert not CallFailureGroup.objects.exists()
    assert not CallFailure.objects.exists()
    change(call, cause="busy")
    assert read_counts(account) == {"busy": 1}


def test_an_old_call_of_which_a_note_is_changed_is_not_counted_again(account: TwilioAccount) -> None:
    call = end_call(account, "busy", at=minutes_ago(100 * 24 * 60))
    assert not CallFailureGroup.objects.exists()
    change(call)
    assert not CallFailureGroup.objects.exists()


def test_nothing_is_counted_of_a_change_that_is_undone(account: TwilioAccount) -> None:
    call = end_call(account, "")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        call.cause = "busy"
        call.save()
        tell_cause(call)
        raise ZeroDivisionError
    assert not CallFailureGroup.objects.exists()


@pytest.mark.parametrize(
    "cause", ["webhook_failed", "twiml_app_missing", "account_not_active", "voice_disabled"]
)
def test_a_later_call_that_gets_through_ends_what_it_disproves(
    cause: str, account: TwilioAccount, other: TwilioAccount
) -> None:
    for one in (account, other):
        end_call(one, cause, at=minutes_ago(5))
        end_call(one, "trial_limit", at=minutes_ago(5))
    answer_call(account)
    assert read_states(account) == {cause: "resolved", "trial_limit": "open"}
    assert read_states(other) == {cause: "open", "trial_limit": "open"}
    assert CallFailureGroup.objects.get(account=account, cause=cause).resolved_by is None


@pytest.mark.parametrize(("cause", "state"), [("busy", "resolved"), ("canceled", "open")])
def test_a_call_gets_through_where_the_other_side_was_reached(
    cause: str, state: str, account: TwilioAccount
) -> None:
    end_call(account, "webhook_failed", at=minutes_ago(5))
    end_call(account, cause)
    assert read_states(account)["webhook_failed"] == state


def test_a_call_that_comes_in_shows_nothing_of_those_that_go_out(account: TwilioAccount) -> None:
    end_call(account, "twiml_app_missing", at=minutes_ago(5))
    answer_call(account, direction="incoming")
    assert read_states(account) == {"twiml_app_missing": "open"}


def test_a_call_that_began_before_the_failure_ends_nothing(account: TwilioAccount) -> None:
    going_on = answer_call(account, at=minutes_ago(10))
    end_call(account, "webhook_failed", at=minutes_ago(5))
    change(going_on, ended_at=timezone.now(), status="completed", cause="answered")
    assert read_states(account) == {"webhook_failed": "open"}


def test_a_failure_that_is_told_late_opens_nothing_again(account: TwilioAccount) -> None:
    end_call(account, "webhook_failed", at=minutes_ago(60))
    late = end_call(account, "unclear", at=minutes_ago(30))
    answer_call(account, at=minutes_ago(5))
    change(late, cause="webhook_failed")
    group = CallFailureGroup.objects.get()
    assert (group.state, group.count, group.reopened) == ("resolved", 2, 0)


def test_what_comes_back_is_reopened_and_open_since_then(account: TwilioAccount) -> None:
    end_call(account, "account_not_active", at=minutes_ago(90))
    answer_call(account, at=minutes_ago(60))
    call = end_call(account, "account_not_active", at=minutes_ago(5))
    group = CallFailureGroup.objects.get()
    assert (group.state, group.reopened, group.opened_at) == ("open", 1, call.ended_at)
    CallFailureGroup.objects.acknowledge()
    end_call(account, "account_not_active")
    group.refresh_from_db()
    assert (group.state, group.reopened, group.opened_at) == ("acknowledged", 1, call.ended_at)


def test_a_change_asks_little_of_the_database(account: TwilioAccount) -> None:
    def count_queries(call: Call, **fields: object) -> int:
        for name, value in fields.items():
            setattr(call, name, value)
        with CaptureQueriesContext(connection) as queries:
            tell_cause(call)
        return len(queries)

    end_call(account, "busy")
    assert count_queries(end_call(account, ""), cause="busy") <= MOST_QUERIES
    assert count_queries(end_call(account, ""), cause="answered") == FEWEST_QUERIES


@pytest.mark.parametrize("is_in_order", [True, False])
def test_a_call_is_counted_once_in_whatever_order_its_webhooks_come(
    is_in_order: bool, account: TwilioAccount, alice: User
) -> None:
    add_number(account, catalogue.DEMO_NUMBER)
    allow_calls(account)
    sender, parent = f"client:{alice.identity}", build_call_sid()
    post("voice_webhook", account, From=sender, To="+442071838750")
    leg = {"CallSid": build_call_sid("leg"), "ParentCallSid": parent, "To": "+442071838750"}
    tell = [
        lambda: post("call_status", account, CallStatus="busy", SipResponseCode="486", **leg),
        lambda: post("dial_action", account, DialCallStatus="busy", From=sender),
        lambda: post("call_status", account, CallStatus="completed", From=sender),
    ]
    for say in [*tell, *tell] if is_in_order else [*reversed(tell), *tell]:
        assert say().status_code in (200, 204)
    assert Call.objects.get().cause == "busy"
    assert read_counts(account) == {"busy": 1}
