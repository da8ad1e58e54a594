"""The audit trail and the login failures in the admin: shown, found, never changed, reviewed."""

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
from phone.calls.call import Call
from phone.calls.refusals import WebhookRefusal
from phone.device.events import DeviceEvent
from phone.tokens.issued_tokens import IssuedToken
from tests.conftest import signed_in

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
CALL_SID = "CA" + "fedcba9876543210" * 2
FAILURES = "/admin/accounts/loginfailure/"
AUDITED = [
    "accounts/loginfailure",
    "phone/deviceevent",
    "phone/issuedtoken",
    "phone/call",
    "phone/webhookrefusal",
]
PAGES = [
    *AUDITED,
    "accounts/user",
    "accounts/twilioaccount",
    "accounts/twiliocredentials",
    "accounts/phonenumber",
]


def fail(user: User | None = None, **fields: object) -> LoginFailure:
    facts = {
        "verdict": "wrong_auth_token",
        "shown_by": "check",
        "email": user.email if user else "",
        "account_sid": ACCOUNT_SID,
        "twilio_status": 401,
        "twilio_code": 20003,
        "twilio_message": "Authenticate",
        "twilio_request_id": "RQ77",
    }
    return LoginFailure.objects.create(user=user, **{**facts, **fields})


@pytest.fixture
def rows(alice: User) -> dict[str, object]:
    """One row of everything, by the part of its admin address."""
    account = TwilioAccount.objects.create(account_sid=ACCOUNT_SID, friendly_name="Shop")
    now = timezone.now()
    who = {"user": alice, "identity": alice.identity, "email": alice.email, "account_sid": ACCOUNT_SID}
    return {
        "accounts/user": alice,
        "accounts/twilioaccount": account,
        "accounts/twiliocredentials": TwilioCredentials.objects.create(
            user=alice, account=account, auth_token="secret" * 5, api_key_secret="hidden" * 5
        ),
        "accounts/phonenumber": PhoneNumber.objects.create(
            account=account, sid="PN1", kind="owned", phone_number="+12025550123"
        ),
        "accounts/loginfailure": fail(alice),
        "phone/deviceevent": DeviceEvent.objects.create(
            **who,
            event_id=uuid.uuid4(),
            page_session=uuid.uuid4(),
            seq=1,
            state="error",
            sdk_event="error",
            code=31202,
            reported_at=now,
        ),
        "phone/issuedtoken": IssuedToken.objects.create(**who, kind="access", jti="SK1-1", expires_at=now),
        "phone/call": Call.objects.create(
            account=account,
            call_sid=CALL_SID,
            user=alice,
            direction="outgoing",
            from_address="+12025550123",
            to_address="+442071838750",
            status="completed",
        ),
        "phone/webhookrefusal": WebhookRefusal.objects.create(reason="bad signature", path="/x/"),
    }


