"""A test of the connection as the server sees it: what it takes, keeps and tells, and the test's own call."""

import json
import uuid
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from accounts.people import User
from phone.calls.call import Call
from phone.connection_tests import views
from phone.connection_tests.connection_test import ConnectionTest
from phone.connection_tests.texts import CHECKS
from phone.timeline.support_report import build_support_report
from tests.conftest import signed_in
from tests.webhook_requests import add_number, make_member, post

URL = "/phone/connection-test/"
PAGE = "0f0e3c0a-6f3e-4e0e-9d5e-2f2d6d1c7a11"
AT = "2026-11-30T10:42:00.123Z"


def build(**changes: Any) -> dict[str, Any]:
    lines = [
        {"check": "media", "finding": "ok"},
        {"check": "round_trip", "finding": "ok", "value": 45},
        {"check": "loss", "finding": "high", "value": 12.345},
        {"check": "path", "finding": "not_told"},
    ]
    body = {"id": str(uuid.uuid4()), "page_session": PAGE, "at": AT, "is_in_call": False, "lines": lines}
    return {**body, **changes}


def tell(client: Client, body: object) -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(URL, data, content_type="application/json")


def test_a_test_is_kept_once_and_told_to_the_administrator(alice: User, admin_user: User) -> None:
    account = make_member(alice)
    client = signed_in(alice)
    body = build()
    for _ in range(2):
        answer = tell(client, body)
        assert answer.json() == {"recorded": body["id"]}
        assert "no-store" in answer["Cache-Control"]
    row = ConnectionTest.objects.get()
    assert (row.user, row.email, row.account_sid) == (alice, alice.email, account.account_sid)
    assert (row.bad, row.lines[2]) == (1, {"check": "loss", "finding": "high", "value": 12.35})
    admin = signed_in(admin_user)
    answer = admin.get(f"/admin/timeline/person/{alice.pk}/", {"kind": "test"})
    assert "Connection tested: 1 of 4 bad" in answer.content.decode()
    assert "Lost sound 12.35 % · Sound to Twilio and back good · Delay 45 ms" in answer.content.decode()
    german = {"accept-language": "de"}
    answer = admin.get(f"/admin/timeline/person/{alice.pk}/", {"kind": "test"}, headers=german)
    assert "12,35 %" in answer.content.decode() and "12.35" not in answer.content.decode()
    listed = admin.get("/admin/phone/connectiontest/", {"q": alice.email, "went": "bad"}).content.decode()
    assert "1 of 4 bad" in listed
    assert "1 of 4 bad" not in admin.get("/admin/phone/connectiontest/", {"went": "not-bad"}).content.decode()
    one = admin.get(f"/admin/phone/connectiontest/{row.pk}/change/").content.decode()
    assert "12.35 % of the sound is lost on its way" in one
    report = build_support_report(alice, uuid.UUID(PAGE))
    assert "Connection test: 1 of 4 bad, at " in report
    assert "  Delay: good. Sound takes 45 ms to Twilio and back." in report


def test_the_page_tells_our_server_from_whatever_else_answers(alice: User) -> None:
    answer = signed_in(alice).get(URL)
    assert answer.json() == {"is_here": True}
    assert "no-store" in answer["Cache-Control"]
    for method in ("put", "delete", "head"):
        assert getattr(signed_in(alice), method)(URL).status_code == 405


def test_nobody_and_another_sites_page_keep_nothing(alice: User) -> None:
    assert tell(Client(), build()).status_code == Client().get(URL).status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in(alice).cookies
    assert tell(strict, build()).status_code == 403
    assert not ConnectionTest.objects.exists()


def test_two_people_may_come_upon_the_same_id(alice: User, mallory: User) -> None:
    body = build()
    for person in (alice, mallory):
        assert tell(signed_in(person), body).status_code == 200
    assert ConnectionTest.objects.count() == 2


