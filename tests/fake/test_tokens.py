"""What the gateway thinks of a token, with tokens made by the official library."""

import base64
import json
import time

import jwt
import pytest
from twilio.jwt.client import ClientCapabilityToken

from fake_twilio import catalogue
from fake_twilio.store import Store, make_sid
from fake_twilio.tokens import TokenRefused, verify_token
from tests.fake.tokens import APPLICATION_SID, DEMO_SID, build_access_token, build_capability_token

DAY = 24 * 60 * 60


@pytest.fixture
def store() -> Store:
    return catalogue.build_store()


def refusal(store: Store, token: object, now: float | None = None) -> int:
    with pytest.raises(TokenRefused) as refused:
        verify_token(store, token, now or time.time())
    return refused.value.code


def test_an_access_token_names_its_bearer(store: Store) -> None:
    bearer = verify_token(store, build_access_token(params={"team": "sales"}), time.time())
    assert (bearer.account_sid, bearer.identity, bearer.kind) == (DEMO_SID, "alice", "access")
    assert bearer.application_sid == APPLICATION_SID
    assert bearer.params == {"team": "sales"}
    assert bearer.may_receive
    assert 3590 < bearer.expires_at - time.time() <= 3600


def test_a_token_without_incoming_permission_may_not_receive(store: Store) -> None:
    assert not verify_token(store, build_access_token(incoming=False), time.time()).may_receive


def test_a_key_of_another_region_works_with_its_own_region_header(store: Store) -> None:
    token = build_access_token(key="demo ireland", region="ie1")
    assert verify_token(store, token, time.time()).region == "ie1"


def test_a_capability_token_names_its_bearer(store: Store) -> None:
    bearer = verify_token(store, build_capability_token("bob"), time.time())
    assert (bearer.account_sid, bearer.identity, bearer.kind) == (DEMO_SID, "bob", "capability")
    assert bearer.application_sid == APPLICATION_SID
    assert bearer.params == {"color": "blue"}
    assert bearer.may_receive


BAD_TOKENS = {
    "another key's secret": (31202, lambda: build_access_token(secret=catalogue.key_secret("demo main"))),
    "the Auth Token as secret": (31202, lambda: build_access_token(secret=catalogue.auth_token("demo"))),
    "a key that is not there": (31204, lambda: build_access_token(key="deleted")),
    "another account's key": (31204, lambda: build_access_token(key="other standard")),
    "an account that is not there": (
        31204,
        lambda: build_access_token(account_sid=catalogue.account_sid("nobody")),
    ),
    "a restricted key": (31204, lambda: build_access_token(key="demo restricted")),
    "a key of another region": (31204, lambda: build_access_token(key="demo ireland")),
    "a region the key is not of": (31204, lambda: build_access_token(region="ie1")),
    "a region that is not one": (31204, lambda: build_access_token(region="xx9")),
    "no voice grant": (31204, lambda: build_access_token(voice=False)),
    "no identity": (31204, lambda: build_access_token(None)),
    "an e-mail address as identity": (31105, lambda: build_access_token("alice@example.com")),
    "an identity of 122 characters": (31105, lambda: build_access_token("a" * 122)),
    "an identity that ends in a newline": (31105, lambda: build_access_token("alice\n")),
    "a TwiML App SID that is none": (31204, lambda: build_access_token(application_sid="AP123")),
    "an end in the past": (31205, lambda: build_access_token(valid_until=int(time.time()) - 1)),
    "two days of life": (31207, lambda: build_access_token(ttl=2 * DAY)),
    "a life without beginning, too long": (
        31207,
        lambda: build_access_token(ttl=2 * DAY, nbf=None),
    ),
    "a beginning in the future": (31204, lambda: build_access_token(nbf=int(time.time()) + 60)),
    "a capability with another Auth Token": (
        31202,
        lambda: build_capability_token(auth_token=catalogue.auth_token("other")),
    ),
    "a capability with another region's Auth Token": (
        31202,
        lambda: build_capability_token(auth_token=catalogue.auth_token("demo", "ie1")),
    ),
    "a capability that is over": (31205, lambda: build_capability_token(ttl=-5)),
    "a capability of two days": (31207, lambda: build_capability_token(ttl=2 * DAY)),
    "a capability of a suspended account": (31203, lambda: build_capability_token(account="suspended")),
    "a capability of a closed account": (31203, lambda: build_capability_token(account="closed")),
    "a capability of test credentials": (31203, lambda: build_capability_token(account="test")),
    "a capability of an unknown account": (31204, lambda: build_capability_token(account="nobody")),
    "a capability with a bad name": (31105, lambda: build_capability_token("a b")),
    "nothing at all": (31102, lambda: None),
    "the empty string": (31204, lambda: ""),
    "a number": (31204, lambda: 7),
    "garbage": (31204, lambda: "garbage"),
    "three bits of garbage": (31204, lambda: "gar.ba.ge"),
    "non-ASCII": (31204, lambda: "é.é.é"),
    "JSON that is no object": (31204, lambda: ".".join([encode([]), encode([]), ""])),
    "no signature": (31204, lambda: jwt.encode({"sub": DEMO_SID}, "", algorithm="none")),
}


def encode(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_is_refused_with_the_gateways_own_code(store: Store, kind: str) -> None:
    code, build = BAD_TOKENS[kind]
    assert refusal(store, build()) == code


def test_a_capability_without_a_scope_for_devices_is_refused(store: Store) -> None:
    token = ClientCapabilityToken(DEMO_SID, catalogue.auth_token("demo"))
    assert refusal(store, str(token.to_jwt())) == 31204


def test_an_access_token_without_its_content_type_is_refused(store: Store) -> None:
    claims = jwt.decode(build_access_token(), options={"verify_signature": False})
    token = jwt.encode(claims, catalogue.key_secret("demo standard"), algorithm="HS256")
    assert refusal(store, token) == 31204


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_account_that_is_not_active_is_refused_once_the_signature_is_right(
    store: Store, status: str
) -> None:
    store.accounts[DEMO_SID].status = status  # type: ignore[assignment]
    assert refusal(store, build_access_token()) == 31203
    assert refusal(store, build_access_token(secret="x" * 32)) == 31202


def test_a_deleted_key_is_refused_at_once(store: Store) -> None:
    token = build_access_token()
    verify_token(store, token, time.time())
    del store.accounts[DEMO_SID].keys[catalogue.key_sid("demo standard")]
    assert refusal(store, token) == 31204


def test_no_secret_shows_in_a_refusal_or_a_bearer(store: Store) -> None:
    token = build_access_token(secret="x" * 32)
    with pytest.raises(TokenRefused) as refused:
        verify_token(store, token, time.time())
    assert token not in repr(refused.value)
    good = build_access_token()
    assert good.split(".")[2] not in repr(verify_token(store, good, time.time()))


def test_sids_that_are_only_similar_are_not_found(store: Store) -> None:
    assert refusal(store, build_access_token(key_sid=make_sid("SK", "similar"))) == 31204
