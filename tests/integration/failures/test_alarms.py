"""Alarms are raised once, with reason and link, by e-mail and as a banner, and dismissed by permission."""

import smtplib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.mail.backends import locmem
from django.test import Client
from django.utils import timezone

from accounts.audit.admin_actions import AdminAction
from accounts.clients import ClientInfo
from accounts.failures.alarms import Alarm
from accounts.failures.groups import VerdictHour
from accounts.failures.recording import record_login_failure, record_sign_in_failure
from accounts.people import User
from accounts.verdicts.verdict import build_verdict
from tests.conftest import signed_in
from tests.tasks import read_outbox

Fail = Callable[..., None]


@pytest.fixture
def fail(django_capture_on_commit_callbacks: Callable, db: None) -> Fail:
    """One person's failure; every verdict but `unclear` has been seen before."""
    yesterday = timezone.now() - timedelta(days=1)
    for verdict in ("wrong_auth_token", "sign_in_failed"):
        VerdictHour.objects.create(verdict=verdict, hour=yesterday, count=1)

    def fail(
        number: int = 1, verdict: str = "wrong_auth_token", ip: str = "198.51.100.7", sid: str = "1"
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            record_login_failure(
                shown_by="check",
                verdict=build_verdict(verdict),
                email=f"p{number}@example.com",
                account_sid="AC" + sid * 32,
                client=ClientInfo(ip),
            )

    return fail


def read_alarms() -> list[tuple[str, str]]:
    return list(Alarm.objects.order_by("id").values_list("kind", "key"))


def test_many_people_failing_the_same_way_raise_one_alarm(fail: Fail, admin_user: User) -> None:
    for number in range(4):
        fail(number)
        fail(number)
    assert read_alarms() == []
    fail(4)
    fail(5)
    assert read_alarms() == [("many_people", "wrong_auth_token")]
    letter = read_outbox()[0]
    assert len(read_outbox()) == 1
    assert letter.to == ["admin@example.com"]
    assert letter.subject == "Dog n Bone: 5 people within 10 minutes: The Auth Token is wrong"
    assert "http://localhost:8000/admin/accounts/failuregroup/?verdict=wrong_auth_token" in letter.body


def test_people_failing_in_different_ways_or_long_ago_raise_none(
    fail: Fail, admin_user: User, settings: object
) -> None:
    settings.ALARM_PEOPLE = 2
    fail(1)
    fail(2, verdict="sign_in_failed")
    Alarm.objects.all().delete()
    settings.ALARM_MINUTES = 0
    fail(3)
    assert read_alarms() == []


def test_a_verdict_never_seen_before_raises_an_alarm_once_for_ever(fail: Fail, admin_user: User) -> None:
    fail(1, verdict="unclear")
    fail(2, verdict="unclear")
    Alarm.objects.update(last_seen_at=timezone.now() - timedelta(days=3))
    fail(3, verdict="unclear")
    assert read_alarms() == [("new_verdict", "unclear")]
    assert [letter.subject for letter in read_outbox()] == [
        "Dog n Bone: Never seen before: Twilio's answer was unclear"
    ]


def test_one_address_failing_many_accounts_raises_an_alarm(
    fail: Fail, admin_user: User, settings: object
) -> None:
    settings.ALARM_PEOPLE = 100
    for sid in "123412":
        fail(1, sid=sid)
    fail(1, sid="5", ip="198.51.100.8")
    assert read_alarms() == []
    fail(1, sid="5")
    assert read_alarms() == [("one_address", "198.51.100.7")]
    assert "?ip_address=198.51.100.7&reviewed=all" in Alarm.objects.get().address


def test_an_office_behind_one_address_is_no_attack(fail: Fail, admin_user: User, settings: object) -> None:
    settings.ALARM_PEOPLE = 100
    for number in range(8):
        fail(number)
    assert read_alarms() == []


def test_one_address_trying_many_e_mails_at_the_door_is_one(
    fail: Fail, admin_user: User, settings: object, django_capture_on_commit_callbacks: Callable
) -> None:
    settings.ALARM_PEOPLE = 100
    for number in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            record_sign_in_failure(email=f"x{number}@example.com", client=ClientInfo("203.0.113.9"))
    assert read_alarms() == [("one_address", "203.0.113.9")]


def test_an_alarm_is_raised_again_after_a_quiet_time(fail: Fail, admin_user: User) -> None:
    for number in range(5):
        fail(number)
    assert len(read_outbox()) == 1
    Alarm.objects.update(last_seen_at=timezone.now() - timedelta(hours=7), dismissed_at=timezone.now())
    fail(1)
    alarm = Alarm.objects.get()
    assert (alarm.times, alarm.dismissed_at, len(read_outbox())) == (2, None, 2)


def test_what_could_not_be_e_mailed_is_sent_later(
    fail: Fail, admin_user: User, monkeypatch: pytest.MonkeyPatch, pass_time: Any
) -> None:
    def break_down(*args: object, **kwargs: object) -> None:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", break_down)
        fail(1, verdict="unclear")
        assert read_outbox() == []
    assert Alarm.objects.get().emailed_at is None
    pass_time(timedelta(minutes=1))
    assert len(read_outbox()) == 1
    assert Alarm.objects.get().emailed_at is not None


def test_alarms_go_to_staff_who_may_receive_them(fail: Fail, alice: User) -> None:
    for name, is_staff in (("guard", True), ("former", False), ("clerk", True)):
        person = User.objects.create_user(f"{name}@example.com", is_staff=is_staff)
        if name != "clerk":
            person.user_permissions.set(Permission.objects.filter(codename="receive_alarm"))
    fail(1, verdict="unclear")
    assert read_outbox()[0].to == ["guard@example.com"]


def test_the_banner_stands_on_every_page_until_it_is_dismissed(fail: Fail, admin_user: User) -> None:
    fail(1, verdict="unclear")
    client, alarm = signed_in(admin_user), Alarm.objects.get()
    for address in ("/admin/", "/admin/accounts/user/", alarm.address):
        assert "Never seen before" in client.get(address).content.decode()
    client.post(f"/admin/alarms/{alarm.pk}/dismiss/")
    client.post(f"/admin/alarms/{alarm.pk}/dismiss/")
    assert 'class="alarm"' not in client.get("/admin/").content.decode()
    alarm.refresh_from_db()
    assert alarm.dismissed_by == admin_user
    assert AdminAction.objects.get().action == "dismiss"
    assert "Never seen before" in client.get("/admin/accounts/alarm/").content.decode()


def test_alarms_are_seen_and_dismissed_by_permission(fail: Fail, alice: User) -> None:
    fail(1, verdict="unclear")
    alarm = Alarm.objects.get()
    address = f"/admin/alarms/{alarm.pk}/dismiss/"
    staff = User.objects.create_user("staff@example.com", is_staff=True)
    assert Client().post(address).status_code == 302
    assert signed_in(alice).post(address, follow=True).status_code == 403
    assert signed_in(staff).post(address).status_code == 403
    assert 'class="alarm"' not in signed_in(staff).get("/admin/").content.decode()
    alarm.refresh_from_db()
    assert alarm.dismissed_at is None
