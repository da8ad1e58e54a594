"""What is for us to mend is told to those who receive alarms; what others did is only counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.admin_actions import AdminAction
from accounts.failures.alarms import Alarm
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.call_failures.groups import CallFailureGroup
from phone.causes.cause import SLUGS
from tests.conftest import signed_in
from tests.failed_calls import answer_call, end_call
from tests.tasks import read_outbox

End = Callable[..., None]
OURS = ("webhook_failed", "twiml_app_missing")
DEAD = ("account_not_active", "voice_disabled")


@pytest.fixture
def account(db: None) -> TwilioAccount:
    return TwilioAccount.objects.create(account_sid="AC" + "1" * 32, friendly_name="Dental")


@pytest.fixture
def end(django_capture_on_commit_callbacks: Callable, account: TwilioAccount, admin_user: User) -> End:
    def end(cause: str, minutes_ago: float = 0, of: TwilioAccount = account, **fields: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            end_call(of, cause, at=timezone.now() - timedelta(minutes=minutes_ago), **fields)

    return end


def read_alarms() -> list[tuple[str, str]]:
    return list(Alarm.objects.order_by("id").values_list("kind", "key"))


@pytest.mark.parametrize("cause", OURS)
def test_a_call_that_fails_for_a_reason_of_ours_is_told_at_once_and_once(cause: str, end: End) -> None:
    end(cause)
    end(cause)
    assert read_alarms() == [("our_calls", cause)]
    [letter] = read_outbox()
    assert letter.to == ["admin@example.com"]
    assert letter.subject.startswith("Dog n Bone: 1 call within 10 minutes: ")
    assert f"http://localhost:8000/admin/phone/callfailuregroup/?cause={cause}" in letter.body


def test_how_many_and_within_how_long_may_be_set(end: End, settings: Any) -> None:
    settings.ALARM_CALLS = 3
    end("webhook_failed", minutes_ago=11)
    end("webhook_failed")
    end("twiml_app_missing")
    end("webhook_failed")
    assert read_alarms() == []
    end("webhook_failed")
    assert read_alarms() == [("our_calls", "webhook_failed")]
    assert Alarm.objects.get().reason.startswith("3 calls within 10 minutes: ")


@pytest.mark.parametrize("cause", [slug for slug in SLUGS if slug not in (*OURS, *DEAD)])
def test_nobody_is_alarmed_by_what_is_not_ours_to_mend(cause: str, end: End) -> None:
    for minutes_ago in (120, 60, 0, 0, 0, 0, 0, 0):
        end(cause, minutes_ago)
    assert read_alarms() == []
    assert read_outbox() == []


@pytest.mark.parametrize("cause", DEAD)
def test_an_account_of_which_no_call_gets_through_for_an_hour_is_told(cause: str, end: End) -> None:
    end(cause, minutes_ago=70)
    end(cause, minutes_ago=15)
    assert read_alarms() == []
    end(cause)
    assert read_alarms() == [("account_calls", "AC" + "1" * 32)]
    assert Alarm.objects.get().reason.startswith("No call of Dental (…1111) has got through for 1 h 10 min: ")


def test_that_an_alarm_of_an_account_was_dismissed_is_kept_without_its_whole_sid(
    end: End, admin_user: User
) -> None:
    end("voice_disabled", minutes_ago=70)
    end("voice_disabled")
    signed_in(admin_user).post(f"/admin/alarms/{Alarm.objects.get().pk}/dismiss/")
    assert AdminAction.objects.get().detail == {"kind": "account_calls", "key": "…1111"}


def test_an_account_of_which_some_calls_get_through_is_not_dead(end: End, account: TwilioAccount) -> None:
    end("account_not_active", minutes_ago=70)
    answer_call(account, at=timezone.now() - timedelta(minutes=30))
    end("account_not_active", minutes_ago=10)
    end("account_not_active")
    assert read_alarms() == []


def test_an_alarm_about_calls_stands_until_a_call_gets_through(
    end: End, account: TwilioAccount, admin_user: User
) -> None:
    other = TwilioAccount.objects.create(account_sid="AC" + "2" * 32)
    end("webhook_failed", minutes_ago=5)
    end("webhook_failed", minutes_ago=5, of=other)
    client = signed_in(admin_user)
    html = client.get("/admin/accounts/user/").content.decode()
    assert "1 call within 10 minutes" in html
    assert client.get(Alarm.objects.get().address).status_code == 200
    answer_call(account)
    assert 'class="alarm"' in client.get("/admin/accounts/user/").content.decode()
    answer_call(other)
    assert 'class="alarm"' not in client.get("/admin/accounts/user/").content.decode()
    end("webhook_failed")
    assert 'class="alarm"' in client.get("/admin/accounts/user/").content.decode()
    assert Alarm.objects.get().times == 1


def test_news_that_come_too_late_alarm_nobody(end: End, account: TwilioAccount) -> None:
    answer_call(account)
    end("webhook_failed", minutes_ago=30)
    assert read_alarms() == []
    assert CallFailureGroup.objects.get().state == "resolved"
