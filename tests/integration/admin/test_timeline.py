"""One screen answers "what happened at 10:42?": one click from the failure, whoever may see it."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.audit.journal import AccountEvent
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from phone.calls.call import Call
from phone.device.events import DeviceEvent
from phone.device.presence import DevicePresence
from phone.device.silences import DeviceSilence
from phone.echo_tests.echo_test import EchoTest
from phone.tokens.issued_tokens import IssuedToken
from tests.conftest import signed_in
from tests.webhook_requests import DEMO_SID, DEMO_TOKEN, make_member

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
PAGE = uuid.UUID(int=7)
NOW = timezone.now()


def at(minutes: float) -> object:
    return NOW - timedelta(hours=1) + timedelta(minutes=minutes)


def report(person: User, seq: int, state: str, minutes: float, **fields: object) -> DeviceEvent:
    facts = {"page_session": PAGE, "sdk_event": state, "reported_at": at(minutes), "received_at": at(minutes)}
    return DeviceEvent.objects.create(
        event_id=uuid.uuid4(),
        user=person,
        identity=person.identity,
        email=person.email,
        account_sid=ACCOUNT_SID,
        seq=seq,
        state=state,
        **{**facts, **fields},
    )


@pytest.fixture
def failure(alice: User) -> LoginFailure:
    """Alice signed in, got a token, registered, lost a report, failed, and had called before."""
    AccountEvent.objects.create(kind="signed_in", user=alice, email=alice.email, happened_at=at(-50))
    AccountEvent.objects.create(
        kind="check_passed", user=alice, email=alice.email, happened_at=at(0), page_session=PAGE
    )
    IssuedToken.objects.create(
        user=alice,
        identity=alice.identity,
        email=alice.email,
        account_sid=ACCOUNT_SID,
        kind="access",
        jti="SK1-123",
        issued_at=at(0.1),
        expires_at=at(60.1),
        page_session=PAGE,
    )
    report(alice, 1, "connecting", 0.2)
    report(alice, 2, "ready", 0.3)
    report(alice, 5, "error", 20, code=31202, message="JWT signature validation failed")
    Call.objects.create(
        account=TwilioAccount.objects.create(account_sid=ACCOUNT_SID),
        call_sid="CA" + "1" * 32,
        user=alice,
        direction="outgoing",
        from_address="+12025550123",
        to_address="+442071838750",
        status="completed",
        started_at=at(5),
        answered_at=at(5.1),
        ended_at=at(8.1),
    )
    DevicePresence.objects.create(
        user=alice, page_session=PAGE, socket=uuid.uuid4(), state="error", last_alive_at=at(21)
    )
    return LoginFailure.objects.create(
        user=alice,
        email=alice.email,
        verdict="wrong_api_secret",
        shown_by="device",
        account_sid=ACCOUNT_SID,
        page_session=PAGE,
        failed_at=at(20.1),
    )


def read_titles(answer: object) -> list[str]:
    return [entry.title for entry in answer.context["trail"].timeline.entries]


def test_a_failure_leads_to_its_timeline_in_one_click(failure: LoginFailure, admin_user: User) -> None:
    client = signed_in(admin_user)
    address = f"/admin/timeline/page/{PAGE}/?at="
    assert address in client.get("/admin/accounts/loginfailure/").content.decode()
    shown = client.get(f"/admin/accounts/loginfailure/{failure.pk}/change/").content.decode()
    link = shown[shown.index(address) :].partition("#")[0].replace("&amp;", "&")

    answer = client.get(link)

    assert read_titles(answer) == [
        "Signed in",
        "Nothing for 50 min",
        "Credentials proven",
        "Access token issued",
        "Connecting",
        "Ready",
        "Outgoing call to +•••••••••750",
        "Nothing for 15 min",
        "2 reports of this page never arrived",
        "Error",
        "The API key secret is wrong",
        "The page stopped answering",
    ]
    sought = [entry.title for entry in answer.context["trail"].timeline.entries if entry.is_sought]
    assert sought == ["The API key secret is wrong"]
    html = answer.content.decode()
    for part in ("SK1-123", "good for 60 min", "31202", "3 min"):
        assert part in html
    assert "2071838" not in html


def test_the_timeline_of_a_page_carries_its_support_report_with_nothing_that_must_not_be_passed_on(
    failure: LoginFailure, alice: User, bob: User, admin_user: User
) -> None:
    whole = "CA" + "1" * 32
    report(alice, 6, "incoming", 21, message=f"incoming {whole} from +442071838750")
    report(bob, 1, "error", 1, message="of bob", page_session=PAGE)
    make_member(alice)

    html = signed_in(admin_user).get(f"/admin/timeline/page/{PAGE}/").content.decode()
    text = html[html.index("Dog n Bone support report") :].partition("</pre>")[0]

    for part in (str(PAGE), alice.email, "wrong_api_secret", "incoming CA…1111 from (number)", "code 31202"):
        assert part in text, part
    assert f"Twilio account: …{DEMO_SID[-4:]}" in text
    for forbidden in (whole, "2071838", ACCOUNT_SID, DEMO_SID, DEMO_TOKEN, "SK1-123", "of bob"):
        assert forbidden not in text, forbidden


def test_a_person_has_a_timeline_over_all_their_pages(
    failure: LoginFailure, alice: User, admin_user: User
) -> None:
    report(alice, 1, "ready", 10, page_session=uuid.UUID(int=8))
    client = signed_in(admin_user)
    answer = client.get(f"/admin/timeline/person/{alice.pk}/", {"at": at(10).isoformat()})
    assert len(answer.context["trail"].timeline.pages) == 2
    assert "The API key secret is wrong" in read_titles(answer)
    assert read_titles(client.get(f"/admin/timeline/person/{alice.pk}/", {"at": "2001-01-01T00:00"})) == []
    assert read_titles(client.get(f"/admin/timeline/person/{alice.pk}/", {"at": "yesterday"}))


def test_a_silence_is_marked_where_it_began_and_ended_with_the_calls_it_cost(
    alice: User, bob: User, admin_user: User
) -> None:
    report(alice, 1, "ready", 0)
    DevicePresence.objects.create(
        user=alice, page_session=PAGE, socket=uuid.uuid4(), state="ready", last_alive_at=at(6)
    )
    who = {"user": alice, "identity": alice.identity, "email": alice.email, "page_session": PAGE}
    DeviceSilence.objects.create(**who, began_at=at(1), noticed_at=at(1.75), ended_at=at(4))
    DeviceSilence.objects.create(**who, began_at=at(6), noticed_at=at(7))
    Call.objects.create(
        account=TwilioAccount.objects.create(account_sid=ACCOUNT_SID),
        call_sid="CA" + "2" * 32,
        user=bob,
        direction="outgoing",
        from_address=f"client:{bob.identity}",
        to_address=f"client:{alice.identity}",
        status="no-answer",
        started_at=at(2),
    )
    client = signed_in(admin_user)
    answer = client.get(f"/admin/timeline/person/{alice.pk}/", {"at": at(2).isoformat()})
    assert read_titles(answer) == [
        "Ready",
        "The page stopped answering",
        "Missed call from Bob",
        "The page was heard of again",
        "The page stopped answering",
    ]
    assert "silent for 3 min" in answer.content.decode()
    of_page = client.get(f"/admin/timeline/page/{PAGE}/")
    assert read_titles(of_page) == read_titles(answer)
    assert of_page.context["trail"].end > at(6)
    assert client.get("/admin/phone/devicesilence/", {"q": alice.email}).status_code == 200


def test_a_call_that_rang_for_a_person_is_in_their_timeline_whoever_took_it(
    alice: User, bob: User, admin_user: User
) -> None:
    account = TwilioAccount.objects.create(account_sid=ACCOUNT_SID)
    verified, withheld, missed = (
        Call.objects.create(
            account=account,
            call_sid="CA" + str(n) * 32,
            user=user,
            direction="incoming",
            from_address=sender,
            to_address="+12025550123",
            status="completed" if user else "no-answer",
            stir_verstat="TN-Validation-Passed-A",
            started_at=at(n),
            answered_at=at(n) if user else None,
            ended_at=at(n + 0.5),
        )
        for n, user, sender in ((1, alice, "+12025550170"), (2, bob, "withheld"), (3, None, "withheld"))
    )
    for call in (verified, withheld, missed):
        call.rung.set([alice, bob])
    client = signed_in(admin_user)
    answer = client.get(f"/admin/timeline/person/{alice.pk}/", {"at": at(2).isoformat()})
    assert read_titles(answer) == [
        "Incoming call from +••••••••170",
        "Incoming call from a withheld number: answered by Bob",
        "Incoming call from a withheld number: missed",
    ]
    assert "Verified by the caller&#x27;s carrier" in answer.content.decode()
    page = client.get(f"/admin/phone/call/{withheld.pk}/change/").content.decode()
    assert "withheld" in page
    assert "Verified by the caller&#x27;s carrier" in page
    assert "TN-Validation-Passed-A" in page


def test_an_echo_test_is_in_it_with_what_it_came_to(
    failure: LoginFailure, alice: User, bob: User, admin_user: User
) -> None:
    account = make_member(alice)
    for number, (person, result, seconds) in enumerate(
        ((alice, "silent", 12), (alice, "", None), (bob, "heard", 20))
    ):
        EchoTest.objects.create(
            account=account,
            user=person,
            call_sid=f"CA{number:032x}",
            begun_at=at(number),
            ended_at=at(number) + timedelta(seconds=seconds) if seconds else None,
            result=result,
        )
    admin = signed_in(admin_user)
    page = admin.get(f"/admin/timeline/page/{PAGE}/").content.decode()
    assert "Echo test: nothing was heard" in page and "Echo test: it goes on" in page
    assert "was heard and played back" not in page
    assert f"/admin/phone/echotest/{EchoTest.objects.get(result='silent').pk}/change/" in page
    shown = admin.get(f"/admin/timeline/page/{PAGE}/?kind=echo").content.decode()
    assert shown.count("trail-kind-echo") == 2 and "trail-kind-device" not in shown


def test_another_persons_day_is_not_in_it(failure: LoginFailure, bob: User, admin_user: User) -> None:
    report(bob, 1, "error", 20, page_session=uuid.UUID(int=9), message="of bob")
    for address in (f"/admin/timeline/page/{PAGE}/", f"/admin/timeline/person/{failure.user_id}/"):
        assert "of bob" not in signed_in(admin_user).get(address).content.decode()


def test_an_unknown_page_or_person_is_not_found(admin_user: User) -> None:
    client = signed_in(admin_user)
    assert client.get(f"/admin/timeline/page/{uuid.uuid4()}/").status_code == 404
    assert client.get("/admin/timeline/person/0/").status_code == 404


def test_the_timeline_is_for_staff_who_may_see_events_and_failures(
    failure: LoginFailure, alice: User
) -> None:
    person = User.objects.create_user("staff@example.com", "dog-and-bone", is_staff=True)
    for address in (f"/admin/timeline/page/{PAGE}/", f"/admin/timeline/person/{alice.pk}/"):
        assert Client().get(address).status_code == 302
        assert signed_in(alice).get(address, follow=True).status_code == 403
        person.user_permissions.set(Permission.objects.filter(codename="view_loginfailure"))
        assert signed_in(person).get(address).status_code == 403
        person.user_permissions.add(Permission.objects.get(codename="view_deviceevent"))
        assert signed_in(person).get(address).status_code == 200


def test_more_events_ask_no_more_of_the_database(
    failure: LoginFailure, alice: User, admin_user: User
) -> None:
    client = signed_in(admin_user)

    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/admin/timeline/page/{PAGE}/")
        return len(queries)

    count_queries()
    before = count_queries()
    for seq in range(6, 30):
        report(alice, seq, "ready", 20 + seq / 100)
    assert count_queries() == before


def test_each_load_of_the_page_has_a_section_and_a_call_goes_to_the_only_page_that_was_there(
    failure: LoginFailure, alice: User, admin_user: User
) -> None:
    other = uuid.UUID(int=8)
    report(alice, 1, "ready", 25, page_session=other)
    report(alice, 2, "offline", 26, page_session=other)
    answer = signed_in(admin_user).get(
        f"/admin/timeline/person/{alice.pk}/", {"at": at(10).isoformat(timespec="seconds")}
    )
    sections = [
        (one.page_session, [entry.title for entry in one.entries]) for one in answer.context["sections"]
    ]
    assert [page for page, _ in sections] == [None, PAGE, other]
    assert "Outgoing call to +•••••••••750" in sections[1][1]
    assert sections[2][1] == ["Ready", "Offline"]
    assert answer.content.decode().count('<section class="trail-section"') == 3


def test_the_timeline_is_filtered_by_any_number_of_kinds(failure: LoginFailure, admin_user: User) -> None:
    client = signed_in(admin_user)
    address = f"/admin/timeline/page/{PAGE}/"
    whole = client.get(address)
    counts = {kind["title"]: kind["count"] for kind in whole.context["kinds"]}
    assert counts == {"Sign-in": 1, "Check": 1, "Token": 1, "Device": 3, "Failure": 1, "Call": 1, "Page": 1}
    chosen = client.get(address, {"kind": ["failure", "call", "nonsense"]})
    titles = [entry.title for section in chosen.context["sections"] for entry in section.entries]
    assert titles == ["Outgoing call to +•••••••••750", "The API key secret is wrong"]
    links = {kind["title"]: kind["address"] for kind in chosen.context["kinds"]}
    assert links["Call"] == "?kind=failure"
    assert links["Token"] == "?kind=call&kind=failure&kind=token"
