"""Everything that can go wrong on the way to and from Twilio, as a client meets it."""

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from fake_twilio import catalogue, faults
from tests.fake.rest_fake import RestFake, key_login, token_login

DEMO = catalogue.account_sid(catalogue.DEMO)
WRONG = (DEMO, "0" * 32)


def lay(rest: RestFake, fault: str, **matcher: object) -> str:
    response = rest.control("POST", "faults", fault=fault, **matcher)
    response.raise_for_status()
    return str(response.json()["id"])


@pytest.mark.parametrize(
    ("fault", "status", "body", "content_type"),
    [
        ("unavailable", 503, b"", "text/html"),
        ("bad gateway", 502, b"502 Bad Gateway", "text/html"),
        ("gateway timeout", 504, b"504 Gateway Time-out", "text/html"),
        ("html error", 500, b"Internal Server Error", "text/html"),
        ("proxy blocks", 403, b"Access denied", "text/html"),
        ("proxy login", 407, b"Proxy Authentication", "text/html"),
        ("foreign login", 401, b"Unauthorized", "text/html"),
        ("portal", 307, b"", "text/html"),
        ("moved", 301, b"", "text/html"),
        ("portal page", 200, b"guest network", "text/html"),
        ("garbage", 200, b'{"sid": <<<', "application/json"),
        ("empty", 200, b"", "application/json"),
        ("json null", 200, b"null", "application/json"),
        ("json list", 200, b"[]", "application/json"),
        ("json text", 200, b'"OK"', "application/json"),
        ("problem details", 500, b'"title": "Internal Server Error"', "application/problem+json"),
    ],
)
def test_answers_of_somebody_else_lack_twilios_headers(
    rest: RestFake, fault: str, status: int, body: bytes, content_type: str
) -> None:
    lay(rest, fault)
    for login in (token_login(), WRONG):
        response = rest.of_account(".json", login)
        assert (response.status_code, response.headers["Content-Type"].partition(";")[0]) == (
            status,
            content_type,
        )
        assert body in response.content
        assert "Twilio-Request-Id" not in response.headers


def test_redirects_lead_elsewhere(rest: RestFake) -> None:
    lay(rest, "portal", times=1)
    assert rest.of_account(".json").headers["Location"].startswith("http://portal.example/")
    lay(rest, "moved", times=1)
    assert rest.of_account(".json").headers["Location"] == "https://www.twilio.com/"


def test_an_answer_without_content(rest: RestFake) -> None:
    lay(rest, "no content")
    response = rest.of_account(".json")
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(
    ("fault", "status", "code", "words"),
    [
        ("server error", 500, 20500, "Internal Server Error"),
        ("overloaded", 503, 20503, "Service Unavailable"),
        ("old tls", 426, 20426, "Upgrade Required"),
        ("stripped credentials", 401, 20003, "Authentication Error - No credentials provided"),
        ("compliance", 401, 20003, "Primary compliance profile is not approved"),
        ("unknown wording", 401, 20999, "The request could not be authorised"),
        ("rate limited", 429, 20429, "Too Many Requests"),
        ("retry after", 429, 20429, "Too Many Requests"),
    ],
)
def test_twilios_own_errors(rest: RestFake, fault: str, status: int, code: int, words: str) -> None:
    lay(rest, fault)
    response = rest.of_account("/Calls.json")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["message"].startswith(words)
    assert "Twilio-Request-Id" in response.headers


def test_a_rate_limit_says_when_to_come_back_if_it_is_told_to(rest: RestFake) -> None:
    lay(rest, "rate limited", times=1)
    assert "Retry-After" not in rest.of_account("/Calls.json").headers
    lay(rest, "retry after", times=1, seconds=7)
    assert rest.of_account("/Calls.json").headers["Retry-After"] == "7"
    assert rest.of_account("/Calls.json").status_code == 200


def test_a_reset_ends_the_connection_without_an_answer(rest: RestFake) -> None:
    lay(rest, "reset")
    with pytest.raises(requests.ConnectionError) as error:
        rest.of_account(".json")
    assert "ConnectionResetError" in repr(error.value)


