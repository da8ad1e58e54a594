"""Lists leave as CSV that no spreadsheet runs; numbers are masked until asked for; links are kept."""

import csv
import io
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connections
from django.test import AsyncClient, Client
from django.utils import timezone

from accounts.admin import csv_export
from accounts.audit.admin_actions import AdminAction
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.saved_links import SavedLink
from accounts.streamed_files import neutralise
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from phone.calls.call import Call
from phone.echo_tests.echo_test import EchoTest
from tests.browser.admin_rows import make_rows
from tests.conftest import signed_in

FAILURES = "/admin/accounts/loginfailure/"
SAVE = "/admin/saved-links/"
NUMBER = "+442071838750"


@pytest.fixture
def call(alice: User) -> Call:
    return Call.objects.create(
        account=TwilioAccount.objects.create(account_sid="AC" + "1" * 32),
        call_sid="CA" + "1" * 28 + "beef",
        user=alice,
        direction="outgoing",
        from_address="+12025550123",
        to_address=NUMBER,
        status="completed",
    )


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_user("staff@example.com", "dog-and-bone", is_staff=True)


def allow(person: User, *codenames: str) -> Client:
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return signed_in(User.objects.get(pk=person.pk))


def fail(number: int, **fields: object) -> LoginFailure:
    at = timezone.now() - timedelta(minutes=number // 3)
    return LoginFailure.objects.create(
        email=f"p{number}@example.com", verdict="unclear", shown_by="check", failed_at=at, **fields
    )


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_cell_that_would_be_a_formula_is_neutralised(start: str) -> None:
    assert neutralise(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


def test_other_cells_are_left_alone() -> None:
    assert [neutralise(value) for value in (None, -5, "a=b", "", "plain")] == ["", "-5", "a=b", "", "plain"]


def test_the_list_is_exported_as_it_is_filtered_newest_first_in_batches(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_export, "BATCH", 4)
    for number in range(11):
        fail(number, twilio_message="=HYPERLINK(1)")
    LoginFailure.objects.create(email="other@example.com", verdict="ok", shown_by="check")
    answer = signed_in(admin_user).post(f"{FAILURES}export/?verdict=unclear")
    rows = read_csv(answer.getvalue())
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="login-failures.csv"'
    assert sorted(row["email"] for row in rows) == sorted(f"p{number}@example.com" for number in range(11))
    assert [row["failed_at"] for row in rows] == sorted((row["failed_at"] for row in rows), reverse=True)
    assert {row["twilio_message"] for row in rows} == {"'=HYPERLINK(1)"}
    assert AdminAction.objects.get().action == "export"


async def test_under_asgi_the_export_is_streamed(admin_user: User, transactional_db: None) -> None:
    client = AsyncClient()
    await client.aforce_login(admin_user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = await client.post(f"{FAILURES}export/")
    assert answer.is_async
    head = b"".join([part async for part in answer.streaming_content])
    # The thread that read the rows keeps its connection, which would keep the test database.
    await sync_to_async(connections.close_all)()
    assert head.decode("utf-8-sig").startswith("id,failed_at,")


def test_exporting_takes_the_permission_to_see_and_a_post(staff: User, alice: User) -> None:
    assert Client().post(f"{FAILURES}export/").status_code == 302
    assert signed_in(alice).post(f"{FAILURES}export/", follow=True).status_code == 403
    assert allow(staff).post(f"{FAILURES}export/").status_code == 403
    assert allow(staff, "view_loginfailure").get(f"{FAILURES}export/").status_code == 405
    assert allow(staff, "view_loginfailure").post(f"{FAILURES}export/").status_code == 200


def test_numbers_are_masked_on_every_page_and_in_the_export(call: Call, admin_user: User) -> None:
    client = signed_in(admin_user)
    pages = (
        "/admin/phone/call/",
        f"/admin/phone/call/{call.pk}/change/",
        f"/admin/phone/call/?q={call.call_sid[-4:]}",
    )
    for address in pages:
        html = client.get(address).content.decode()
        assert "750" in html
        assert NUMBER[1:] not in html
    exported = read_csv(client.post("/admin/phone/call/export/").getvalue())
    assert exported[0]["to_address"] == "'+•••••••••750"
    number = PhoneNumber.objects.create(account=call.account, sid="PN1", kind="owned", phone_number=NUMBER)
    for address in ("/admin/accounts/phonenumber/", f"/admin/accounts/phonenumber/{number.pk}/change/"):
        assert NUMBER[1:] not in client.get(address).content.decode()


def test_an_echo_test_is_exported_as_its_page_shows_it(call: Call, alice: User, admin_user: User) -> None:
    test = EchoTest.objects.create(
        account=call.account, user=alice, call_sid=call.call_sid, recording_sid="RE" + "2" * 32
    )
    client = signed_in(admin_user)
    exported = client.post("/admin/phone/echotest/export/").getvalue()
    shown = ["id", "account_id", "user_id", "begun_at", "ended_at", "result", "is_given_up"]
    assert list(read_csv(exported)[0]) == shown
    page = client.get(f"/admin/phone/echotest/{test.pk}/change/").content
    for sid in (test.call_sid, test.recording_sid):
        assert sid.encode() not in exported + page


def test_every_list_that_is_exported_has_its_rows_in_the_file(admin_user: User) -> None:
    make_rows(admin_user)
    client = signed_in(admin_user)
    for model, model_admin in admin.site._registry.items():
        if getattr(model_admin, "newest_by", "") and model._default_manager.exists():
            address = f"/admin/{model._meta.label_lower.replace('.', '/')}/export/"
            assert read_csv(client.post(address).getvalue()), address


def test_a_full_number_takes_a_permission_and_is_kept(call: Call, staff: User) -> None:
    address = f"/admin/phone/call/{call.pk}/unmask/"
    client = allow(staff, "view_call")
    assert b"Show the full numbers" not in client.get(f"/admin/phone/call/{call.pk}/change/").content
    assert client.post(address).status_code == 403
    assert allow(staff, "unmask_call").post(address).status_code == 403
    assert not AdminAction.objects.exists()

    client = allow(staff, "view_call", "unmask_call")
    assert b"Show the full numbers" in client.get(f"/admin/phone/call/{call.pk}/change/").content
    assert client.get(address).status_code == 405
    shown = client.post(address)
    assert NUMBER in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    look = AdminAction.objects.get()
    assert (look.action, look.target_id, look.actor) == ("unmask", str(call.pk), staff)
    assert NUMBER not in f"{look.note} {look.detail}"


def test_a_call_is_found_by_its_sids_tail_its_person_or_a_whole_number(call: Call, admin_user: User) -> None:
    client = signed_in(admin_user)
    for words in ("beef", call.call_sid, "alice@example.com", NUMBER):
        assert len(client.get("/admin/phone/call/", {"q": words}).context["cl"].result_list) == 1
    assert not client.get("/admin/phone/call/", {"q": "0000"}).context["cl"].result_list


def test_a_list_is_kept_under_a_name_for_oneself_or_for_all(staff: User, admin_user: User) -> None:
    address = f"{FAILURES}?verdict=unclear"
    client = signed_in(admin_user)
    assert client.post(SAVE, {"name": "Odd ones", "address": address}).headers["Location"] == address
    client.post(SAVE, {"name": "For all", "address": address, "is_shared": "on"})
    assert "Odd ones" in client.get(FAILURES).content.decode()
    others = allow(staff, "view_loginfailure").get(FAILURES).content.decode()
    assert ("For all" in others, "Odd ones" in others) == (True, False)

    link = SavedLink.objects.get(name="For all")
    assert allow(staff, "view_loginfailure").post(f"{SAVE}{link.pk}/remove/").status_code == 404
    client.post(f"{SAVE}{link.pk}/remove/")
    assert [link.name for link in SavedLink.objects.all()] == ["Odd ones"]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/admin/",
        "/accounts/login/",
        "javascript:alert(1)",
    ],
)
def test_only_pages_of_the_admin_are_kept(address: str, admin_user: User) -> None:
    signed_in(admin_user).post(SAVE, {"name": "x", "address": address})
    assert not SavedLink.objects.exists()


def test_links_are_for_staff(alice: User) -> None:
    assert signed_in(alice).post(SAVE, {"name": "x", "address": FAILURES}, follow=True).status_code == 403
    assert not SavedLink.objects.exists()
