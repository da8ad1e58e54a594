"""Every situation of the connect page: typed, sent, answered by the fake Twilio, named on the page."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import takewhile
from typing import Any

import pytest
from django.test import Client

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio import check
from accounts.twilio import rest as twilio_rest
from accounts.twilio.check import MOST_REQUESTS
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.forms import ConnectForm
from accounts.twilio.ladder import verify_credentials
from accounts.twilio.shape import may_be_shown
from fake_twilio import catalogue
from fake_twilio.faults import NAMES as FAULTS
from tests.check_situations import ANOTHER, APPS, CREDENTIALS, GOOD, MALFORMED, STATES, Situation, typed
from tests.fake_control import FakeTwilio
from tests.outage_situations import KEY_ALONE, ODD_ANSWERS, ODD_REFUSALS, OUTAGES
from tests.situations import situation
from tests.verdict_texts import find_contradictions

SITUATIONS = {
    **GOOD,
    **MALFORMED,
    **CREDENTIALS,
    **STATES,
    **APPS,
    **OUTAGES,
    **KEY_ALONE,
    **ODD_REFUSALS,
    **ODD_ANSWERS,
}
NOT_JUDGED = {"rate_limited", "twilio_unavailable", "server_network", "unclear"}
# Faults that would keep a patient server waiting.
ENDLESS = ("hang", "dribble")
OTHER_HOSTS = ("api.dublin.ie1.twilio.com", "api.sydney.au1.twilio.com")
# What may come on top of a situation: it is busy, or breaks off, once or always, here or elsewhere.
TROUBLES: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    "busy once": [{"fault": "rate limited", "times": 1}],
    "busy": [{"fault": "rate limited"}],
    "broken off twice": [{"fault": "reset", "times": 2}],
    "other regions break off": [{"fault": "reset", "host": host} for host in OTHER_HOSTS],
    "other regions are busy": [{"fault": "rate limited", "host": host} for host in OTHER_HOSTS],
    "other regions are ill, iam breaks off": [
        *({"fault": "unavailable", "host": host} for host in OTHER_HOSTS),
        {"fault": "reset", "host": "iam.twilio.com"},
    ],
}


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second instead of eight, so that a server that never answers is soon given up."""
    monkeypatch.setattr(twilio_rest, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(twilio_rest, "READ_SECONDS", 0.5)


def prepare(fake: FakeTwilio, what: Situation) -> None:
    if what.account:
        fake.change_account(what.typed["account_sid"], **what.account)
    for one in what.faults:
        fake.add_fault(one["fault"], **{name: value for name, value in one.items() if name != "fault"})


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_true_cause_is_named(
    name: str, alice: User, alice_client: Client, fake_twilio: FakeTwilio, request: pytest.FixtureRequest
) -> None:
    what = SITUATIONS[name]
    if any(one["fault"] in ENDLESS and "seconds" not in one for one in what.faults):
        request.getfixturevalue("impatience")
    prepare(fake_twilio, what)
    with situation("typed", name, what.verdict) as outcome:
        response = alice_client.post("/accounts/twilio/", what.typed)
        asked = fake_twilio.requests()
        is_connected = response.status_code == 302
        if is_connected:
            response = alice_client.get("/accounts/twilio/")
        outcome.found, outcome.is_blamed = read_verdict(response.content.decode())
        if what.verdict == "ok":
            assert is_connected
            assert not LoginFailure.objects.exists()
            return
        assert response.status_code == (503 if what.verdict in NOT_JUDGED else 422)
        expect_verdict(what, response, alice)
        assert not TwilioCredentials.objects.exists()
        # What is made in the account afterwards is no part of the verdict.
        assert len(list(takewhile(lambda one: one["method"] == "GET", asked))) <= MOST_REQUESTS
        if what.verdict == "malformed":
            assert asked == []


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("is_stored", [False, True], ids=["typed", "stored"])
def test_no_verdict_takes_more_than_four_requests(
    trouble: str, is_stored: bool, fake_twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setattr(check.random, "uniform", lambda *_: 0.0)
    for name, what in {**GOOD, **CREDENTIALS, **STATES, **APPS}.items():
        fake_twilio.reset()
        prepare(fake_twilio, what)
        for one in TROUBLES[trouble]:
            fake_twilio.control("POST", "faults", **one)
        verify_credentials(ConnectForm(what.typed).candidate, is_key_kind_known=is_stored)
        assert len(fake_twilio.requests()) <= MOST_REQUESTS, name


def read_verdict(page: str) -> tuple[str | None, bool]:
    """What a person is shown: the slug of the verdict's card, and whether it blames."""
    card = re.search(r'<section class="verdict([^"]*)" role="alert" data-verdict="(\w+)"', page)
    return (card[2], "is-blame" in card[1]) if card else (None, False)


def expect_verdict(what: Situation, response: Any, user: User) -> None:
    verdict = response.context["verdict"]
    assert find_contradictions(verdict) == []
    assert verdict.is_sure == what.is_sure
    assert what.names in " ".join((*map(str, verdict.other_causes), verdict.explanation))
    assert not what.field or verdict.field == what.field
    failure = LoginFailure.objects.get()
    assert (failure.verdict, failure.user, failure.shown_by) == (what.verdict, user, "check")
    shown = response.content.decode() + repr(vars(failure))
    for name in ("auth_token", "api_key_secret"):
        secret = what.typed.get(name)
        # A SID that was typed into the field of a secret is none, and comes back where it belongs.
        assert not secret or name == what.field or may_be_shown(secret) or secret not in shown


@contextmanager
def listen(*, backlog: int) -> Iterator[tuple[socket.socket, str]]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(backlog)
        yield listener, f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def run_black_hole() -> Iterator[str]:
    """An address that answers no SYN any more, as behind a firewall that drops: its queue is full."""
    with ExitStack() as stack:
        _, address = stack.enter_context(listen(backlog=0))
        host, port = address.split(":")
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex((host, int(port)))
        yield f"http://{address}"


@pytest.mark.parametrize(
    ("name", "base_url", "words"),
    [
        ("refused port", "http://127.0.0.1:{closed}", "refused"),
        ("name that does not resolve", "http://twilio-stand-in.invalid", "DNS"),
        ("TLS to a port that speaks none", "https://{fake}", "TLS"),
        ("port that takes the connection and says nothing", "http://{mute}", "did not answer in time"),
        ("black hole", "{black_hole}", "could not be connected to in time"),
    ],
)
@pytest.mark.parametrize("token", [catalogue.auth_token(catalogue.DEMO), "0" * 32], ids=["good", "wrong"])
def test_an_unreachable_twilio_is_named_with_the_way_it_fails(
    name: str,
    base_url: str,
    words: str,
    token: str,
    alice_client: Client,
    fake_twilio: FakeTwilio,
    settings: Any,
    unused_tcp_port: int,
    impatience: None,
) -> None:
    who = "wrong" if token == "0" * 32 else "good"
    with (
        run_black_hole() as black_hole,
        listen(backlog=5) as (_, mute),
        situation("typed", f"{name}, {who}", "server_network") as outcome,
    ):
        settings.TWILIO_BASE_URL = base_url.format(
            closed=unused_tcp_port, fake=fake_twilio.host_port, mute=mute, black_hole=black_hole
        )
        response = alice_client.post("/accounts/twilio/", typed(auth_token=token))
        outcome.found, outcome.is_blamed = read_verdict(response.content.decode())
        assert response.status_code == 503
        assert words in response.content.decode()
        assert LoginFailure.objects.get().verdict == "server_network"


def test_one_who_tries_too_often_is_told_so_and_twilio_is_not_asked(
    alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    for _ in range(10):
        alice_client.post("/accounts/twilio/", typed(auth_token=ANOTHER))
    fake_twilio.control("DELETE", "requests")
    with situation("typed", "eleventh attempt in five minutes", "rate_limited") as outcome:
        response = alice_client.post("/accounts/twilio/", typed())
        outcome.found, outcome.is_blamed = read_verdict(response.content.decode())
        assert response.status_code == 429
        assert fake_twilio.requests() == []


def test_every_fault_and_every_state_of_the_catalogue_has_its_situation() -> None:
    laid = {one["fault"] for what in SITUATIONS.values() for one in what.faults}
    # `told` is in `tests/worded_situations.py`.
    assert laid | {"told"} == FAULTS
    accounts = {what.typed["account_sid"] for what in SITUATIONS.values()}
    names = {"suspended", "closed", "under review", "test", "token only", "rotating", "subaccount", "orphan"}
    names |= {
        f"{status} {variant}" for status in ("suspended", "closed") for variant in catalogue.INACTIVE_VARIANTS
    }
    assert {catalogue.account_sid(name) for name in names} <= accounts
