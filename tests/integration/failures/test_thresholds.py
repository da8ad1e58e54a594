"""From how much on an alarm is raised is set by staff who may, and who set it is kept."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.audit.admin_actions import AdminAction
from accounts.clients import ClientInfo
from accounts.failures.alarms import Alarm
from accounts.failures.recording import record_login_failure
from accounts.failures.thresholds import AlarmThresholds, Thresholds, get_thresholds
from accounts.people import User
from accounts.verdicts.verdict import build_verdict
from tests.conftest import signed_in

ADDRESS = "/admin/accounts/alarm/thresholds/"
NUMBERS = {"people": 3, "accounts": 4, "minutes": 20, "settling_days": 0, "calls": 2, "call_minutes": 30}


@pytest.fixture
def guard(db: None) -> User:
    person = User.objects.create_user("guard@example.com", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="change_alarmthresholds"))
    return person


def test_the_settings_hold_until_somebody_sets_others(guard: User, settings: object) -> None:
    settings.ALARM_PEOPLE = 8
    assert get_thresholds() == Thresholds(
        people=8, accounts=5, minutes=10, settling_days=7, calls=1, call_minutes=60
    )
    assert signed_in(guard).post(ADDRESS, NUMBERS).status_code == 302
    assert get_thresholds() == Thresholds(**NUMBERS)


def test_numbers_that_were_set_are_those_that_raise(
    guard: User, django_capture_on_commit_callbacks: Callable
) -> None:
    signed_in(guard).post(ADDRESS, {**NUMBERS, "settling_days": 365})
    for number in range(3):
        assert not Alarm.objects.exists()
        with django_capture_on_commit_callbacks(execute=True):
            record_login_failure(
                shown_by="check",
                verdict=build_verdict("wrong_auth_token"),
                email=f"p{number}@example.com",
                account_sid="AC" + "1" * 32,
                client=ClientInfo("198.51.100.7"),
            )
    assert Alarm.objects.get().reason == "3 people within 20 minutes: The Auth Token is wrong"


def test_who_changed_what_is_kept_and_shown_and_the_same_again_is_no_change(guard: User) -> None:
    client = signed_in(guard)
    client.post(ADDRESS, NUMBERS)
    client.post(ADDRESS, NUMBERS)
    action = AdminAction.objects.get()
    assert (action.actor, action.action, action.target_type) == (guard, "change", "accounts.alarmthresholds")
    assert action.detail["before"]["minutes"] == 10
    assert action.detail["after"] == NUMBERS
    html = client.get(ADDRESS).content.decode()
    assert "guard@example.com: people failing the same way 5 → 3" in html


def test_back_to_the_settings_own(guard: User) -> None:
    client = signed_in(guard)
    client.post(ADDRESS, NUMBERS)
    client.post(ADDRESS, {"defaults": "yes"})
    assert not AlarmThresholds.objects.exists()
    assert get_thresholds().people == 5
    assert AdminAction.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": 1},
        {"minutes": 0},
        {"minutes": "ten"},
        {"accounts": -3},
        {"settling_days": 9999},
        {"calls": 0},
    ],
)
def test_numbers_that_make_no_sense_are_refused(guard: User, wrong: dict) -> None:
    assert signed_in(guard).post(ADDRESS, {**NUMBERS, **wrong}).status_code == 422
    assert not AlarmThresholds.objects.exists()


def test_only_staff_with_the_permission_reach_them(alice: User, db: None) -> None:
    staff = User.objects.create_user("staff@example.com", is_staff=True)
    assert Client().post(ADDRESS, NUMBERS).status_code == 302
    assert signed_in(alice).post(ADDRESS, NUMBERS, follow=True).status_code == 403
    assert signed_in(staff).post(ADDRESS, NUMBERS).status_code == 403
    assert not AlarmThresholds.objects.exists()
