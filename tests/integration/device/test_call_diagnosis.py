"""A TwiML App that breaks after the check: named by the first call's error and one look at the app."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.utils import translation

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio.candidate import Candidate
from accounts.twilio.check import token_login
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.rest import fetch
from accounts.verdicts.verdict import Verdict
from fake_twilio import catalogue
from phone.device.diagnosis import diagnose
from tests.connections import connect
from tests.device_socket import build_error, open_socket
from tests.fake_control import FakeTwilio
from tests.integration.device.test_socket_diagnosis import code_of, list_failures, record

Report = Callable[..., Verdict | None]
HANGUP = "ConnectionError (31005): Error sent from gateway in HANGUP"
GONE = [pytest.param(21218, id="21218"), pytest.param(31001, id="31001"), pytest.param(31404, id="31404")]


@pytest.fixture
def credentials(fake_twilio: FakeTwilio, alice: User) -> TwilioCredentials:
    return connect(alice)


@pytest.fixture
def report(credentials: TwilioCredentials, alice: User, fake_twilio: FakeTwilio) -> Report:
    """Reports the error of one call of one page of alice's, and returns what is made of it."""
    page_session = uuid.uuid4()

    def send(code: int, original_code: int | None = None) -> Verdict | None:
        fake_twilio.control("DELETE", "requests")
        return diagnose(record(alice, page_session, build_call_error(code, original_code)))

    return send


def build_call_error(code: int, original_code: int | None = None) -> dict[str, Any]:
    return build_error(code, original_code, sdk_event="call.error", message=HANGUP)


def change_app(credentials: TwilioCredentials, **fields: str) -> None:
    """Changes the app at Twilio, or deletes it where nothing is said."""
    path = f"/Applications/{credentials.twiml_app_sid}.json"
    login = token_login(Candidate.of(credentials))
    assert fetch(login, path, method="POST" if fields else "DELETE", data=fields or None).is_success


@pytest.mark.parametrize("code", GONE)
def test_an_app_that_was_deleted_is_named_by_one_look(
    code: int, credentials: TwilioCredentials, report: Report, fake_twilio: FakeTwilio
) -> None:
    change_app(credentials)
    verdict = report(31005, code)
    assert verdict is not None
    assert (verdict.code, verdict.blames_credentials, verdict.is_sure) == ("twiml_app_missing", False, True)
    assert [one["path"] for one in fake_twilio.requests()] == [
        f"/2010-04-01/Accounts/{catalogue.account_sid('demo')}/Applications/{credentials.twiml_app_sid}.json"
    ]
    assert list_failures() == ["twiml_app_missing"]
    credentials.refresh_from_db()
    assert not credentials.is_proven


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"VoiceUrl": ""}, "has no Voice URL"),
        ({"VoiceUrl": "https://elsewhere.example/voice"}, "elsewhere.example"),
        ({"VoiceMethod": "GET"}, "GET"),
    ],
)
@pytest.mark.parametrize("code", [31404, 31503, 11200])
def test_an_app_that_leads_nowhere_any_more_is_named_with_what_is_wrong(
    code: int, fields: dict[str, str], words: str, credentials: TwilioCredentials, report: Report
) -> None:
    change_app(credentials, **fields)
    verdict = report(31005, code)
    assert verdict is not None and verdict.code == "twiml_app_misconfigured"
    assert words in verdict.explanation


def test_the_code_of_the_sdk_alone_will_do(credentials: TwilioCredentials, report: Report) -> None:
    change_app(credentials)
    assert code_of(report(31404)) == "twiml_app_missing"


def test_where_the_app_is_fit_31404_is_whoever_was_called(
    report: Report, fake_twilio: FakeTwilio, credentials: TwilioCredentials
) -> None:
    assert report(31005, 31404) is None
    assert len(fake_twilio.requests()) == 1
    assert not LoginFailure.objects.exists()
    credentials.refresh_from_db()
    assert credentials.is_proven


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(31503, "twiml_app_misconfigured"), (12100, "twiml_app_misconfigured"), (21218, "twiml_app_missing")],
)
@pytest.mark.parametrize("fault", ["", "unavailable", "trial refusal"])
def test_what_twilio_said_of_an_app_counts_where_it_looks_fit_or_cannot_be_looked_at(
    fault: str, code: int, verdict: str, report: Report, fake_twilio: FakeTwilio
) -> None:
    if fault:
        fake_twilio.add_fault(fault)
    assert code_of(report(31005, code)) == verdict


def test_what_is_wrong_is_said_in_the_language_of_whoever_reads_it(report: Report) -> None:
    verdict = report(31005, 12100)
    assert verdict is not None
    assert "Twilio got no answer from its Voice URL that it could follow" in verdict.explanation
    with translation.override("de"):
        assert "Twilio bekam von ihrer Voice URL keine brauchbare Antwort" in verdict.explanation


@pytest.mark.parametrize("code", [31486, 31603, 31480, 31008, 31002, 13224, 31005, 99999])
def test_an_error_that_is_none_of_the_apps_asks_nobody(
    code: int, report: Report, fake_twilio: FakeTwilio, credentials: TwilioCredentials
) -> None:
    change_app(credentials)
    assert report(31005, code) is None
    assert fake_twilio.requests() == []


def test_a_person_who_redials_is_told_each_time_and_twilio_asked_once(
    credentials: TwilioCredentials, report: Report, fake_twilio: FakeTwilio
) -> None:
    change_app(credentials)
    assert code_of(report(31005, 21218)) == "twiml_app_missing"
    for _ in range(3):
        assert code_of(report(31005, 21218)) == "twiml_app_missing"
        assert fake_twilio.requests() == []
    assert list_failures() == ["twiml_app_missing"]


@pytest.mark.django_db(transaction=True)
async def test_the_page_is_told_over_its_socket(
    transactional_db: None, fake_twilio: FakeTwilio, alice: User
) -> None:
    credentials = await database_sync_to_async(connect)(alice)
    await database_sync_to_async(change_app)(credentials)
    error = build_call_error(31005, 21218)
    async with open_socket(alice) as socket:
        await socket.tell(**error)
        assert await socket.hear() == {"type": "recorded", "id": error["id"]}
        answer = await socket.hear()
    assert (answer["type"], answer["verdict"]["code"]) == ("verdict", "twiml_app_missing")
