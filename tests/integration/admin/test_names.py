"""Nowhere in the admin stands an identity: people have names, and who is gone was "a former person"."""

import csv
import io
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.calls.parties import get_names, name_party, put_names
from phone.device.events import DeviceEvent
from phone.tokens.issued_tokens import IssuedToken
from tests.conftest import signed_in

CALLS = "/admin/phone/call/"
GONE = "dnb_" + "7" * 32


@pytest.fixture
def account(db: None) -> TwilioAccount:
    return TwilioAccount.objects.create(account_sid="AC" + "1" * 32)


def call(account: TwilioAccount, number: int, from_address: str, to_address: str, user: User | None) -> Call:
    return Call.objects.create(
        account=account,
        call_sid=f"CA{number:032x}",
        user=user,
        direction="outgoing",
        from_address=from_address,
        to_address=to_address,
        status="no-answer",
    )


def test_a_person_is_named_a_number_masked_and_who_is_gone_was_a_former_person(alice: User) -> None:
    names = get_names([f"client:{alice.identity}", "client:someone_else", "+442071838750"])
    assert name_party(f"client:{alice.identity}", names) == "Alice"
    assert name_party("client:someone_else", names) == "a former person"
    assert name_party("+442071838750", names) == "+•••••••••750"
    assert put_names(f"to {alice.identity}, not {GONE}.", names) == "to Alice, not a former person."


def test_a_person_without_a_name_is_called_by_their_e_mail(db: None) -> None:
    jo = User.objects.create_user("jo@example.com")
    assert name_party(f"client:{jo.identity}", get_names([jo.identity])) == "Jo"


def test_no_page_about_calls_tokens_or_devices_shows_an_identity(
    account: TwilioAccount, alice: User, bob: User, admin_user: User
) -> None:
    bob.name = "Jörg Müller"
    bob.save()
    one = call(account, 1, f"client:{alice.identity}", f"client:{bob.identity}", alice)
    call(account, 2, f"client:{alice.identity}", f"client:{GONE}", alice)
    page, now = uuid.uuid4(), timezone.now()
    who = {"user": alice, "identity": alice.identity, "email": alice.email}
    event = DeviceEvent.objects.create(
        **who,
        event_id=uuid.uuid4(),
        page_session=page,
        seq=1,
        state="error",
        sdk_event="error",
        message=f"Call to client:{bob.identity} failed",
        reported_at=now,
    )
    token = IssuedToken.objects.create(**who, kind="access", jti="SK1-1", expires_at=now)
    client = signed_in(admin_user)
    pages = (
        CALLS,
        f"{CALLS}{one.pk}/change/",
        "/admin/phone/deviceevent/",
        f"/admin/phone/deviceevent/{event.pk}/change/",
        f"/admin/phone/issuedtoken/{token.pk}/change/",
        f"/admin/timeline/person/{alice.pk}/",
        f"/admin/timeline/page/{page}/",
    )
    shown = [client.get(address).content.decode() for address in pages]
    shown.append(client.post(f"{CALLS}{one.pk}/unmask/").content.decode())
    exported = [
        client.post(f"/admin/phone/{table}/export/").getvalue().decode("utf-8-sig")
        for table in ("call", "deviceevent", "issuedtoken", "devicesilence")
    ]
    for text in (*shown, *exported):
        assert "dnb_" not in text
    assert "Jörg Müller" in shown[0]
    assert "a former person" in shown[0]
    assert {row["to_address"] for row in csv.DictReader(io.StringIO(exported[0]))} == {
        "Jörg Müller",
        "a former person",
    }


def test_names_cost_one_query_however_many_calls_are_listed(
    account: TwilioAccount, alice: User, bob: User, admin_user: User
) -> None:
    client = signed_in(admin_user)

    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(CALLS)
        return len(queries)

    call(account, 0, f"client:{alice.identity}", f"client:{bob.identity}", alice)
    count_queries()
    before = count_queries()
    for number in range(1, 25):
        person = User.objects.create_user(f"p{number}@example.com")
        call(account, number, f"client:{person.identity}", f"client:{bob.identity}", person)
    assert count_queries() == before


def test_an_export_begins_with_the_mark_by_which_excel_knows_its_umlauts(
    account: TwilioAccount, alice: User, admin_user: User
) -> None:
    alice.name = "Zoë Ångström"
    alice.save()
    call(account, 1, f"client:{alice.identity}", "+442071838750", alice)
    content = signed_in(admin_user).post(f"{CALLS}export/").getvalue()
    assert content.startswith(b"\xef\xbb\xbfid,")
    assert "Zoë Ångström" in content[3:].decode()
    assert content.count(b"\xef\xbb\xbf") == 1
