"""Every situation of credentials that were good once: asked for a token, over HTTP and over the socket."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import Client

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio import rest as twilio_rest
from accounts.twilio.credentials import TwilioCredentials
from fake_twilio import catalogue
from phone.tokens.issued_tokens import IssuedToken
from tests.check_situations import key
from tests.connections import connect
from tests.device_socket import open_socket
from tests.fake_control import FakeTwilio
from tests.situations import situation

ACCOUNT = catalogue.account_sid(catalogue.DEMO)
KEY = catalogue.key_sid("demo standard")
NOT_JUDGED = {"rate_limited", "twilio_unavailable", "server_network", "unclear"}
Happening = Callable[[FakeTwilio, TwilioCredentials], Any]


@dataclass
class Stored:
    """What was connected, what has happened to it since, and what is true then."""

    verdict: str
    happens: Happening
    typed: dict[str, str] = field(default_factory=lambda: key("demo standard"))
    is_proven: bool = False


def change(**fields: Any) -> Happening:
    return lambda fake, credentials: fake.change_account(ACCOUNT, **fields)


def fault(name: str, **matcher: Any) -> Happening:
    return lambda fake, credentials: fake.add_fault(name, **matcher)


def rotate_key(fake: FakeTwilio, credentials: TwilioCredentials) -> None:
    fake.control("POST", f"accounts/{ACCOUNT}/keys/{credentials.api_key_sid}")


def delete_key(fake: FakeTwilio, credentials: TwilioCredentials) -> None:
    fake.control("DELETE", f"accounts/{ACCOUNT}/keys/{credentials.api_key_sid}")


def rotate_both(fake: FakeTwilio, credentials: TwilioCredentials) -> None:
    rotate_key(fake, credentials)
    fake.change_account(ACCOUNT, auth_token="new")


def delete_key_during_an_outage(fake: FakeTwilio, credentials: TwilioCredentials) -> None:
    delete_key(fake, credentials)
    fake.add_fault("unavailable")


def change_app(fake: FakeTwilio, credentials: TwilioCredentials, **fields: str) -> None:
    path = f"/Applications/{credentials.twiml_app_sid}.json"
    login = twilio_rest.TwilioLogin(ACCOUNT, ACCOUNT, credentials.auth_token)
    answer = twilio_rest.fetch(login, path, method="POST" if fields else "DELETE", data=fields or None)
    assert answer.is_success


SITUATIONS = {
    "nothing has happened": Stored("ok", lambda *_: None),
    "Auth Token rotated": Stored("wrong_auth_token", change(auth_token="new")),
    "Auth Token rotated, no key of their own": Stored("wrong_auth_token", change(auth_token="new"), {}),
    "Auth Token rotated, key alone stored": Stored(
        "ok", change(auth_token="new"), {"auth_token": "", **key("demo standard")}
    ),
    "key's secret replaced": Stored("wrong_api_secret", rotate_key),
    "key's secret replaced, key alone stored": Stored(
        "wrong_api_secret", rotate_key, {"auth_token": "", **key("demo standard")}
    ),
    "key deleted": Stored("api_key_not_found", delete_key),
    "key that Dog n Bone made deleted": Stored("api_key_not_found", delete_key, {}),
    "Auth Token and key replaced": Stored("wrong_auth_token", rotate_both),
    "suspended": Stored("account_suspended", change(status="suspended")),
    "closed": Stored("account_closed", change(status="closed", suspended_variant="status")),
    "suspended, answered 20403": Stored(
        "account_suspended", change(status="suspended", suspended_variant="20403")
    ),
    "under review": Stored("account_under_review", change(is_under_review=True)),
    "on trial now": Stored("ok", change(type="Trial")),
    "App deleted": Stored("twiml_app_missing", change_app),
    "App leads elsewhere": Stored(
        "twiml_app_misconfigured",
        lambda fake, credentials: change_app(fake, credentials, VoiceUrl="https://elsewhere.example/voice"),
    ),
    "App asks by GET": Stored(
        "twiml_app_misconfigured",
        lambda fake, credentials: change_app(fake, credentials, VoiceMethod="GET"),
    ),
    "clock off": Stored("clock_skew", fault("wrong clock")),
    "Twilio ill": Stored("twilio_unavailable", fault("unavailable")),
    "Twilio ill at the key": Stored("twilio_unavailable", fault("bad gateway", path="/Calls")),
    "Twilio busy": Stored("rate_limited", fault("rate limited")),
    "Twilio busy for a moment": Stored("ok", fault("rate limited", times=1)),
    "connection reset": Stored("server_network", fault("reset")),
    "no answer": Stored("server_network", fault("hang")),
    "portal": Stored("server_network", fault("portal page")),
    "another account's answer": Stored("unclear", fault("another account")),
    "key deleted during an outage": Stored("twilio_unavailable", delete_key_during_an_outage),
    "Twilio ill, proven a minute ago": Stored("ok", fault("unavailable"), is_proven=True),
}


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second instead of eight, so that a server that never answers is soon given up."""
    monkeypatch.setattr(twilio_rest, "READ_SECONDS", 0.5)


def prepare(user: User, what: Stored, fake: FakeTwilio) -> None:
    """Connects; then it happens, and the proof has run out unless it says otherwise."""
    credentials = connect(user, **what.typed)
    what.happens(fake, credentials)
    if not what.is_proven:
        TwilioCredentials.objects.update(proven_until=None)


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_token_is_given_or_the_true_cause_named(
    name: str, alice: User, alice_client: Client, fake_twilio: FakeTwilio, request: pytest.FixtureRequest
) -> None:
    what = SITUATIONS[name]
    prepare(alice, what, fake_twilio)
    if name == "no answer":
        request.getfixturevalue("impatience")
    with situation("stored", name, what.verdict) as outcome:
        response = alice_client.post("/phone/token/")
        verdict = response.json().get("verdict")
        outcome.found = verdict["code"] if verdict else "ok"
        outcome.is_blamed = bool(verdict and verdict["blames_credentials"])
        expected = 200 if what.verdict == "ok" else 503 if what.verdict in NOT_JUDGED else 422
        assert response.status_code == expected
        failures = list(LoginFailure.objects.values_list("verdict", "shown_by"))
        assert failures == ([] if what.verdict == "ok" else [(what.verdict, "check")])
        assert IssuedToken.objects.exists() == (what.verdict == "ok")


OVER_THE_SOCKET = [
    "nothing has happened",
    "Auth Token rotated",
    "key's secret replaced",
    "key deleted",
    "suspended",
    "Twilio ill",
    "connection reset",
    "clock off",
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", OVER_THE_SOCKET)
async def test_a_renewal_gives_a_token_or_names_the_true_cause(
    name: str, transactional_db: None, alice: User, fake_twilio: FakeTwilio
) -> None:
    what = SITUATIONS[name]
    await database_sync_to_async(prepare)(alice, what, fake_twilio)
    with situation("stored", f"{name}, at renewal", what.verdict) as outcome:
        async with open_socket(alice) as socket:
            await socket.tell(type="renew")
            answer = await socket.hear()
        verdict = answer.get("verdict")
        outcome.found = verdict["code"] if verdict else "ok"
        outcome.is_blamed = bool(verdict and verdict["blames_credentials"])
        assert answer["type"] == ("token" if what.verdict == "ok" else "verdict")
        failures = await database_sync_to_async(lambda: list(LoginFailure.objects.values_list("verdict")))()
        assert failures == ([] if what.verdict == "ok" else [(what.verdict,)])
