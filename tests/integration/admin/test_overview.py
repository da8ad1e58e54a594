"""The admin's first page says in ten seconds what to do first, and costs the same however much there is."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.failures.groups import note_failure
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from tests.conftest import signed_in

OVERVIEW = "/admin/"


def fail(person: User | None, account: TwilioAccount | None, verdict: str, minutes_ago: float = 5) -> None:
    failure = LoginFailure.objects.create(
        user=person,
        email=person.email if person else "who@example.com",
        account_sid=account.account_sid if account else "",
        verdict=verdict,
        shown_by="check",
        failed_at=timezone.now() - timedelta(minutes=minutes_ago),
    )
    note_failure(failure)


def make_account(name: str, people: int) -> tuple[TwilioAccount, list[User]]:
    account = TwilioAccount.objects.create(account_sid=f"AC{uuid.uuid4().hex}", friendly_name=name)
    members = [User.objects.create_user(f"{name.lower()}{number}@example.com") for number in range(people)]
    for person in members:
        TwilioCredentials.objects.create(user=person, account=account)
    return account, members


def be_present(person: User, state: str, seconds_ago: float = 1) -> None:
    DevicePresence.objects.create(
        user=person,
        page_session=uuid.uuid4(),
        socket=uuid.uuid4(),
        state=state,
        last_alive_at=timezone.now() - timedelta(seconds=seconds_ago),
    )


def report(person: User, page: uuid.UUID, state: str, seconds: float) -> None:
    at = timezone.now() - timedelta(minutes=10) + timedelta(seconds=seconds)
    DeviceEvent.objects.create(
        event_id=uuid.uuid4(),
        user=person,
        identity=person.identity,
        email=person.email,
        page_session=page,
        seq=1,
        state=state,
        sdk_event=state,
        reported_at=at,
        received_at=at,
    )


@pytest.fixture
def monday(db: None) -> None:
    """A rotated token in one account, an outage for two others, one stranger at the door."""
    dental, dentists = make_account("Dental", 4)
    shop, keepers = make_account("Shop", 4)
    sales, sellers = make_account("Sales", 4)
    for person in dentists:
        fail(person, dental, "wrong_auth_token")
    for person, account in ((keepers[0], shop), (sellers[0], sales), (sellers[1], sales)):
        fail(person, account, "twilio_unavailable")
    fail(None, None, "sign_in_failed", minutes_ago=3 * 24 * 60)
    be_present(keepers[1], "ready")
    be_present(keepers[2], "ready", seconds_ago=100)
    be_present(dentists[0], "error")
    for seconds in (1, 2, 3):
        page = uuid.uuid4()
        report(keepers[1], page, "connecting", 0)
        report(keepers[1], page, "ready", seconds)


def test_causes_come_first_with_the_most_people_and_one_thing_to_do(monday: None, admin_user: User) -> None:
    answer = signed_in(admin_user).get(OVERVIEW)
    causes = [
        (cause.verdict.code, cause.people, cause.account_name)
        for cause, _ in answer.context["overview"]["causes"]
    ]
    assert causes == [
        ("wrong_auth_token", 4, "Dental"),
        ("twilio_unavailable", 3, ""),
        ("sign_in_failed", 1, ""),
    ]
    address = answer.context["overview"]["causes"][0][1]
    assert len(signed_in(admin_user).get(address).context["cl"].result_list) == 4
    html = answer.content.decode()
    assert "Copy the Auth Token again" in html
    assert not re.search(r"<style| style=| onclick=|<script(?![^>]*src)", html)


def test_the_rest_of_the_page_says_who_is_failing_and_who_is_there(monday: None, admin_user: User) -> None:
    overview = signed_in(admin_user).get(OVERVIEW).context["overview"]
    assert len(overview["failing_now"]) == 7
    at_risk = [(account.name, account.failing, account.people) for account in overview["accounts_at_risk"]]
    assert at_risk == [("Dental", 4, 4), ("Sales", 2, 4), ("Shop", 1, 4)]
    assert overview["devices"] == {"ready": 1, "connecting": 0, "offline": 0, "error": 1, "silent": 1}
    assert overview["time_to_ready"].pages == 3
    assert overview["time_to_ready"].median == pytest.approx(2, abs=0.1)
    assert sum(one.total for one in overview["series"]) == 8
    assert overview["chart"].count("<rect") == 3


def test_who_is_online_is_fetched_anew(monday: None, admin_user: User) -> None:
    client = signed_in(admin_user)
    assert "/admin/live/" in client.get(OVERVIEW).content.decode()
    assert "shop1@example.com" in client.get("/admin/live/").content.decode()
    DevicePresence.objects.update(disconnected_at=timezone.now())
    assert "Nobody is at their phone" in client.get("/admin/live/").content.decode()


def test_an_empty_overview_says_that_all_is_well(admin_user: User) -> None:
    assert "Nobody's login is failing" in signed_in(admin_user).get(OVERVIEW).content.decode().replace(
        "&#x27;", "'"
    )


def test_the_overview_shows_failures_to_those_only_who_may_see_them(monday: None, alice: User) -> None:
    staff = User.objects.create_user("staff@example.com", "dog-and-bone", is_staff=True)
    assert Client().get("/admin/live/").status_code == 302
    assert signed_in(alice).get("/admin/live/", follow=True).status_code == 403
    assert signed_in(staff).get("/admin/live/").status_code == 403
    assert "dental0" not in signed_in(staff).get(OVERVIEW).content.decode()
    names = ("view_deviceevent", "view_loginfailure", "view_failuregroup")
    staff.user_permissions.set(Permission.objects.filter(codename__in=names))
    assert "dental0" in signed_in(staff).get(OVERVIEW).content.decode()


def test_more_failures_ask_no_more_of_the_database(monday: None, admin_user: User) -> None:
    client = signed_in(admin_user)

    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(OVERVIEW)
        return len(queries)

    count_queries()
    before = count_queries()
    account, people = make_account("More", 10)
    for person in people:
        fail(person, account, "wrong_api_secret")
        be_present(person, "ready")
        report(person, uuid.uuid4(), "ready", 1)
    assert count_queries() == before
