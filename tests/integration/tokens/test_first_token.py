"""The token that comes with the phone's page, where the credentials were proven a moment ago."""

import gzip
import json
import re
import uuid
from typing import Any

import jwt
import pytest
from django.test import Client

from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.proof import end_proof
from phone.tokens.answers import TOKENS_PER_PERSON
from phone.tokens.issued_tokens import IssuedToken
from tests.connections import connect
from tests.fake_control import FakeTwilio


@pytest.fixture
def credentials(fake_twilio: FakeTwilio, alice: User) -> TwilioCredentials:
    return connect(alice)


def read_data(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.mark.parametrize("path", ["/", "/phone/recents/"])
def test_a_page_has_a_token_of_its_own(
    credentials: TwilioCredentials, alice: User, alice_client: Client, path: str
) -> None:
    response = alice_client.get(path)
    data = read_data(response.content.decode())
    token = data["first_token"]
    asked = alice_client.post("/phone/token/").json()
    assert token.keys() == {*asked, "server_now"} and token["device"] == asked["device"]
    claims = jwt.decode(token["token"], options={"verify_signature": False})
    assert claims["grants"]["identity"] == alice.identity
    row = IssuedToken.objects.get(page_session=uuid.UUID(data["page_session"]))
    assert (row.user, row.identity) == (alice, alice.identity)
    assert "no-store" in response["Cache-Control"]


def test_each_page_has_another(credentials: TwilioCredentials, alice_client: Client) -> None:
    pages = [read_data(alice_client.get("/").content.decode()) for _ in range(2)]
    assert len({page["page_session"] for page in pages}) == 2
    assert len({page["first_token"]["token"] for page in pages}) == 2


def test_nobody_is_asked_for_it(
    credentials: TwilioCredentials, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    asked = len(fake_twilio.requests())
    alice_client.get("/")
    end_proof(credentials)
    data = read_data(alice_client.get("/").content.decode())
    assert data["first_token"] is None
    assert len(fake_twilio.requests()) == asked


def test_whoever_has_had_too_many_gets_none(
    credentials: TwilioCredentials, alice: User, alice_client: Client
) -> None:
    while not TOKENS_PER_PERSON.take(alice.identity):
        pass
    assert read_data(alice_client.get("/").content.decode())["first_token"] is None


def test_a_pane_alone_has_none(credentials: TwilioCredentials, alice_client: Client) -> None:
    page = alice_client.get("/phone/recents/", headers={"HX-Request": "true"}).content.decode()
    assert "page-data" not in page and "token" not in page.replace("csrfmiddlewaretoken", "")
    assert not IssuedToken.objects.exists()


def test_the_page_comes_compressed_to_who_can_read_it(
    credentials: TwilioCredentials, alice_client: Client
) -> None:
    response = alice_client.get("/", headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert {"Accept-Encoding", "HX-Request"} <= {one.strip() for one in response["Vary"].split(",")}
    page = gzip.decompress(response.content).decode()
    assert read_data(page)["first_token"]
    assert len(response.content) < len(page) / 3
