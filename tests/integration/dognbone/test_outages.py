"""What is said while this process may not serve; with a real database that is away: `tests/service/`."""

from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from accounts.people import User
from dognbone.serving import serving
from tests.conftest import signed_in
from tests.german import find_english


@pytest.fixture
def held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "is_held_back", True)


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/admin/", "/accounts/twilio/", "/nowhere/"])
def test_people_get_a_page_without_the_database(client: Client, held_back: None, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 503
    assert "Our database does not answer" in response.text
    assert response.headers["Retry-After"] == "5"
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_a_log_is_not_filled_with_those_who_are_turned_away_or_ask_whether_all_is_well(
    client: Client, held_back: None, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/")
    client.post("/phone/token/")
    assert client.get("/readyz").status_code == 503
    assert caplog.records == []


@pytest.mark.parametrize(
    "path", ["voice", "dial", "join", "transfer", "rescue", "sent-to-voicemail", "voicemail"]
)
def test_twilio_gets_words_for_the_caller(client: Client, held_back: None, path: str) -> None:
    response = client.post(f"/phone/webhooks/any/{path}/")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert "<Response><Say>We are sorry." in response.text


@pytest.mark.parametrize(
    ("result", "is_sorry"), [("completed", False), ("answered", False), ("busy", True), ("no-answer", True)]
)
def test_nobody_who_has_talked_hears_that_their_call_cannot_be_taken(
    client: Client, held_back: None, result: str, is_sorry: bool
) -> None:
    response = client.post("/phone/webhooks/any/dial/", {"DialCallStatus": result})
    assert response.status_code == 200
    assert ("We are sorry" in response.text) is is_sorry
    assert "<Hangup />" in response.text


def test_a_status_that_was_not_kept_is_not_said_to_be(client: Client, held_back: None) -> None:
    assert client.post("/phone/webhooks/any/status/").status_code == 503


@pytest.mark.parametrize(
    ("method", "path", "accepts"),
    [("post", "/phone/token/", "*/*"), ("post", "/phone/check/", "application/x-ndjson")],
)
def test_the_page_s_own_requests_get_a_verdict_that_blames_nobody(
    client: Client, held_back: None, method: str, path: str, accepts: str
) -> None:
    response = getattr(client, method)(path, headers={"accept": accepts})
    assert response.status_code == 503
    verdict = response.json()["verdict"]
    assert verdict["blames_credentials"] is False
    assert {"code", "title", "explanation", "remedy", "twilio"} <= set(verdict)


def test_who_cannot_be_looked_up_is_answered_as_their_browser_asks_for(
    client: Client, held_back: None
) -> None:
    german = {"accept-language": "de-AT,de;q=0.9"}
    page = client.get("/", headers=german)
    assert (page.status_code, page["Content-Language"]) == (503, "de")
    assert '<html lang="de">' in page.text and find_english(page.text) == []
    assert "Accept-Language" in page["Vary"]
    assert client.post("/phone/token/", headers=german)["Content-Language"] == "de"
    assert client.get("/readyz", headers=german).json() == client.get("/readyz").json()


@pytest.mark.parametrize(("chosen", "title"), [("", "Etwas ist kaputtgegangen"), ("en", "Something broke")])
def test_a_fault_is_told_in_the_language_of_who_met_it(
    alice: User, monkeypatch: pytest.MonkeyPatch, chosen: str, title: str
) -> None:
    def break_down(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("broken")

    alice.language = chosen
    alice.save()
    client = signed_in(alice)
    client.raise_request_exception = False
    monkeypatch.setattr("accounts.twilio.views.ConnectForm.for_credentials", break_down)
    response = client.get("/accounts/twilio/", headers={"accept-language": "de"})
    assert response.status_code == 500 and f"<h1>{title}</h1>" in response.text


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_goes_away_during_a_request_is_no_fault_of_the_program(
    alice: User, error: type[Exception]
) -> None:
    client = signed_in(alice)
    client.raise_request_exception = False

    def fail(*arguments: Any) -> Any:
        raise error("gone")

    with connection.execute_wrapper(fail):
        status = client.get("/").status_code
    # SQLite is a file, and cannot be away.
    assert status == (503 if connection.vendor == "postgresql" else 500)


def fail_at_session(execute: Any, sql: str, *rest: Any) -> Any:
    if sql.startswith("UPDATE") and "django_session" in sql:
        raise OperationalError("gone")
    return execute(sql, *rest)


def test_who_is_being_answered_when_the_database_goes_away_is_not_told_of_a_session_that_ended(
    alice: User,
) -> None:
    client = signed_in(alice)
    client.raise_request_exception = False
    with connection.execute_wrapper(fail_at_session):
        # Offers to exchange the two, and keeps them meanwhile.
        swapped = {"account_sid": "0" * 32, "auth_token": "AC" + "0" * 32}
        status = client.post("/accounts/twilio/", swapped).status_code
    assert status == (503 if connection.vendor == "postgresql" else 500)


def test_a_session_that_ended_meanwhile_is_said_to_have(alice: User) -> None:
    client = signed_in(alice)
    store = client.session
    store["anything"] = 1
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()
