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
from accounts.audit.journal import AccountEvent
from accounts.clients import ClientInfo
from accounts.failures.alarms import Alarm
from accounts.failures.groups import FailureGroup, VerdictHour
from accounts.failures.recording import record_login_failure, record_sign_in_failure
from accounts.people import User
from accounts.verdicts.verdict import build_verdict
from tests.conftest import signed_in
from tests.tasks import read_outbox

Fail = Callable[..., None]


@pytest.fixture
def fail(django_capture_on_commit_callbacks: Callable, db: None) -> Fail:
    """A stranger's failure, in an install a month old where every verdict but `unclear` was seen before."""
    User.objects.create_user("first@example.com", date_joined=timezone.now() - timedelta(days=30))
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


@pytest.fixture
def old_hand(alice: User) -> User:
    """Somebody whose login has worked before."""
    proven = timezone.now() - timedelta(days=2)
    AccountEvent.objects.create(user=alice, email=alice.email, kind="check_passed", happened_at=proven)
    return alice


def fail_newly(callbacks: Callable, user: User | None, **fields: object) -> None:
    with callbacks(execute=True):
        record_login_failure(
            **{"shown_by": "device", "verdict": build_verdict("unclear"), "user": user, **fields}
        )


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
    assert read_alarms() == []
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
        fail(2, verdict="unclear")
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
    fail(2, verdict="unclear")
    assert read_outbox()[0].to == ["guard@example.com"]


def test_each_recipient_is_written_to_in_their_language(fail: Fail, admin_user: User) -> None:
    for name in ("anna", "bernd"):
        User.objects.create_user(f"{name}@example.com", is_staff=True, is_superuser=True, language="de")
    fail(1, verdict="wrong_region")
    fail(2, verdict="wrong_region")
    letters = {letter.subject: (letter.to, letter.body) for letter in read_outbox()}
    to, body = letters.pop("Dog n Bone: Never seen before: The credentials belong to another region")
    assert to == [admin_user.email]
    assert "A verdict never seen before. Look at it here:\n" in body
    [(subject, (to, body))] = letters.items()
    assert subject.startswith("Dog n Bone: Neuer Befund: ")
    assert to == ["anna@example.com", "bernd@example.com"]
    assert "Ein neuer Befund. Hier ansehen:\n" in body
    assert "/admin/accounts/failuregroup/?verdict=wrong_region" in body


def test_an_alarm_is_told_to_each_admin_in_their_language_and_found_by_those_words(
    admin_user: User, fail: Fail
) -> None:
    for number in range(5):
        fail(number)
    client, url = signed_in(admin_user), "/admin/accounts/alarm/"
    english = "5 people within 10 minutes: The Auth Token is wrong"
    german = "5 Personen innerhalb von 10 Minuten: Das Auth Token ist falsch"
    assert english in client.get(f"{url}?q=auth token").text
    speaks_german = {"accept-language": "de"}
    assert german in client.get(f"{url}?q=das auth", headers=speaks_german).text
    assert (
        german not in client.get(f"{url}?q=anything", headers=speaks_german).text.partition("result_list")[2]
    )
    exported = client.post(f"{url}export/", headers=speaks_german)
    text = b"".join(exported.streaming_content).decode()  # type: ignore[attr-defined]
    assert ",reason," in text and english in text and "alarms" in exported["Content-Disposition"]


def test_an_alarm_of_the_version_before_stays_readable(fail: Fail, admin_user: User) -> None:
    kept = "5 people within 10 minutes: The Auth Token was wrong"
    alarm = Alarm.objects.create(
        kind="many_people", key="wrong_auth_token", kept_reason=kept, address="/admin/"
    )
    assert alarm.reason == str(alarm) == kept
    Alarm.objects.update(last_seen_at=timezone.now() - timedelta(days=1))
    for number in range(5):
        fail(number)
    assert Alarm.objects.get().reason == "5 people within 10 minutes: The Auth Token is wrong"


