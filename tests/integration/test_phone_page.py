"""The phone page: who gets it, and what it is told."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.people import User
from accounts.verdicts.verdict import build_browser_verdicts
from fake_twilio import catalogue
from phone.calls.call import Call
from tests.conftest import signed_in
from tests.webhook_requests import add_number, make_member


def read_page_data(client: Client) -> dict[str, Any]:
    response = client.get("/")
    assert response.status_code == 200
    found = re.search(
        r'<script id="page-data" type="application/json">(.*?)</script>', response.content.decode()
    )
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.mark.django_db
def test_the_signed_out_are_sent_to_sign_in(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_those_without_twilio_are_sent_to_connect_it(alice_client: Client) -> None:
    response = alice_client.get("/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/twilio/"


def test_the_page_is_told_all_that_it_needs(
    alice: User, bob: User, mallory: User, alice_client: Client, settings: Any
) -> None:
    settings.TWILIO_SIGNALLING = "127.0.0.1:8501"
    account = make_member(alice)
    make_member(bob)
    add_number(account, catalogue.DEMO_VERIFIED_NUMBER, "verified", friendly_name="Mobile")
    add_number(account, catalogue.DEMO_NUMBER)
    add_number(make_member(mallory, "other"), "+12025550111")
    data = read_page_data(alice_client)
    assert (data["token_url"], data["socket_path"]) == ("/phone/token/", "/ws/device/")
    assert (data["identity"], data["display_name"]) == (alice.identity, "Alice")
    assert data["signalling"] == "127.0.0.1:8501"
    assert data["caller_ids"] == [
        {"phone_number": catalogue.DEMO_NUMBER, "label": "Twilio number"},
        {"phone_number": catalogue.DEMO_VERIFIED_NUMBER, "label": "Mobile"},
    ]
    assert data["colleagues"] == [{"name": "Bob", "email": "bob@example.com", "state": "away", "version": 0}]
    assert set(data["verdicts"]) == {*build_browser_verdicts(), "offline"}
    # Without a network nothing is Twilio's doing, and nothing is said of it.
    offline = data["verdicts"]["offline"]
    assert (offline["code"], offline["title"]) == ("browser_network", "You are offline")
    assert "Twilio" not in " ".join(offline[name] for name in ("title", "explanation", "remedy", "link_name"))
    assert not any(verdict["blames_credentials"] for verdict in data["verdicts"].values())
    assert data["sounds"]["incoming"].endswith("/phone/sounds/incoming.wav")


def test_the_page_holds_no_secret_and_a_cookie_to_post_with(alice: User, alice_client: Client) -> None:
    make_member(alice, api_key_sid=catalogue.key_sid("demo standard"), api_key_secret="a secret of the key")
    response = alice_client.get("/")
    assert catalogue.auth_token(catalogue.DEMO) not in response.content.decode()
    assert "a secret of the key" not in response.content.decode()
    assert "csrftoken" in response.cookies
    assert "no-store" in response["Cache-Control"]


def test_one_who_is_not_of_the_account_sees_none_of_it(alice: User, bob: User, mallory: User) -> None:
    make_member(alice)
    make_member(mallory, "other")
    assert read_page_data(signed_in(mallory))["colleagues"] == []
    assert signed_in(bob).get("/").status_code == 302


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("bob", {"to": "bob@example.com", "name": "Bob", "refusal": "", "cause": ""}),
        ("(202) 555-0199 x7", {"to": "+12025550199,7", "name": "+12025550199", "refusal": "", "cause": ""}),
        (
            "nobody",
            {
                "to": "",
                "name": "",
                "refusal": "nobody is neither a colleague nor a phone number.",
                "cause": "invalid_number",
            },
        ),
    ],
)
def test_the_page_asks_whom_a_call_would_reach_before_there_is_one(
    typed: str, answer: dict[str, str], alice: User, bob: User, alice_client: Client
) -> None:
    add_number(make_member(alice), catalogue.DEMO_NUMBER)
    make_member(bob)
    assert alice_client.post("/phone/whom/", {"typed": typed}).json() == answer
    assert not Call.objects.exists()


def test_nobody_learns_who_is_a_colleague_on_another_account(
    alice: User, bob: User, mallory: User, client: Client
) -> None:
    make_member(bob)
    make_member(mallory, "other")
    answer = signed_in(mallory).post("/phone/whom/", {"typed": "bob@example.com"}).json()
    assert answer["refusal"] == "bob@example.com is neither a colleague nor a phone number."
    assert signed_in(alice).post("/phone/whom/", {"typed": "bob"}).status_code == 404
    assert client.post("/phone/whom/", {"typed": "bob"}).status_code == 302
    assert signed_in(bob).get("/phone/whom/").status_code == 405


def test_the_page_reads_numbers_as_the_server_does(alice: User, alice_client: Client) -> None:
    account = make_member(alice)
    add_number(account, catalogue.DEMO_NUMBER)
    add_number(account, "+442079460123")
    alice.home_country = "DE"
    alice.save()
    dialling = read_page_data(alice_client)["dialling"]
    assert dialling["home"] == "DE"
    assert dialling["countries"] == {catalogue.DEMO_NUMBER: "US", "+442079460123": "GB"}
    assert dialling["emergency"]["DE"] == "11[02]"
