"""The control API: what it shows, what it changes, whom it lets in; and no secret in any of it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from fake_twilio import catalogue
from fake_twilio.app_keys import STORE
from fake_twilio.situations import SITUATIONS
from tests.fake.rest_fake import RestFake, key_login, token_login
from tests.fake_control import FakeTwilio, get_free_port, run_fake_twilio

ROOT = Path(__file__).resolve().parents[2]
DEMO = catalogue.account_sid(catalogue.DEMO)
KEY = catalogue.key_sid("demo standard")


def all_secrets(rest: RestFake) -> set[str]:
    accounts = rest.app[STORE].accounts.values()
    tokens = {token for one in accounts for token in (*one.auth_tokens.values(), one.secondary_auth_token)}
    keys = {key.secret for one in accounts for key in one.keys.values()}
    return (tokens | keys) - {""}


def test_the_state_shows_every_account_and_no_secret(rest: RestFake) -> None:
    response = rest.control("GET", "state")
    assert not any(secret in response.text for secret in all_secrets(rest))
    accounts = {one["sid"]: one for one in response.json()["accounts"]}
    demo = accounts[DEMO]
    assert (demo["friendly_name"], demo["status"]) == ("Dog n Bone demo", "active")
    assert KEY in {key["sid"] for key in demo["keys"]}
    assert catalogue.app_sid(catalogue.APP_ELSEWHERE) in {app["sid"] for app in demo["applications"]}
    assert demo["numbers"] == [catalogue.DEMO_NUMBER]
    assert accounts[catalogue.account_sid("bad gateway")]["rest_fault"] == "bad gateway"


def test_a_reset_brings_everything_back(rest: RestFake) -> None:
    rest.control("PATCH", f"accounts/{DEMO}", status="closed", auth_token="new")
    rest.control("DELETE", f"accounts/{DEMO}/keys/{KEY}")
    rest.control("POST", "faults", fault="reset")
    assert rest.control("POST", "reset").status_code == 200
    assert rest.of_account(".json").status_code == 200
    assert rest.of_account("/Calls.json", key_login("demo standard")).status_code == 200
    assert len(rest.control("GET", "requests").json()) == 2


def test_an_account_can_be_suspended_and_woken(rest: RestFake) -> None:
    changed = rest.control("PATCH", f"accounts/{DEMO}", status="suspended", suspended_variant="20005").json()
    assert (changed["status"], changed["suspended_variant"]) == ("suspended", "20005")
    assert rest.of_account(".json").json()["code"] == 20005
    rest.control("PATCH", f"accounts/{DEMO}", status="active")
    assert rest.of_account(".json").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "path", "status"),
    [
        ("type", "Trial", "/Keys.json", 401),
        ("is_under_review", True, ".json", 401),
        ("is_test", True, ".json", 403),
        ("rest_fault", "unavailable", ".json", 503),
    ],
)
def test_fields_of_an_account_take_effect_at_once(
    rest: RestFake, field: str, value: object, path: str, status: int
) -> None:
    assert rest.control("PATCH", f"accounts/{DEMO}", **{field: value}).status_code == 200
    assert rest.of_account(path).status_code == status


def test_an_account_that_may_have_no_new_keys(rest: RestFake) -> None:
    rest.control("PATCH", f"accounts/{DEMO}", refuses_new_keys=True, gateway_fault="gateway drop")
    assert rest.of_account("/Keys.json", method="POST").status_code == 403
    assert rest.account().gateway_fault == "gateway drop"


def test_a_rotated_auth_token_is_shown_once(rest: RestFake) -> None:
    token = rest.control("PATCH", f"accounts/{DEMO}", auth_token="new").json()["auth_token"]
    assert rest.of_account(".json").json()["message"] == "Authenticate"
    assert rest.of_account(".json", (DEMO, token)).status_code == 200
    assert token not in rest.control("GET", "state").text
    chosen = "ab" * 16
    assert rest.control("PATCH", f"accounts/{DEMO}", auth_token=chosen).json()["auth_token"] == chosen
    assert rest.of_account(".json", (DEMO, chosen)).status_code == 200


def test_a_rotated_key_takes_its_new_secret_only(rest: RestFake) -> None:
    secret = rest.control("POST", f"accounts/{DEMO}/keys/{KEY}").json()["secret"]
    assert rest.of_account("/Calls.json", key_login("demo standard")).status_code == 401
    assert rest.of_account("/Calls.json", (KEY, secret)).status_code == 200


def test_a_deleted_key_is_gone(rest: RestFake) -> None:
    assert rest.control("DELETE", f"accounts/{DEMO}/keys/{KEY}").status_code == 204
    assert rest.of_account(f"/Keys/{KEY}.json").status_code == 404
    for method in ("DELETE", "POST"):
        assert rest.control(method, f"accounts/{DEMO}/keys/{KEY}").status_code == 404


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_key_that_was_rotated_or_deleted_can_be_brought_back(rest: RestFake, method: str) -> None:
    path, (_, secret) = f"accounts/{DEMO}/keys/{KEY}", key_login("demo standard")
    before = rest.control("GET", f"accounts/{DEMO}").json()
    rest.control(method, path)
    assert rest.control("GET", f"accounts/{DEMO}").json() != before
    assert rest.control("PUT", path, secret=secret).status_code == 204
    assert rest.of_account("/Calls.json", key_login("demo standard")).status_code == 200
    after = {one["sid"]: one for one in rest.control("GET", f"accounts/{DEMO}").json()["keys"]}
    assert after[KEY]["secret_fingerprint"] in {one["secret_fingerprint"] for one in before["keys"]}


def test_one_account_is_shown_alone_and_without_a_secret(rest: RestFake) -> None:
    response = rest.control("GET", f"accounts/{DEMO}")
    assert response.json()["sid"] == DEMO
    assert not any(secret in response.text for secret in all_secrets(rest))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"accounts/{DEMO}/keys/{KEY}", {"secret": "short"}),
        ("PUT", f"accounts/{DEMO}/keys/{KEY}", {}),
        ("PUT", f"accounts/{DEMO}/keys/{KEY}", {"secret": "ab" * 16, "region": "mars"}),
        ("PUT", f"accounts/{DEMO}/keys/nonsense", {"secret": "ab" * 16}),
        ("POST", "faults", {"fault": "nonsense"}),
        ("POST", "faults", {"fault": "reset", "nonsense": 1}),
        ("POST", "faults", {"path": "/Calls"}),
        ("POST", "faults", {"fault": "slow", "seconds": "long"}),
        ("POST", "faults", {"fault": "slow", "times": 0.5}),
        ("POST", "faults", {"fault": "slow", "path": 7}),
        ("PATCH", f"accounts/{DEMO}", {"status": "asleep"}),
        ("PATCH", f"accounts/{DEMO}", {"nonsense": 1}),
        ("PATCH", f"accounts/{DEMO}", {"sid": "AC"}),
        ("PATCH", f"accounts/{DEMO}", {"auth_token": "short"}),
        ("PATCH", f"accounts/{DEMO}", {"friendly_name": 7}),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    rest: RestFake, method: str, path: str, body: dict
) -> None:
    before = rest.control("GET", "state").json()
    response = rest.control(method, path, **body)
    assert response.status_code == 400 and response.json()["error"]
    assert rest.control("GET", "state").json() == before


@pytest.mark.parametrize("body", ["not json", "[]"])
def test_a_body_that_is_no_object_is_refused(rest: RestFake, body: str) -> None:
    assert rest.session.post(f"{rest.base_url}/_fake/faults", data=body, timeout=5).status_code == 400


def test_unknown_accounts_and_addresses_are_not_found(rest: RestFake) -> None:
    assert rest.control("PATCH", f"accounts/{catalogue.account_sid('nobody')}").status_code == 404
    assert rest.control("GET", "nonsense").status_code == 404


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_other_sites_cannot_reach_the_controls(rest: RestFake, headers: dict) -> None:
    response = rest.session.post(f"{rest.base_url}/_fake/reset", headers=headers, timeout=5)
    assert response.status_code == 403


@pytest.mark.parametrize("origin", ["http://localhost:8000", "http://127.0.0.1:9000"])
def test_a_page_of_this_machine_reaches_the_controls(rest: RestFake, origin: str) -> None:
    response = rest.session.get(f"{rest.base_url}/_fake/state", headers={"Origin": origin}, timeout=5)
    assert response.status_code == 200


def test_the_journal_tells_what_was_asked_and_by_whom(rest: RestFake) -> None:
    rest.of_account("/Calls.json", key_login("demo standard"), params={"PageSize": 1})
    rest.of_account(".json", (DEMO, "0" * 32))
    rest.control("POST", "faults", fault="slow", seconds=0.05)
    rest.ask("/v1/Alerts", host="monitor.twilio.com")
    rest.control("POST", "faults", fault="reset")
    with pytest.raises(requests.ConnectionError):
        rest.of_account(".json", None)
    first, second, third, fourth = rest.control("GET", "requests").json()
    assert (first["method"], first["host"], first["path"], first["status"], first["who"]) == (
        "GET",
        "api.twilio.com",
        f"/2010-04-01/Accounts/{DEMO}/Calls.json",
        200,
        KEY,
    )
    assert (second["status"], second["who"]) == (401, DEMO)
    assert third["faults"] == ["slow"] and third["ms"] >= 50
    assert (fourth["status"], fourth["who"]) == (None, "")
    assert rest.control("DELETE", "requests").status_code == 204
    assert rest.control("GET", "requests").json() == []


def test_the_journal_keeps_no_secret_wherever_it_was_typed(rest: RestFake) -> None:
    token = catalogue.auth_token(catalogue.DEMO)
    rest.of_account(".json")
    rest.ask(f"/2010-04-01/Accounts/{token}.json", (token, DEMO))
    rest.of_account(f"/Applications/{token}.json", (catalogue.key_secret("demo standard"), KEY))
    text = rest.control("GET", "requests").text
    assert not any(secret in text for secret in all_secrets(rest))
    assert "(hidden)" in text and "(no SID)" in text


def test_situations_show_no_secret(rest: RestFake) -> None:
    text = repr(SITUATIONS)
    assert not any(secret in text for secret in all_secrets(rest))
    assert len({one.title for one in SITUATIONS}) == len(SITUATIONS) >= 60


def test_the_process_starts_answers_and_ends() -> None:
    with run_fake_twilio() as fake:
        assert fake.control("GET", "state")["accounts"]
        assert ask_account(fake).json()["sid"] == DEMO
        assert [one["who"] for one in fake.requests()] == [DEMO]


def test_the_public_log_has_one_line_for_each_request_and_no_secret() -> None:
    port = get_free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "fake_twilio", "--port", str(port), "--public-log"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        if process.stdout is None:
            raise RuntimeError("the process has no output")
        started = process.stdout.readline()
        ask_account(FakeTwilio(port))
        line = process.stdout.readline()
        process.terminate()
        rest_of_output = process.stdout.read()
    assert started == f"The fake Twilio listens on http://127.0.0.1:{port}\n"
    assert re.fullmatch(
        rf"\d\d:\d\d:\d\d GET api\.twilio\.com/2010-04-01/Accounts/{DEMO}\.json {DEMO} 200 \d+ ms\n", line
    )
    assert (rest_of_output, process.returncode) == ("", 0)


def ask_account(fake: FakeTwilio) -> requests.Response:
    return requests.get(
        f"{fake.base_url}/2010-04-01/Accounts/{DEMO}.json",
        auth=token_login(),
        headers={"X-Twilio-Host": "api.twilio.com"},
        timeout=5,
    )