@pytest.fixture
def staff(db: None) -> Callable[..., Client]:
    def make(*permissions: str) -> Client:
        person = User.objects.create_user("staff@example.com", "dog-and-bone", is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        return signed_in(person)

    return make


@pytest.mark.parametrize("table", PAGES)
def test_an_admin_sees_every_list_and_every_row_without_a_secret(
    table: str, rows: dict, admin_user: User
) -> None:
    client = signed_in(admin_user)
    for address in (f"/admin/{table}/", f"/admin/{table}/{rows[table].pk}/change/"):
        answer = client.get(address)
        assert answer.status_code == 200
        shown = answer.content.decode()
        assert "secretsecret" not in shown
        assert "hiddenhidden" not in shown
        assert "2071838" not in shown
        assert "<style" not in shown
        assert " style=" not in shown


@pytest.mark.parametrize("table", PAGES)
def test_a_signed_in_person_who_is_not_staff_sees_none_of_it(table: str, rows: dict, alice: User) -> None:
    assert Client().get(f"/admin/{table}/").status_code == 302
    answer = signed_in(alice).get(f"/admin/{table}/", follow=True)
    assert answer.status_code == 403
    assert Client().get(f"/admin/{table}/{rows[table].pk}/change/").status_code == 302


@pytest.mark.parametrize("table", PAGES)
def test_staff_without_permission_are_refused(table: str, rows: dict, staff: Callable[..., Client]) -> None:
    client = staff()
    assert client.get(f"/admin/{table}/").status_code == 403
    assert client.get(f"/admin/{table}/{rows[table].pk}/change/").status_code == 403


@pytest.mark.parametrize("table", AUDITED)
def test_not_even_a_superuser_adds_changes_or_deletes_an_audit_row(
    table: str, rows: dict, admin_user: User
) -> None:
    client, row = signed_in(admin_user), rows[table]
    assert client.get(f"/admin/{table}/add/").status_code == 403
    assert client.post(f"/admin/{table}/add/", {"verdict": "ok"}).status_code == 403
    assert client.post(f"/admin/{table}/{row.pk}/change/", {"verdict": "ok"}).status_code == 403
    assert client.post(f"/admin/{table}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(
        f"/admin/{table}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    )
    assert type(row)._base_manager.filter(pk=row.pk).exists()


def test_a_failure_says_what_it_means_and_what_twilio_said(rows: dict, admin_user: User) -> None:
    shown = (
        signed_in(admin_user).get(f"{FAILURES}{rows['accounts/loginfailure'].pk}/change/").content.decode()
    )
    for part in (
        "alice@example.com",
        'data-verdict="wrong_auth_token"',
        "401",
        "20003",
        "Authenticate",
        "RQ77",
    ):
        assert part in shown


@pytest.mark.parametrize(
    "words",
    [
        "alice@example.com",
        "alice",
        "cdef",
        "…89abcdef",
        ACCOUNT_SID,
        "20003",
        "RQ77",
        "wrong_auth_token",
        "auth token",
    ],
)
def test_a_failure_is_found_by_what_an_admin_knows_of_it(
    words: str, alice: User, bob: User, admin_user: User
) -> None:
    fail(alice)
    fail(
        bob,
        verdict="browser_network",
        account_sid="AC" + "f" * 32,
        twilio_status=None,
        twilio_code=31005,
        twilio_request_id="RQ99",
    )
    answer = signed_in(admin_user).get(FAILURES, {"q": words})
    assert [failure.email for failure in answer.context["cl"].result_list] == ["alice@example.com"]


def test_failures_are_filtered_by_verdict_time_and_where_they_showed(alice: User, admin_user: User) -> None:
    fail(alice)
    fail(alice, verdict="browser_network", shown_by="device")
    client = signed_in(admin_user)
    queries = (
        {"verdict": "browser_network"},
        {"shown_by": "device"},
        {"failed_at__gte": "2001-01-01 00:00:00+00:00", "verdict": "browser_network"},
    )
    for query in queries:
        found = client.get(FAILURES, query).context["cl"].result_list
        assert [failure.verdict for failure in found] == ["browser_network"]


def test_a_failure_is_reviewed_once_with_a_note(alice: User, admin_user: User) -> None:
    failure, client = fail(alice), signed_in(admin_user)
    chosen = {"action": "mark_reviewed", "_selected_action": [str(failure.pk)]}
    assert b"Mark as reviewed" in client.post(FAILURES, chosen).content
    without_note = client.post(FAILURES, {**chosen, "apply": "yes", "note": ""})
    assert b"This field is required" in without_note.content

    client.post(FAILURES, {**chosen, "apply": "yes", "note": "Token rotated; she typed the old one."})

    failure.refresh_from_db()
    assert (failure.reviewed_by, failure.review_note) == (admin_user, "Token rotated; she typed the old one.")
    assert not client.get(FAILURES).context["cl"].result_list
    assert len(client.get(FAILURES, {"reviewed": "yes"}).context["cl"].result_list) == 1


def test_staff_without_the_permission_cannot_review(alice: User, staff: Callable[..., Client]) -> None:
    failure = fail(alice)
    client = staff("view_loginfailure")
    assert b"mark_reviewed" not in client.get(FAILURES).content
    client.post(
        FAILURES,
        {"action": "mark_reviewed", "_selected_action": [str(failure.pk)], "apply": "yes", "note": "mine"},
    )
    failure.refresh_from_db()
    assert failure.reviewed_at is None


def test_staff_with_the_permission_can_review(alice: User, staff: Callable[..., Client]) -> None:
    failure = fail(alice)
    client = staff("view_loginfailure", "review_loginfailure")
    client.post(
        FAILURES,
        {"action": "mark_reviewed", "_selected_action": [str(failure.pk)], "apply": "yes", "note": "seen"},
    )
    failure.refresh_from_db()
    assert failure.review_note == "seen"


def test_a_failure_can_be_reviewed_where_it_is_read(alice: User, admin_user: User) -> None:
    failure, client = fail(alice), signed_in(admin_user)
    shown = client.get(f"{FAILURES}{failure.pk}/change/").content.decode()
    assert f'action="{FAILURES}?reviewed=all"' in shown
    assert 'value="mark_reviewed"' in shown
    assert "delete_selected" not in shown


@pytest.mark.parametrize("table", AUDITED)
def test_a_longer_list_asks_no_more_of_the_database(
    table: str, rows: dict, alice: User, admin_user: User
) -> None:
    client = signed_in(admin_user)

    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/admin/{table}/")
        return len(queries)

    client.get(f"/admin/{table}/")
    before = count_queries()
    row = rows[table]
    for number in range(20):
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        for field in row._meta.concrete_fields:
            if field.primary_key or field.name in ("event_id", "call_sid"):
                values[field.attname] = None if field.get_internal_type() == "BigAutoField" else uuid.uuid4()
        if "call_sid" in values:
            values["call_sid"] = f"CA{number:032x}"
        type(row)._base_manager.create(**values)
    assert count_queries() == before


def test_an_admin_adds_a_person_by_e_mail(admin_user: User) -> None:
    answer = signed_in(admin_user).post(
        "/admin/accounts/user/add/",
        {
            "email": "Carol@Example.com",
            "name": "Carol",
            "usable_password": "true",
            "password1": "a-good-pass-phrase",
            "password2": "a-good-pass-phrase",
        },
    )
    assert answer.status_code == 302
    assert User.objects.get(email="carol@example.com").check_password("a-good-pass-phrase")


def test_staff_who_change_people_cannot_make_themselves_superuser(
    staff: Callable[..., Client], admin_user: User
) -> None:
    client = staff("view_user", "change_user")
    person = User.objects.get(email="staff@example.com")
    client.post(
        f"/admin/accounts/user/{person.pk}/change/",
        {"email": person.email, "is_active": "on", "is_staff": "on", "is_superuser": "on"},
    )
    person.refresh_from_db()
    assert not person.is_superuser
    assert (
        client.post(f"/admin/accounts/user/{admin_user.pk}/change/", {"email": "x@example.com"}).status_code
        == 403
    )
    assert (
        client.post(f"/admin/accounts/user/{admin_user.pk}/password/", {"password1": "x"}).status_code == 403
    )


def test_removing_a_person_keeps_their_trail(rows: dict, alice: User, admin_user: User) -> None:
    answer = signed_in(admin_user).post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert not User.objects.filter(pk=alice.pk).exists()
    event = DeviceEvent.objects.get()
    assert (event.user, event.email) == (None, "alice@example.com")
    assert LoginFailure.objects.get().email == "alice@example.com"


def test_login_failures_say_beside_each_choice_how_many_there_are(alice: User, admin_user: User) -> None:
    fail(alice)
    fail(alice, verdict="browser_network", shown_by="device")
    changelist = signed_in(admin_user).get(FAILURES, {"shown_by": "device"}).context["cl"]
    counts = {
        spec.title: {one["display"]: one["count"] for one in spec.choices(changelist) if not one["is_empty"]}
        for spec in changelist.filter_specs
        if spec.template == "admin/counted_filter.html"
    }
    assert counts == {
        "review": {"To review": "1", "All": "1"},
        "where it showed": {
            "Anywhere": "2",
            "Check of the credentials": "1",
            "Device in the browser": "1",
        },
        "verdict": {"Any": "1", "This browser cannot reach Twilio": "1"},
    }