LINE = {"check": "loss", "finding": "ok", "value": 1}
WRONG: list[tuple[object, str]] = [
    ("", "Not JSON"),
    (b"\xff\xfe", "Not UTF-8"),
    ("[]", "JSON list; expected an object"),
    ("[" * 4000, "Not JSON"),
    ("x" * 10_000, "10000 bytes; expected 4096 at most"),
    (build(id="1"), 'id is "1"; expected a UUID'),
    (build(id=None), "id is null"),
    (build(page_session=["x"]), "page_session is"),
    (build(at="yesterday"), 'at is "yesterday"; expected ISO 8601'),
    (build(at=5), "at is 5"),
    (build(is_in_call="yes"), 'is_in_call is "yes"; expected true or false'),
    (build(token="x"), 'A field "token" of the test'),
    (build(lines=None), "lines is null; expected a list of 1 to 10"),
    (build(lines=[]), "lines is []"),
    (build(lines=[LINE] * 11), "expected a list of 1 to 10"),
    (build(lines=[LINE, LINE]), "Two lines of the same check"),
    (build(lines=["loss"]), 'A line is "loss"; expected an object'),
    (build(lines=[{**LINE, "check": "toString"}]), 'check is "toString"; expected one of microphone,'),
    (build(lines=[{**LINE, "check": ["loss"]}]), "check is"),
    (build(lines=[{**LINE, "finding": "perfect"}]), 'finding of loss is "perfect"; expected one of ok, high'),
    (build(lines=[{**LINE, "finding": "udp"}]), 'finding of loss is "udp"'),
    (build(lines=[{**LINE, "finding": "ok\x00"}]), "finding of loss is"),
    (build(lines=[{**LINE, "words": "x"}]), 'A field "words" of a line'),
    *(
        (build(lines=[{**LINE, "value": value}]), "value of loss is")
        for value in (-1, 600_001, True, "1", [1], 10**400)
    ),
]


def test_what_is_no_test_is_told_what_was_seen_and_what_was_expected(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views.TESTS_OF_PERSON.__class__, "take", lambda *_: 0)
    client = signed_in(alice)
    for body, words in WRONG:
        answer = tell(client, body)
        assert answer.status_code == 422, words
        assert words in answer.json()["words"]
    for number in ("NaN", "Infinity", "1e999"):
        answer = tell(client, json.dumps(build()).replace("45", number))
        assert answer.status_code == 422
    assert not ConnectionTest.objects.exists()


def test_one_page_cannot_fill_the_table(alice: User) -> None:
    client = signed_in(alice)
    statuses = [tell(client, "{}").status_code for _ in range(31)]
    assert statuses == [422] * 30 + [429]
    answer = tell(client, build())
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert "Wait a little" in answer.json()["words"]


def test_the_tests_own_call_reaches_nobody_and_leaves_no_row(alice: User, bob: User) -> None:
    account = make_member(alice)
    make_member(bob)
    add_number(account, "+12025550123", points_here=True)
    alices = f"client:{alice.identity}"
    answer = post("voice_webhook", account, From=alices, To=bob.email, ConnectionTest="line")
    document = ElementTree.fromstring(answer.content)
    # A pause alone would not answer the call.
    assert [verb.tag for verb in document] == ["Say", "Pause", "Hangup"]
    for status in ("in-progress", "completed"):
        assert post("call_status", account, From=alices, CallStatus=status).status_code == 204
    assert not Call.objects.exists()
    assert not signed_in(alice).get("/phone/recents/").context["days"]
    stranger = post("voice_webhook", account, From="client:dnb_nobody", ConnectionTest="line")
    assert stranger.status_code == 403
    called = post("voice_webhook", account, From="+12025550170", To="+12025550123", ConnectionTest="line")
    assert ElementTree.fromstring(called.content).find("Pause") is None
    assert Call.objects.get().direction == "incoming"


def test_the_settings_have_the_button_and_all_its_sentences(alice: User) -> None:
    make_member(alice)
    page = signed_in(alice).get("/phone/settings/", headers={"HX-Request": "true"}).content.decode()
    assert "Test the connection" in page
    words = json.loads(unescape(page.split('data-connection="')[1].split('">')[0]))
    assert list(words) == list(CHECKS)
