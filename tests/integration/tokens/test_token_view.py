"""POST /phone/token/: a token, or the verdict that stands in its way."""

import json
import uuid
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.clients import ClientInfo
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.proof import end_proof
from accounts.twilio.shares import SHARE, SHARES
from accounts.verdicts.words import describe_verdict
from fake_twilio import catalogue
from phone.tokens.answers import TOKENS_PER_PERSON, issue_token
from phone.tokens.issued_tokens import IssuedToken
from tests.conftest import signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio

VERDICT_FIELDS = {"code", "title", "explanation", "remedy", "blames_credentials", "twilio"}


@pytest.fixture
def credentials(fake_twilio: FakeTwilio, alice: User) -> TwilioCredentials:
    return connect(alice)


def ask(client: Client, **body: str) -> Any:
    return client.post(reverse("token"), body)


def read_verdict(response: Any) -> dict[str, Any]:
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert set(response.json()) == {"verdict"}
    verdict: dict[str, Any] = response.json()["verdict"]
    assert set(verdict) >= VERDICT_FIELDS
    assert set(verdict["twilio"]) == {"status", "code", "message", "request_id"}
    return verdict


def test_the_address_is_the_contracts() -> None:
    assert reverse("token") == "/phone/token/"


def test_a_connected_person_gets_a_token_of_their_own(
    credentials: TwilioCredentials, alice: User, alice_client: Client
) -> None:
    response = ask(alice_client)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    answer = response.json()
    assert set(answer) == {"token", "token_kind", "identity", "expires_at", "device"}
    assert (answer["token_kind"], answer["identity"]) == ("access", alice.identity)
    lifetime = datetime.fromisoformat(answer["expires_at"]) - timezone.now()
    assert timedelta(minutes=59) < lifetime <= timedelta(hours=1)
    claims = jwt.decode(answer["token"], credentials.api_key_secret.reveal(), algorithms=["HS256"])
    assert claims["grants"]["identity"] == alice.identity


def test_that_a_token_was_issued_is_recorded_and_the_token_is_not(
    credentials: TwilioCredentials, alice: User, alice_client: Client
) -> None:
    page_session = uuid.uuid4()
    answer = ask(alice_client, page_session=str(page_session)).json()
    row = IssuedToken.objects.get()
    assert (row.user, row.identity, row.email) == (alice, alice.identity, alice.email)
    assert (row.kind, row.page_session) == ("access", page_session)
    assert row.account_sid == credentials.account.account_sid
    claims = jwt.decode(answer["token"], options={"verify_signature": False})
    assert row.jti == claims["jti"]
    assert answer["token"] not in str(vars(row))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps({"page_session": "0f0e3c0a-6f3e-4e0e-9d5e-2f2d6d1c7a11"}), "application/json"),
        ("{", "application/json"),
        ("[]", "application/json"),
        ('{"page_session": 7}', "application/json"),
        ("page_session=%00", "application/x-www-form-urlencoded"),
        ("", "text/plain"),
    ],
)
def test_the_page_session_may_come_as_json_and_may_be_anything(
    body: str, content_type: str, credentials: TwilioCredentials, alice_client: Client
) -> None:
    assert alice_client.post(reverse("token"), body, content_type=content_type).status_code == 200
    known = IssuedToken.objects.get().page_session
    assert (str(known) in body) if "0f0e" in body else known is None


def test_who_finds_the_accounts_share_taken_is_told_at_once_and_nothing_is_judged(
    credentials: TwilioCredentials, alice_client: Client, fake_twilio: FakeTwilio, monkeypatch: Any
) -> None:
    end_proof(credentials)
    asked = len(fake_twilio.requests())
    monkeypatch.setattr(SHARES, "patience", 0)
    with ExitStack() as stack:
        for _ in range(SHARE):
            stack.enter_context(SHARES.hold(credentials.account.account_sid))
        response = ask(alice_client)
    assert response.status_code == 503
    verdict = read_verdict(response)
    assert (verdict["code"], verdict["title"]) == ("twilio_unavailable", "Twilio is slow to answer")
    assert not verdict["blames_credentials"] and len(fake_twilio.requests()) == asked
    failure = LoginFailure.objects.get()
    assert (failure.verdict, failure.twilio_message) == ("twilio_unavailable", "share")
    assert describe_verdict(failure.verdict, failure.twilio_message).title == verdict["title"]
    assert ask(alice_client).status_code == 200


def test_the_device_gets_our_sounds_and_the_stand_ins_address(
    credentials: TwilioCredentials, alice_client: Client, settings: Any
) -> None:
    device = ask(alice_client).json()["device"]
    assert device["enableImprovedSignalingErrorPrecision"] is True
    assert (device["maxCallSignalingTimeoutMs"], device["tokenRefreshMs"]) == (30_000, 30_000)
    assert device["closeProtection"] is True
    assert {"incoming", "outgoing", "disconnect", "dtmf0", "dtmf9", "dtmfs", "dtmfh"} <= set(device["sounds"])
    assert all(url.startswith("/static/phone/sounds/") for url in device["sounds"].values())
    assert (device["chunderw"], device["publishEvents"]) == (settings.TWILIO_SIGNALLING, False)
    assert "edge" not in device


def test_at_twilio_itself_no_internal_option_is_set(
    credentials: TwilioCredentials, alice_client: Client, settings: Any
) -> None:
    settings.TWILIO_SIGNALLING = ""
    device = ask(alice_client).json()["device"]
    assert not {"chunderw", "publishEvents"} & set(device)


