"""Only what Twilio signed for one account gets through that account's address; the rest is 403, recorded."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.people import User
from accounts.rate_limits import RateLimit
from accounts.sealing.encryption import make_credential_key
from accounts.twilio.credentials import TwilioCredentials
from fake_twilio import catalogue
from phone.calls import webhooks
from phone.calls.call import Call
from phone.calls.refusals import WebhookRefusal
from tests.connections import connect
from tests.failed_calls import add_leg, answer_call
from tests.fake_control import FakeTwilio
from tests.webhook_requests import DEMO_SID, DEMO_TOKEN, build_call_sid, make_member, post, sign

WEBHOOKS = ("voice_webhook", "dial_action", "call_status")
FORBIDDEN = (403, b"Forbidden", "text/plain; charset=utf-8")


def read(response: Any) -> tuple[int, bytes, str]:
    return response.status_code, response.content, response["Content-Type"]


@pytest.mark.parametrize("name", WEBHOOKS)
def test_what_twilio_signed_gets_through(name: str, alice: User) -> None:
    response = post(name, make_member(alice), From="+12025550170", To="+12025550123")
    assert response.status_code in (200, 204)
    if response.status_code == 200:
        assert response["Content-Type"] == "text/xml; charset=utf-8"
    assert not WebhookRefusal.objects.exists()


@pytest.mark.parametrize("name", WEBHOOKS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_no_other_method_is_answered(name: str, method: str, alice: User) -> None:
    account = make_member(alice)
    for key in (account.webhook_key, "unknown"):
        response = Client().generic(method, reverse(name, args=[key]))
        assert response.status_code == 403 and response["Content-Type"] == "text/plain; charset=utf-8"
        assert response.content == (b"" if method == "HEAD" else b"Forbidden")
    assert set(WebhookRefusal.objects.values_list("reason", flat=True)) == {"Not a POST"}


@pytest.mark.parametrize("name", WEBHOOKS)
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"signature": ""}, "No signature"),
        ({"signature": "bm90IGEgc2lnbmF0dXJl"}, "Wrong signature"),
        ({"signature": "é"}, "Wrong signature"),
        ({"auth_token": "0" * 32}, "Wrong signature"),
        ({"AccountSid": catalogue.account_sid("other")}, "Another account"),
        ({"AccountSid": "-"}, "Another account"),
        ({"CallSid": "-"}, "No CallSid"),
        ({"CallSid": "CA" + "g" * 32}, "No CallSid"),
        ({"CallSid": "CA" + "0" * 32 + "\n"}, "No CallSid"),
        ({"ParentCallSid": "CA" + "0" * 31 + "\0"}, "A name with characters that none has"),
        ({"ConferenceSid": "CF\x1b"}, "A name with characters that none has"),
        ({"FriendlyName": "a\0b"}, "A name with characters that none has"),
        ({"RecordingSid": "RE\n"}, "A name with characters that none has"),
    ],
)
def test_everything_else_gets_one_and_the_same_answer(
    name: str, changes: dict[str, str], reason: str, alice: User
) -> None:
    response = post(name, make_member(alice), **{"From": "+12025550170", **changes})
    assert read(response) == FORBIDDEN
    assert WebhookRefusal.objects.get().reason == reason
    assert not Call.objects.exists()


@pytest.mark.parametrize("key", ["unknown", "x" * 64, "x" * 300, "%00", "ünknown"])
def test_an_unknown_address_answers_as_a_bad_signature_does(key: str, alice: User) -> None:
    make_member(alice)
    assert read(post("voice_webhook", key)) == FORBIDDEN
    refusal = WebhookRefusal.objects.get()
    assert refusal.reason == "Unknown address"
    assert refusal.account_sid == DEMO_SID
    assert refusal.ip_address == "127.0.0.1"


def test_another_tenants_valid_signature_opens_only_their_own_door(alice: User, mallory: User) -> None:
    account = make_member(alice)
    make_member(mallory, "other")
    token = catalogue.auth_token("other")
    assert post("voice_webhook", account, auth_token=token, From="+12025550170").status_code == 403
    assert (
        post(
            "voice_webhook", account, auth_token=token, AccountSid=catalogue.account_sid("other")
        ).status_code
        == 403
    )
    assert not Call.objects.exists()


def test_a_tenant_cannot_touch_a_call_of_another(alice: User, mallory: User) -> None:
    post("voice_webhook", make_member(alice), From="+12025550170", To="+12025550123")
    other = make_member(mallory, "other")
    token = catalogue.auth_token("other")
    assert post("voice_webhook", other, auth_token=token, From="+12025550111").status_code == 403
    post("dial_action", other, auth_token=token, DialCallStatus="completed")
    post("call_status", other, auth_token=token, CallStatus="completed")
    call = Call.objects.get()
    assert (call.status, call.from_address) == ("ringing", "+12025550170")


def test_the_signature_covers_the_public_address_and_every_parameter(alice: User, settings: Any) -> None:
    settings.PUBLIC_URL = "https://phone.example.com"
    account = make_member(alice)
    assert post("voice_webhook", account, query="?a=1&b=%C3%A9", From="+12025550170").status_code == 200
    path = reverse("voice_webhook", args=[account.webhook_key])
    form = {"AccountSid": account.account_sid, "CallSid": build_call_sid()}
    inside = sign("http://testserver" + path, form, DEMO_TOKEN)
    response = Client().post(path, form, headers={"X-Twilio-Signature": inside})
    assert response.status_code == 403
    signature = sign(settings.PUBLIC_URL + path, form, DEMO_TOKEN)
    response = Client().post(path, {**form, "New": "1"}, headers={"X-Twilio-Signature": signature})
    assert response.status_code == 403


def test_either_auth_token_of_a_rotation_will_do_but_not_one_known_to_be_bad(alice: User, bob: User) -> None:
    account = make_member(alice)
    make_member(bob, auth_token="1" * 32)
    assert post("voice_webhook", account, From="+1").status_code == 200
    assert post("voice_webhook", account, auth_token="1" * 32, From="+1").status_code == 200
    TwilioCredentials.objects.filter(user=bob).update(verdict="wrong_auth_token")
    assert post("voice_webhook", account, auth_token="1" * 32, From="+1").status_code == 403


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00%zz&&==&a=\x00", "application/x-www-form-urlencoded"),
        (b"a=1", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"a=1", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"{}", "application/json"),
        (b"--x\r\n", "multipart/form-data"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"\x00" * 10, "text/plain"),
        (b"&".join(b"a%d=1" % n for n in range(2000)), "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
    ],
)
@pytest.mark.parametrize("name", WEBHOOKS)
def test_no_body_is_too_odd_for_a_403(name: str, body: bytes, content_type: str, alice: User) -> None:
    account = make_member(alice)
    response = Client().generic(
        "POST",
        reverse(name, args=[account.webhook_key]),
        body,
        content_type=content_type,
        headers={"X-Twilio-Signature": "x"},
    )
    assert read(response) == FORBIDDEN
    assert WebhookRefusal.objects.count() == 1


def test_what_a_stranger_posts_is_recorded_short_and_printable(alice: User) -> None:
    account = make_member(alice)
    post("voice_webhook", account, signature="", AccountSid="AC\x00\x1b" + "x" * 500)
    assert WebhookRefusal.objects.get().account_sid == "AC" + "x" * 62


def test_a_flood_is_refused_but_does_not_fill_the_table(alice: User) -> None:
    account = make_member(alice)
    for _ in range(70):
        assert post("voice_webhook", account, signature="").status_code == 403
    rows = WebhookRefusal.objects.order_by("pk")
    assert [row.count for row in rows] == [1] * 60 + [10]
    assert rows[60].last_at is not None


def test_an_address_that_only_floods_is_not_looked_at_any_more(
    alice: User, monkeypatch: pytest.MonkeyPatch, pass_time: Callable[[timedelta], None]
) -> None:
    monkeypatch.setattr(webhooks, "REFUSED_FROM_ADDRESS", RateLimit("refused", limit=3, seconds=60))
    account = make_member(alice)
    for _ in range(4):
        post("voice_webhook", account, signature="")
    with CaptureQueriesContext(connection) as queries:
        assert read(post("voice_webhook", account, signature="")) == FORBIDDEN
    assert not [query for query in queries if "accounts_twilio" in query["sql"]]
    assert WebhookRefusal.objects.filter(reason="One of very many").get().count == 1
    pass_time(timedelta(seconds=61))
    assert post("voice_webhook", account, From="+1").status_code == 200


def test_twilio_is_heard_through_a_proxy_that_floods_come_through_too(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "REFUSED_FROM_ADDRESS", RateLimit("refused", limit=3, seconds=60))
    account = make_member(alice)
    assert post("voice_webhook", account, From="+1").status_code == 200
    for _ in range(9):
        assert post("voice_webhook", account, signature="").status_code == 403
    assert post("voice_webhook", account, From="+1").status_code == 200


@pytest.mark.parametrize("name", WEBHOOKS)
def test_what_was_genuine_once_is_not_taken_again_long_after(
    name: str, alice: User, pass_time: Callable[[timedelta], None]
) -> None:
    account = make_member(alice)
    told = {"From": "+12025550170", "To": "+12025550123", "CallStatus": "completed"}
    post("voice_webhook", account, **told)
    post("call_status", account, **told)
    call = Call.objects.get()
    assert call.ended_at is not None
    pass_time(timedelta(hours=5))
    assert post(name, account, **told).status_code in (200, 204)
    pass_time(timedelta(hours=2))
    leg = {"CallSid": build_call_sid("leg"), "ParentCallSid": build_call_sid()}
    for repeated in (told, {**told, **leg}):
        assert read(post(name, account, **repeated)) == FORBIDDEN
    assert Call.objects.get().ended_at == call.ended_at
    assert set(WebhookRefusal.objects.values_list("reason", flat=True)) == {"Replay: the call is long over"}


def test_a_refusal_is_kept_without_the_key_of_its_address(alice: User) -> None:
    account = make_member(alice)
    post("dial_action", account, signature="")
    path = WebhookRefusal.objects.get().path
    assert path == f"/phone/webhooks/{account.webhook_key[:4]}…/dial/"


class TestWithoutAnAuthToken:
    """Nobody can check a signature: Twilio is asked for the call instead."""

    @pytest.fixture
    def credentials(self, fake_twilio: FakeTwilio, alice: User) -> TwilioCredentials:
        return connect(
            alice,
            auth_token="",
            api_key_sid=catalogue.key_sid("demo standard"),
            api_key_secret=catalogue.key_secret("demo standard"),
        )

    def test_a_call_that_twilio_knows_gets_through(
        self, credentials: TwilioCredentials, fake_twilio: FakeTwilio
    ) -> None:
        call_sid = make_call(fake_twilio)
        account = credentials.account
        asked = len(fake_twilio.requests())
        for _ in range(3):
            response = post("voice_webhook", account, CallSid=call_sid, From="+12025550170", signature="")
            assert response.status_code == 200
        assert len(fake_twilio.requests()) == asked + 1

    def test_a_call_that_it_does_not_know_is_refused(self, credentials: TwilioCredentials) -> None:
        response = post("voice_webhook", credentials.account, From="+12025550170", signature="")
        assert read(response) == FORBIDDEN
        assert WebhookRefusal.objects.get().reason == "Call not confirmed by Twilio"

    @pytest.mark.parametrize("secrets", [{"auth_token": ""}, {"api_key_sid": "", "api_key_secret": ""}])
    def test_nobody_gets_through_whose_secrets_do_not_open(
        self, secrets: dict[str, str], alice: User, settings: Any
    ) -> None:
        key = {"api_key_sid": catalogue.key_sid("demo standard"), "api_key_secret": "0" * 32}
        account = make_member(alice, **{**key, **secrets})
        settings.CREDENTIAL_KEYS = [make_credential_key()]
        response = post("voice_webhook", account, From="+12025550170", signature="")
        assert read(response) == FORBIDDEN

    def test_nobody_gets_through_while_twilio_is_out_of_reach(
        self, credentials: TwilioCredentials, settings: Any
    ) -> None:
        settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
        response = post("voice_webhook", credentials.account, From="+12025550170", signature="")
        assert response.status_code == 403

    def test_a_flood_of_made_up_calls_does_not_reach_twilio(
        self, credentials: TwilioCredentials, fake_twilio: FakeTwilio
    ) -> None:
        asked = len(fake_twilio.requests())
        for number in range(130):
            call_sid = build_call_sid(str(number))
            assert (
                post("voice_webhook", credentials.account, CallSid=call_sid, signature="").status_code == 403
            )
        assert len(fake_twilio.requests()) == asked + 120

    def test_nobody_is_asked_about_an_unknown_address(
        self, credentials: TwilioCredentials, fake_twilio: FakeTwilio
    ) -> None:
        asked = len(fake_twilio.requests())
        assert post("voice_webhook", "unknown", signature="").status_code == 403
        assert len(fake_twilio.requests()) == asked


def make_call(fake_twilio: FakeTwilio) -> str:
    """A call of the demo account, as its REST API knows it."""
    response = requests.post(
        f"{fake_twilio.base_url}/2010-04-01/Accounts/{DEMO_SID}/Calls.json",
        data={"To": catalogue.ECHO_NUMBER, "From": catalogue.DEMO_NUMBER, "Twiml": "<Response/>"},
        auth=(DEMO_SID, DEMO_TOKEN),
        headers={"X-Twilio-Host": "api.twilio.com"},
        timeout=10,
    )
    response.raise_for_status()
    return str(response.json()["sid"])


def test_a_call_that_is_known_as_a_part_of_another_is_refused(alice: User) -> None:
    account = make_member(alice)
    call = answer_call(account, call_sid=build_call_sid("first"))
    add_leg(call, "called", "+442071838750", call_sid=build_call_sid("second"))
    answer = post("voice_webhook", account, CallSid=build_call_sid("second"), From="+12025550170")
    assert read(answer) == FORBIDDEN
    assert WebhookRefusal.objects.get().reason == "Part of another call"


@pytest.mark.parametrize("name", WEBHOOKS)
def test_news_of_a_room_is_refused_where_a_call_is_meant(name: str, alice: User) -> None:
    answer = post(name, make_member(alice), CallSid="-", ConferenceSid="CF" + "1" * 32)
    assert answer.status_code in (204, 403)