def test_the_banner_stands_on_every_page_until_it_is_dismissed(fail: Fail, admin_user: User) -> None:
    fail(1, verdict="unclear")
    fail(2, verdict="unclear")
    client, alarm = signed_in(admin_user), Alarm.objects.get()
    for address in ("/admin/", "/admin/accounts/user/", alarm.address):
        assert "Never seen before" in client.get(address).content.decode()
    here = "/admin/accounts/user/?is_staff__exact=1"
    back = client.post(f"/admin/alarms/{alarm.pk}/dismiss/", {"back": here})
    assert back.headers["Location"] == here
    away = client.post(f"/admin/alarms/{alarm.pk}/dismiss/", {"back": "https://evil.example/admin/"})
    assert away.headers["Location"] == "/admin/"
    client.post(f"/admin/alarms/{alarm.pk}/dismiss/")
    assert 'class="alarm"' not in client.get("/admin/").content.decode()
    alarm.refresh_from_db()
    assert alarm.dismissed_by == admin_user
    done = AdminAction.objects.get()
    assert (done.action, done.detail) == ("dismiss", {"kind": "new_verdict", "key": "unclear"})
    assert "Never seen before" in client.get("/admin/accounts/alarm/").content.decode()


def test_alarms_are_seen_and_dismissed_by_permission(fail: Fail, alice: User) -> None:
    fail(1, verdict="unclear")
    fail(2, verdict="unclear")
    alarm = Alarm.objects.get()
    address = f"/admin/alarms/{alarm.pk}/dismiss/"
    staff = User.objects.create_user("staff@example.com", is_staff=True)
    assert Client().post(address).status_code == 302
    assert signed_in(alice).post(address, follow=True).status_code == 403
    assert signed_in(staff).post(address).status_code == 403
    assert 'class="alarm"' not in signed_in(staff).get("/admin/").content.decode()
    alarm.refresh_from_db()
    assert alarm.dismissed_at is None


def test_a_fresh_install_is_quiet_about_what_it_has_never_seen(
    old_hand: User, bob: User, admin_user: User, django_capture_on_commit_callbacks: Callable
) -> None:
    fail_newly(django_capture_on_commit_callbacks, old_hand)
    fail_newly(django_capture_on_commit_callbacks, bob)
    assert read_alarms() == []


def test_a_beginners_mistake_is_no_alarm_and_the_same_of_somebody_whose_login_worked_is(
    fail: Fail, old_hand: User, bob: User, django_capture_on_commit_callbacks: Callable
) -> None:
    fail_newly(django_capture_on_commit_callbacks, bob, verdict=build_verdict("malformed"))
    fail_newly(
        django_capture_on_commit_callbacks, None, verdict=build_verdict("rate_limited"), email="x@y.example"
    )
    assert read_alarms() == []
    fail_newly(django_capture_on_commit_callbacks, old_hand)
    assert read_alarms() == [("new_verdict", "unclear")]


def test_a_first_typo_at_the_door_is_no_alarm(
    fail: Fail, old_hand: User, django_capture_on_commit_callbacks: Callable
) -> None:
    VerdictHour.objects.all().delete()
    for email in (old_hand.email, "who@example.com"):
        with django_capture_on_commit_callbacks(execute=True):
            record_sign_in_failure(email=email, client=ClientInfo("203.0.113.9"))
    assert read_alarms() == []


def banner(client: Client) -> str:
    html = client.get("/admin/accounts/user/").content.decode()
    return html.partition('class="alarm"')[2].partition("</div>")[0]


def test_one_banner_at_most_says_how_many_others_stand(fail: Fail, admin_user: User) -> None:
    for number in range(5):
        fail(number)
        fail(number, verdict="browser_network")
    client = signed_in(admin_user)
    assert len(read_alarms()) == 3
    assert "and 2 other alarms" in banner(client)
    assert client.get("/admin/").content.decode().count('class="alarm"') == 1


def test_an_alarm_is_gone_when_what_it_is_about_is_resolved_and_back_when_that_is_back(
    fail: Fail, admin_user: User
) -> None:
    for number in range(5):
        fail(number)
    client = signed_in(admin_user)
    FailureGroup.objects.exclude(email="p4@example.com").resolve()
    assert "5 people" in banner(client)
    FailureGroup.objects.resolve()
    assert banner(client) == ""
    assert "over: all of it is resolved" in client.get("/admin/accounts/alarm/").content.decode()
    fail(7, verdict="sign_in_failed")
    assert banner(client) == ""
    fail(2)
    assert "5 people" in banner(client)
    assert Alarm.objects.get().times == 1


def test_an_address_that_tried_many_accounts_is_over_when_all_it_caused_is_resolved(
    fail: Fail, admin_user: User, settings: object
) -> None:
    settings.ALARM_PEOPLE = 100
    for sid in "12345":
        fail(1, sid=sid)
    client = signed_in(admin_user)
    FailureGroup.objects.exclude(account_sid__endswith="3").resolve()
    assert "198.51.100.7 failed with 5 accounts" in banner(client)
    FailureGroup.objects.resolve()
    assert banner(client) == ""