@pytest.mark.parametrize(("region", "edge"), [("ie1", "dublin"), ("au1", "sydney")])
def test_another_region_has_its_edge(
    region: str, edge: str, credentials: TwilioCredentials, alice_client: Client
) -> None:
    TwilioCredentials.objects.update(region=region)
    answer = ask(alice_client).json()
    assert answer["device"]["edge"] == edge
    assert jwt.get_unverified_header(answer["token"])["twr"] == region


def test_an_account_without_keys_gets_a_capability_token(
    fake_twilio: FakeTwilio, alice: User, alice_client: Client
) -> None:
    connect(alice, "token only")
    answer = ask(alice_client).json()
    assert answer["token_kind"] == "capability"
    assert jwt.decode(answer["token"], catalogue.auth_token("token only"), algorithms=["HS256"])


def test_signed_out_is_said_in_json_and_not_by_a_redirect(client: Client) -> None:
    response = ask(client)
    assert response.status_code == 401
    assert read_verdict(response)["blames_credentials"] is False


def test_only_a_post_of_our_own_page_is_taken(credentials: TwilioCredentials, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert ask(client).status_code == 403
    assert client.get(reverse("token")).status_code == 405
    client.get(reverse("phone"))
    csrf = client.cookies["csrftoken"].value
    assert client.post(reverse("token"), headers={"X-CSRFToken": csrf}).status_code == 200


def test_without_credentials_there_is_nothing_to_mint_from(alice: User, alice_client: Client) -> None:
    response = ask(alice_client)
    assert response.status_code == 409
    assert read_verdict(response)["blames_credentials"] is False


def test_a_deactivated_person_gets_none(
    credentials: TwilioCredentials, alice: User, alice_client: Client
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert ask(alice_client).status_code == 401


def test_bob_gets_nothing_from_alices_credentials(
    credentials: TwilioCredentials, bob: User, alice: User
) -> None:
    assert ask(signed_in(bob)).status_code == 409
    assert not IssuedToken.objects.exists()


def test_a_proof_is_good_for_five_minutes_and_then_twilio_is_asked(
    credentials: TwilioCredentials, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    asked = len(fake_twilio.requests())
    assert ask(alice_client).status_code == 200
    assert len(fake_twilio.requests()) == asked
    TwilioCredentials.objects.update(proven_until=timezone.now())
    assert ask(alice_client).status_code == 200
    assert len(fake_twilio.requests()) > asked


def test_credentials_that_went_bad_are_judged_before_a_token_is_minted(
    credentials: TwilioCredentials, alice: User, alice_client: Client
) -> None:
    credentials.api_key_secret = "0" * 32
    credentials.save()
    end_proof(credentials)
    response = ask(alice_client)
    assert response.status_code == 422
    verdict = read_verdict(response)
    assert (verdict["code"], verdict["blames_credentials"]) == ("wrong_api_secret", True)
    assert not IssuedToken.objects.exists()
    failure = LoginFailure.objects.get()
    assert (failure.user, failure.shown_by, failure.verdict) == (alice, "check", "wrong_api_secret")


def test_an_account_that_was_suspended_is_judged_without_blame(
    credentials: TwilioCredentials, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    end_proof(credentials)
    fake_twilio.change_account(credentials.account.account_sid, status="suspended")
    response = ask(alice_client)
    assert response.status_code == 422
    verdict = read_verdict(response)
    assert (verdict["code"], verdict["blames_credentials"]) == ("account_suspended", False)


@pytest.mark.parametrize(
    ("fault", "code"), [("unavailable", "twilio_unavailable"), ("rate limited", "rate_limited")]
)
def test_an_outage_is_not_judged(
    fault: str, code: str, credentials: TwilioCredentials, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    end_proof(credentials)
    fake_twilio.add_fault(fault)
    response = ask(alice_client)
    assert response.status_code == 503
    verdict = read_verdict(response)
    assert (verdict["code"], verdict["blames_credentials"]) == (code, False)


def test_out_of_our_servers_reach_is_not_judged(
    credentials: TwilioCredentials, alice_client: Client, settings: Any
) -> None:
    end_proof(credentials)
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    response = ask(alice_client)
    assert response.status_code == 503
    assert read_verdict(response)["code"] == "server_network"


def test_pages_that_are_reloaded_often_keep_their_phone(credentials: TwilioCredentials, alice: User) -> None:
    """Sixty times at once, in three browsers; and each some times more when the proof has ended."""
    tabs = [signed_in(alice), signed_in(alice), signed_in(alice)]
    for number in range(60):
        assert ask(tabs[number % 3]).status_code == 200
    end_proof(credentials)
    assert [ask(tab).status_code for tab in tabs * 5] == [200] * 15


def test_a_renewal_over_the_socket_takes_from_the_same_far_limit(
    credentials: TwilioCredentials, alice: User, alice_client: Client
) -> None:
    for _ in range(600):
        TOKENS_PER_PERSON.take(alice.identity)
    for refused in (
        issue_token(user=alice, client=ClientInfo(), page_session=uuid.uuid4()),
        issue_token(user=alice, client=ClientInfo(), page_session=None),
    ):
        assert (refused.status, refused.body["verdict"]["code"]) == (429, "rate_limited")
    assert ask(alice_client).status_code == 429


def test_asking_twilio_too_often_is_refused_and_told_when_to_come_back(
    credentials: TwilioCredentials, alice_client: Client, bob: User, fake_twilio: FakeTwilio
) -> None:
    end_proof(credentials)
    fake_twilio.change_account(credentials.account.account_sid, status="suspended")
    for _ in range(30):
        assert ask(alice_client).status_code == 422
    asked = len(fake_twilio.requests())
    response = ask(alice_client)
    assert len(fake_twilio.requests()) == asked
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 300
    assert read_verdict(response)["code"] == "rate_limited"
    assert ask(signed_in(bob)).status_code == 409
