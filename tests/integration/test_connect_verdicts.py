"""Every way in which a login fails, tried on the connect page against the fake Twilio."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from accounts import twilio_rest
from accounts.models import LoginFailure, TwilioCredentials
from fake_twilio import catalogue
from fake_twilio.store import make_secret, make_sid

WRONG = make_secret("mistyped")
NOBODY = make_sid("AC", "nobody")
NO_APP = make_sid("AP", "not there")


def key(name: str, **changed: str) -> dict[str, str]:
    return {
        "api_key_sid": catalogue.key_sid(name),
        "api_key_secret": catalogue.key_secret(name),
        **changed,
    }


def typed(name: str = catalogue.DEMO, **fields: str) -> dict[str, str]:
    return {
        "account_sid": catalogue.account_sid(name),
        "auth_token": catalogue.auth_token(name),
        "region": "us1",
        **fields,
    }


@dataclass
class Situation:
    """What is typed, what goes wrong meanwhile, and the verdict that is true."""

    verdict: str
    typed: dict[str, str] = field(default_factory=typed)
    faults: tuple[dict[str, Any], ...] = ()
    account: dict[str, Any] = field(default_factory=dict)
    is_sure: bool = True


def fault(name: str, **matcher: Any) -> tuple[dict[str, Any], ...]:
    return ({"fault": name, **matcher},)


# What the answer of an account that is not active may look like; Twilio documents several.
SUSPENDED = {
    f"suspended, answered {variant}": Situation(
        verdict, typed("suspended"), account={"suspended_variant": variant}, is_sure=is_sure
    )
    for variant, verdict, is_sure in (
        ("status", "account_suspended", True),
        ("20005", "account_suspended", False),
        ("20403", "account_suspended", False),
        ("10001", "account_suspended", False),
        ("70051", "account_suspended", False),
        ("90010", "account_suspended", False),
    )
}
CREDENTIALS = {
    "wrong Auth Token": Situation("wrong_auth_token", typed(auth_token=WRONG)),
    "wrong Auth Token, good key": Situation(
        "wrong_auth_token", typed(auth_token=WRONG, **key("demo standard"))
    ),
    "unknown account": Situation("unknown_account", typed(account_sid=NOBODY)),
    "another account's token": Situation("wrong_auth_token", typed(auth_token=catalogue.auth_token("other"))),
    "wrong key secret": Situation("wrong_api_secret", typed(**key("demo standard", api_key_secret=WRONG))),
    "wrong key secret, no token": Situation(
        "wrong_api_secret",
        typed(auth_token="", **key("demo standard", api_key_secret=WRONG)),
        is_sure=False,
    ),
    "key that was deleted": Situation(
        "api_key_not_found", typed(**key("demo standard", api_key_sid=make_sid("SK", "gone")))
    ),
    "key of another account": Situation("api_key_not_found", typed(**key("other standard"))),
    "parent's key on a subaccount": Situation(
        "api_key_not_found", typed("subaccount", **key("demo standard"))
    ),
    "Restricted key": Situation("restricted_key", typed(**key("demo restricted"))),
    "Restricted key, no token": Situation("restricted_key", typed(auth_token="", **key("demo restricted"))),
    "Irish key, US chosen": Situation("wrong_region", typed(**key("demo ireland"))),
    "Irish key, US chosen, no token": Situation("wrong_region", typed(auth_token="", **key("demo ireland"))),
    "US credentials, Ireland chosen": Situation("wrong_region", typed(region="ie1")),
    "US key, Australia chosen, no token": Situation(
        "wrong_region", typed(auth_token="", region="au1", **key("demo standard"))
    ),
    "Irish token and key, US chosen": Situation(
        "wrong_region",
        typed(auth_token=catalogue.auth_token(catalogue.DEMO, "ie1"), **key("demo ireland")),
    ),
    "test credentials": Situation("test_credentials", typed("test")),
    "account under review": Situation("account_under_review", typed("under review")),
    "closed, and says so": Situation(
        "account_closed", typed("closed"), account={"suspended_variant": "status"}
    ),
    "TwiML App not there": Situation("twiml_app_missing", typed(twiml_app_sid=NO_APP)),
    "TwiML App not there, key only": Situation(
        "twiml_app_missing", typed(auth_token="", twiml_app_sid=NO_APP, **key("demo standard"))
    ),
    "TwiML App without a Voice URL": Situation(
        "twiml_app_misconfigured", typed(twiml_app_sid=make_sid("AP", "demo without voice url"))
    ),
}
OUTAGES = {
    f"{name}, {who}": Situation(verdict, typed(auth_token=token), fault(name))
    for name, verdict in {
        "rate limited": "rate_limited",
        "retry after": "rate_limited",
        "unavailable": "twilio_unavailable",
        "overloaded": "twilio_unavailable",
        "server error": "twilio_unavailable",
        "problem details": "twilio_unavailable",
        "bad gateway": "twilio_unavailable",
        "gateway timeout": "twilio_unavailable",
        "html error": "twilio_unavailable",
        "old tls": "server_network",
        "proxy blocks": "server_network",
        "proxy login": "server_network",
        "foreign login": "server_network",
        "stripped credentials": "server_network",
        "portal": "server_network",
        "moved": "server_network",
        "portal page": "server_network",
        "reset": "server_network",
        "truncated": "server_network",
        "hang": "server_network",
        "garbage": "unclear",
        "empty": "unclear",
        "no content": "unclear",
        "json null": "unclear",
        "json list": "unclear",
        "json text": "unclear",
        "unknown wording": "unclear",
        "compliance": "account_under_review",
    }.items()
    for who, token in (
        ("good credentials", catalogue.auth_token(catalogue.DEMO)),
        ("wrong credentials", WRONG),
    )
    # Twilio limits only those whom it knows.
    if not (name in ("rate limited", "retry after") and token == WRONG)
}
ODD_ANSWERS = {
    f"{name}, wrong credentials": Situation(
        "wrong_auth_token", typed(auth_token=WRONG), fault(name), is_sure=is_sure
    )
    for name, is_sure in {
        "cut json": False,
        "wrong types": False,
        "missing code": False,
        "huge": False,
        "problem refusal": True,
        "wrong clock": True,
    }.items()
} | {
    "another account's answer": Situation("unclear", faults=fault("another account")),
    "cut json, good credentials": Situation("unclear", faults=fault("cut json")),
    "wrong types, good credentials": Situation("unclear", faults=fault("wrong types")),
    "clock ten minutes off": Situation("clock_skew", faults=fault("wrong clock")),
    "clock two minutes off": Situation("clock_skew", faults=fault("wrong clock", seconds=-120)),
    "key's answer is another account's": Situation(
        "unclear",
        typed(**key("demo standard")),
        fault("garbage", path="/Calls"),
    ),
    "outage at the key": Situation(
        "twilio_unavailable", typed(**key("demo standard")), fault("unavailable", path="/Calls")
    ),
    "outage at the app": Situation(
        "twilio_unavailable", typed(twiml_app_sid=NO_APP), fault("bad gateway", path="/Applications")
    ),
    "outage while the key is made": Situation(
        "twilio_unavailable", faults=fault("unavailable", path="/Keys", method="POST")
    ),
    "outage while the app is made": Situation(
        "twilio_unavailable", faults=fault("overloaded", path="/Applications", method="POST")
    ),
    "wrong key secret while the lookup is ill": Situation(
        "wrong_api_secret",
        typed(**key("demo standard", api_key_secret=WRONG)),
        fault("unavailable", path="/Keys"),
        is_sure=False,
    ),
}
SITUATIONS = {**CREDENTIALS, **SUSPENDED, **OUTAGES, **ODD_ANSWERS}
BLAMING = {
    "wrong_auth_token",
    "unknown_account",
    "wrong_api_secret",
    "api_key_not_found",
    "wrong_region",
    "restricted_key",
    "test_credentials",
}
NOT_JUDGED = {"rate_limited", "twilio_unavailable", "server_network", "unclear"}


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    """Half a second instead of eight, so that a server that never answers is soon given up."""
    monkeypatch.setattr(twilio_rest, "READ_SECONDS", 0.5)


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_true_cause_is_named(name, alice, alice_client, fake_twilio):
    situation = SITUATIONS[name]
    if situation.account:
        fake_twilio.change_account(situation.typed["account_sid"], **situation.account)
    for one in situation.faults:
        fake_twilio.add_fault(one["fault"], **{k: v for k, v in one.items() if k != "fault"})

    response = alice_client.post("/accounts/twilio/", situation.typed)

    verdict = response.context["verdict"]
    assert verdict.code == situation.verdict
    assert verdict.is_sure == (situation.is_sure and situation.verdict != "unclear")
    assert verdict.blames_credentials == (situation.verdict in BLAMING)
    assert response.status_code == (503 if situation.verdict in NOT_JUDGED else 422)
    assert f'data-verdict="{situation.verdict}"' in response.content.decode()
    assert not TwilioCredentials.objects.exists()
    failure = LoginFailure.objects.get()
    assert (failure.verdict, failure.user, failure.shown_by) == (situation.verdict, alice, "check")
    assert_no_secret_is_shown(situation, response, failure)


def assert_no_secret_is_shown(situation: Situation, response: Any, failure: LoginFailure) -> None:
    shown = response.content.decode() + repr(vars(failure))
    for name in ("auth_token", "api_key_secret"):
        secret = situation.typed.get(name)
        assert not secret or secret not in shown


@pytest.mark.parametrize(
    ("base_url", "reason"),
    [
        ("http://127.0.0.1:{closed}", "refused"),
        ("http://twilio-stand-in.invalid", "dns"),
        ("https://127.0.0.1:{fake}", "TLS"),
    ],
)
def test_a_twilio_that_cannot_be_reached_is_said_to_be_so_and_how(
    base_url, reason, alice_client, fake_twilio, settings, unused_tcp_port
):
    settings.TWILIO_BASE_URL = base_url.format(
        closed=unused_tcp_port, fake=fake_twilio.host_port.split(":")[1]
    )
    response = alice_client.post("/accounts/twilio/", typed())
    assert response.status_code == 503
    assert response.context["verdict"].code == "server_network"
    assert reason.lower() in response.context["verdict"].explanation.lower()
    assert not TwilioCredentials.objects.exists()


def test_a_wrong_auth_token_takes_one_request(alice_client, fake_twilio):
    alice_client.post("/accounts/twilio/", typed(auth_token=WRONG))
    assert len(fake_twilio.requests()) == 1


def test_no_second_probe_takes_more_than_four_requests(alice_client, fake_twilio):
    alice_client.post("/accounts/twilio/", typed(**key("other standard")))
    asked = [(one["host"], one["path"]) for one in fake_twilio.requests()]
    first = [
        one for one in asked if one[0] in ("api.twilio.com", "iam.twilio.com") and "/Keys/SK" not in one[1]
    ]
    assert len(asked) - len(first) <= 4


def test_a_malformed_set_is_not_sent_at_all(alice_client, fake_twilio):
    response = alice_client.post(
        "/accounts/twilio/",
        typed(account_sid=catalogue.auth_token(catalogue.DEMO), auth_token=catalogue.account_sid("demo")),
    )
    assert response.status_code == 422
    assert response.context["verdict"].code == "malformed"
    assert "swapped" in response.content.decode()
    assert catalogue.auth_token(catalogue.DEMO) not in response.content.decode()
    assert fake_twilio.requests() == []
    assert LoginFailure.objects.get().account_sid == ""


def test_variables_of_the_process_never_reach_a_persons_request(alice_client, fake_twilio, monkeypatch):
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", catalogue.account_sid("other"))
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", catalogue.auth_token("other"))
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    alice_client.post("/accounts/twilio/", typed(auth_token="", **key("demo standard")))
    asked = fake_twilio.requests()
    assert asked
    assert {one["who"] for one in asked} == {catalogue.key_sid("demo standard")}
    assert {one["host"] for one in asked} == {"api.twilio.com"}


def test_a_region_is_asked_at_its_own_edge(alice_client, fake_twilio):
    token = catalogue.auth_token(catalogue.DEMO, "ie1")
    response = alice_client.post("/accounts/twilio/", typed(auth_token=token, region="ie1"))
    assert response.status_code == 302
    assert {one["host"] for one in fake_twilio.requests()} == {"api.dublin.ie1.twilio.com"}
