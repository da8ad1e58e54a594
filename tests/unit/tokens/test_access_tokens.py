"""What the Device registers with, as Twilio's gateway reads it."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from fake_twilio import catalogue
from phone.tokens.access_tokens import NothingToSignWith, Token, build_token

AUTH_TOKEN = catalogue.auth_token(catalogue.DEMO)
KEY_SECRET = catalogue.key_secret("demo standard")


def build_credentials(**fields: Any) -> TwilioCredentials:
    user = User(email="alice@example.com")
    account = TwilioAccount(account_sid=catalogue.account_sid(catalogue.DEMO))
    with_key = {
        "api_key_sid": catalogue.key_sid("demo standard"),
        "api_key_secret": KEY_SECRET,
        "twiml_app_sid": "AP" + "0" * 32,
    }
    return TwilioCredentials(user=user, account=account, **{**with_key, **fields})


def read(token: Token, secret: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token.jwt, secret, algorithms=["HS256"])
    return claims


def test_an_access_token_lets_its_identity_call_and_be_called() -> None:
    credentials = build_credentials()
    token = build_token(credentials)
    claims = read(token, KEY_SECRET)
    assert token.kind == "access"
    assert claims["iss"] == credentials.api_key_sid
    assert claims["sub"] == credentials.account.account_sid
    assert claims["jti"] == token.jti
    assert claims["grants"] == {
        "identity": credentials.user.identity,
        "voice": {
            "incoming": {"allow": True},
            "outgoing": {"application_sid": credentials.twiml_app_sid},
        },
    }
    assert jwt.get_unverified_header(token.jwt)["cty"] == "twilio-fpa;v=1"


def test_a_token_lives_an_hour_and_is_valid_at_once_whatever_our_clock_says() -> None:
    token = build_token(build_credentials())
    claims = read(token, KEY_SECRET)
    assert token.expires_at - token.issued_at == timedelta(hours=1)
    assert claims["exp"] == int(token.expires_at.timestamp())
    assert "nbf" not in claims


def test_no_two_tokens_share_an_identifier() -> None:
    credentials = build_credentials()
    assert len({build_token(credentials).jti for _ in range(20)}) == 20


@pytest.mark.parametrize(("region", "header"), [("us1", None), ("ie1", "ie1"), ("au1", "au1")])
def test_a_key_of_another_region_is_named_in_the_header(region: str, header: str | None) -> None:
    token = build_token(build_credentials(region=region))
    assert jwt.get_unverified_header(token.jwt).get("twr") == header


def test_without_a_twiml_app_a_token_can_still_be_called() -> None:
    claims = read(build_token(build_credentials(twiml_app_sid="")), KEY_SECRET)
    assert claims["grants"]["voice"] == {"incoming": {"allow": True}}


def test_an_account_with_only_its_auth_token_gets_a_capability_token() -> None:
    credentials = build_credentials(api_key_sid="", api_key_secret="", auth_token=AUTH_TOKEN)
    token = build_token(credentials)
    claims = read(token, AUTH_TOKEN)
    assert token.kind == "capability"
    assert "cty" not in jwt.get_unverified_header(token.jwt)
    assert claims["iss"] == credentials.account.account_sid
    assert claims["exp"] == int(token.expires_at.timestamp())
    assert "nbf" not in claims
    scopes = {urlsplit(scope).path: parse_qs(urlsplit(scope).query) for scope in claims["scope"].split()}
    identity = credentials.user.identity
    assert scopes == {
        "client:outgoing": {"appSid": [credentials.twiml_app_sid], "clientName": [identity]},
        "client:incoming": {"clientName": [identity]},
    }


def test_nothing_to_sign_with_is_said_by_name() -> None:
    with pytest.raises(NothingToSignWith):
        build_token(build_credentials(api_key_sid="", api_key_secret=""))


def test_a_token_does_not_show_itself() -> None:
    token = build_token(build_credentials())
    assert token.jwt not in repr(token)