def test_a_truncated_answer_ends_before_its_length(rest: RestFake) -> None:
    lay(rest, "truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        rest.of_account(".json")


def test_half_a_json_has_its_full_length(rest: RestFake) -> None:
    lay(rest, "cut json")
    response = rest.of_account(".json")
    assert response.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        response.json()


def test_a_huge_answer_is_valid_and_far_too_long(rest: RestFake) -> None:
    lay(rest, "huge")
    response = rest.of_account(".json")
    assert len(response.content) > 16 * 1024 * 1024
    assert json.loads(response.content)["sid"] == DEMO


def test_hanging_lasts_until_the_client_gives_up(rest: RestFake) -> None:
    lay(rest, "hang", times=1)
    with pytest.raises(requests.ReadTimeout):
        rest.session.get(
            f"{rest.base_url}/2010-04-01", headers={"X-Twilio-Host": "api.twilio.com"}, timeout=0.2
        )
    assert rest.of_account(".json").status_code == 200


@pytest.mark.parametrize("seconds", [0.02, 0.08, 0.2])
def test_a_slow_answer_takes_the_time_it_was_given(rest: RestFake, seconds: float) -> None:
    def measure() -> float:
        started = time.perf_counter()
        assert rest.of_account(".json").status_code == 200
        return time.perf_counter() - started

    lay(rest, "slow", seconds=seconds)
    # The machine may be busy, but never early; the quickest of several shows that it was not the default.
    assert seconds <= min(measure() for _ in range(5)) < faults.SLOW_SECONDS


def test_a_dribbling_answer_is_whole_in_the_end(rest: RestFake) -> None:
    lay(rest, "dribble", seconds=0.3)
    started = time.perf_counter()
    assert rest.of_account(".json", timeout=0.25).json()["sid"] == DEMO
    assert time.perf_counter() - started > 0.25


def test_wrong_types_keep_the_names(rest: RestFake) -> None:
    lay(rest, "wrong types")
    body = rest.of_account(".json").json()
    assert (body["sid"], body["status"]) == ([DEMO], ["active"])
    refusal = rest.of_account(".json", WRONG)
    assert (refusal.status_code, refusal.json()["code"], refusal.json()["message"]) == (
        401,
        "20003",
        ["Authenticate"],
    )


def test_an_error_may_lack_its_code(rest: RestFake) -> None:
    lay(rest, "missing code")
    response = rest.of_account(".json", WRONG)
    assert (response.status_code, response.json()) == (401, {"message": "Authenticate", "status": 401})
    assert "X-Twilio-Error-Code" not in response.headers
    assert rest.of_account(".json").status_code == 500


def test_a_refusal_may_be_a_problem_document(rest: RestFake) -> None:
    lay(rest, "problem refusal")
    response = rest.of_account(".json", WRONG)
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert response.json() == {
        "type": "https://www.twilio.com/docs/errors/20003",
        "title": "Authenticate",
        "status": 401,
        "code": 20003,
    }
    assert rest.of_account(".json").json()["sid"] == DEMO


def test_an_answer_may_be_about_another_account(rest: RestFake) -> None:
    lay(rest, "another account")
    body = rest.of_account(".json").json()
    assert body["sid"] != DEMO and body["status"] == "active"


def test_twilios_clock_may_be_wrong(rest: RestFake) -> None:
    lay(rest, "wrong clock", times=1)
    ahead = parsedate_to_datetime(rest.of_account(".json").headers["Date"])
    assert timedelta(minutes=9) < ahead - datetime.now(UTC) <= timedelta(minutes=10)
    lay(rest, "wrong clock", times=1, seconds=-120)
    behind = parsedate_to_datetime(rest.of_account(".json").headers["Date"])
    assert behind < datetime.now(UTC) - timedelta(seconds=119)


@pytest.mark.parametrize(
    "matcher",
    [
        {"account_sid": catalogue.account_sid("other")},
        {"host": "iam.twilio.com"},
        {"path": "/Calls"},
        {"method": "POST"},
    ],
)
def test_a_fault_meets_only_the_requests_that_match(rest: RestFake, matcher: dict) -> None:
    lay(rest, "unavailable", **matcher)
    assert rest.of_account(".json").status_code == 200


def test_a_fault_matches_by_every_field_at_once(rest: RestFake) -> None:
    lay(rest, "unavailable", account_sid=DEMO, host="api.twilio.com", path="/Calls", method="get")
    assert rest.of_account("/Calls.json").status_code == 503
    assert rest.of_account("/Calls.json", key_login("demo standard")).status_code == 503
    assert rest.of_account("/Calls.json", method="POST").status_code == 400


def test_a_fault_ends_after_its_times_or_when_it_is_removed(rest: RestFake) -> None:
    lay(rest, "unavailable", times=2)
    assert [rest.of_account(".json").status_code for _ in range(3)] == [503, 503, 200]
    fault_id = lay(rest, "unavailable")
    assert rest.of_account(".json").status_code == 503
    assert rest.control("DELETE", f"faults/{fault_id}").status_code == 204
    assert rest.of_account(".json").status_code == 200
    assert rest.control("DELETE", f"faults/{fault_id}").status_code == 404


def test_a_delay_comes_on_top_of_another_fault(rest: RestFake) -> None:
    lay(rest, "slow", seconds=0.1)
    lay(rest, "bad gateway")
    response = rest.of_account(".json")
    assert response.status_code == 502 and response.elapsed >= timedelta(seconds=0.1)


def test_every_fault_has_an_account_to_type(rest: RestFake) -> None:
    # `told` says what whoever lays it wants to be said.
    assert {*catalogue.REST_FAULTS, faults.TOLD} == faults.NAMES
    for name in catalogue.REST_FAULTS:
        assert rest.account(name).rest_fault == name


def test_a_fault_of_an_account_meets_its_token_and_its_keys(rest: RestFake) -> None:
    for login in (token_login("bad gateway"), key_login("bad gateway standard")):
        assert rest.of_account("/Calls.json", login, name="bad gateway").status_code == 502
    assert rest.of_account("/Calls.json").status_code == 200
