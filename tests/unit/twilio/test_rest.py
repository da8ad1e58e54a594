import json
import socket
import ssl
from datetime import UTC, datetime

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.http.response import Response
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from accounts.sealing.fields import Secret
from accounts.twilio.rest import (
    HttpClient,
    TwilioLogin,
    build_client,
    find_address,
    find_clock_skew,
    find_number,
    find_reason,
    get_http_client,
    read_answer,
)
from accounts.verdicts.texts import UNREACHABLE_REASONS
from fake_twilio.store import make_secret, make_sid

AC, SK = make_sid("AC", "rest"), make_sid("SK", "rest")
SECRET = make_secret("rest")
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
URL = "https://api.twilio.com/2010-04-01/Accounts.json"


def read(text="", status=401, **headers):
    return read_answer(Response(status, text, headers), NOW, [SECRET])


def test_requests_go_to_twilio_as_they_are(settings):
    settings.TWILIO_BASE_URL = ""
    assert find_address(f"{URL}?PageSize=1") == (f"{URL}?PageSize=1", {})


@pytest.mark.parametrize("host", ["api.twilio.com", "api.dublin.ie1.twilio.com", "iam.twilio.com"])
def test_a_stand_in_gets_the_path_and_the_host_that_was_meant(settings, host):
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9000/base/"
    address, headers = find_address(f"https://{host}/v1/Keys?a=b")
    assert address == "http://127.0.0.1:9000/base/v1/Keys?a=b"
    assert headers == {"X-Twilio-Host": host}


@pytest.mark.parametrize(
    "url",
    ["https://example.com/", "https://twilio.com.example.com/", "https://eviltwilio.com/", "file:///etc"],
)
def test_no_secret_goes_anywhere_but_to_twilio(settings, url):
    settings.TWILIO_BASE_URL = ""
    with pytest.raises(ValueError, match="Only Twilio"):
        find_address(url)


@pytest.mark.parametrize("auth", [None, ("", ""), (AC, ""), ("", SECRET)])
def test_a_request_without_credentials_is_not_sent(auth):
    with pytest.raises(ValueError, match="explicit credentials"):
        HttpClient().request("GET", URL, auth=auth)


@pytest.mark.parametrize(("account", "name", "secret"), [("", AC, "x"), (AC, "", "x"), (AC, AC, "")])
def test_a_login_with_a_gap_is_none(account, name, secret):
    with pytest.raises(ValueError, match="needs an account"):
        TwilioLogin(account, name, Secret(secret))


def test_a_client_takes_nothing_from_the_process(monkeypatch):
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "REGION", "EDGE"):
        monkeypatch.setenv(f"TWILIO_{name}", "from the process")
    client = build_client(TwilioLogin(AC, SK, Secret(SECRET)))
    assert (client.username, client.account_sid) == (SK, AC)
    assert client.edge is None and client.region is None
    assert client.get_hostname(URL) == URL


@pytest.mark.parametrize(("region", "host"), [("ie1", "api.dublin.ie1"), ("au1", "api.sydney.au1")])
def test_region_and_edge_go_together(region, host):
    client = build_client(TwilioLogin(AC, AC, Secret(SECRET), region))
    assert client.get_hostname(URL) == URL.replace("api", host, 1)


def test_one_client_serves_the_process_and_keeps_no_cookies():
    client = get_http_client()
    assert client is get_http_client()
    assert client.session.cookies.get_policy().is_not_allowed("api.twilio.com")


def test_a_login_and_an_answer_show_no_secret():
    assert SECRET not in repr(TwilioLogin(AC, SK, Secret(SECRET)))
    assert SECRET not in repr(read(json.dumps({"secret": SECRET, "sid": SK}), 201))


def test_the_auth_token_in_an_account_is_dropped_at_once():
    assert "auth_token" not in read(json.dumps({"sid": AC, "auth_token": SECRET}), 200).json


def test_a_message_that_repeats_the_secret_loses_it():
    answer = read(json.dumps({"code": 20003, "message": f"no such token: {SECRET}"}))
    assert answer.message == "no such token: …"


def test_a_message_is_kept_short_and_printable():
    answer = read('{"code": 20003, "message": "a\\u0000b\\ud800c\\nd' + "x" * 5000 + '"}')
    assert answer.message.startswith("abcdx")
    assert len(answer.message) == 300
    answer.message.encode()


def test_twilios_own_shape_is_read():
    body = {"code": 20003, "message": "Authenticate", "more_info": "https://…", "status": 401}
    answer = read(json.dumps(body), **{"twilio-request-id": "RQ1"})
    assert (answer.code, answer.message, answer.request_id) == (20003, "Authenticate", "RQ1")
    assert answer.sender == "twilio"


def test_the_newer_shape_is_read_too():
    body = {
        "type": "https://…",
        "title": "Unauthorized",
        "status": 401,
        "code": 20003,
        "detail": "Authenticate",
    }
    answer = read(json.dumps(body))
    assert (answer.code, answer.message, answer.sender) == (20003, "Authenticate", "twilio")


@pytest.mark.parametrize("place", ["message", "detail", "title"])
def test_the_cause_is_read_wherever_the_answer_says_it(place):
    texts = {"message": "Unauthorized", "detail": "See your console.", "title": "Forbidden"}
    said = {**texts, place: "Account suspended"}
    assert read(json.dumps({"code": 20003, "status": 401, **said})).message == "Account suspended"


def test_the_code_of_a_cut_body_is_in_the_header():
    answer = read('{"code":200', **{"X-Twilio-Error-Code": "20003"})
    assert (answer.code, answer.sender, answer.json) == (20003, "twilio", None)


@pytest.mark.parametrize(
    ("text", "headers", "sender"),
    [
        ("", {}, "unknown"),
        ("<html>", {}, "page"),
        ("\ufeff\n <!doctype html>", {}, "page"),
        ("<html>", {"Twilio-Request-Id": "RQ1"}, "twilio"),
        ("", {"WWW-Authenticate": 'Basic realm="Twilio API"'}, "twilio"),
        ("", {"WWW-Authenticate": 'Basic realm="Proxy"'}, "unknown"),
        ('{"message": "Authenticate", "status": 401}', {}, "twilio"),
        ('{"error": "denied"}', {}, "unknown"),
    ],
)
def test_whose_answer_it_is_is_told_by_its_marks(text, headers, sender):
    assert read(text, **headers).sender == sender


# Without a deadline: a busy machine is no fault of the reader's.
at_leisure = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@at_leisure
@given(st.text(), st.integers(100, 599))
def test_no_text_trips_the_reader(text, status):
    assert read(text, status).status == status


@at_leisure
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["code", "message", "status", "detail", "sid"]), inner)
        ),
    )
)
def test_no_json_trips_the_reader(body):
    answer = read(json.dumps(body))
    assert answer.code is None or isinstance(answer.code, int)
    assert isinstance(answer.message, str)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (20003, 20003),
        ("20003", 20003),
        (True, None),
        (0, None),
        (-1, None),
        ("٣", None),
        (1e3, None),
        ("1" * 30, None),
        (10**30, None),
        ([1], None),
    ],
)
def test_only_a_code_is_a_code(value, number):
    assert find_number(value) == number


@pytest.mark.parametrize(
    ("date", "skew"),
    [
        ("Mon, 23 Nov 2026 12:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 12:10:00 GMT", 600),
        ("Mon, 23 Nov 2026 11:59:00 +0000", -60),
        ("", None),
        (None, None),
        ("yesterday", None),
        ("Mon, 23 Nov 2026 12:00:00 -0000", None),
        ("Mon, 99 Nov 99999 12:00:00 GMT", None),
    ],
)
def test_the_clock_is_compared_where_a_date_is_told(date, skew):
    assert find_clock_skew(date, NOW) == skew


def wrap(cause):
    return requests.ConnectionError(MaxRetryError(None, "/", cause))


@pytest.mark.parametrize(
    ("error", "which"),
    [
        (wrap(NameResolutionError("api.twilio.com", None, socket.gaierror())), "dns"),
        (wrap(NewConnectionError(None, "refused")), "reset"),
        (requests.ConnectionError(ConnectionRefusedError()), "refused"),
        (requests.ConnectionError(ConnectionResetError()), "reset"),
        (requests.exceptions.SSLError(ssl.SSLCertVerificationError()), "tls"),
        (requests.exceptions.ProxyError(), "proxy"),
        (requests.ConnectTimeout(), "connect_timeout"),
        (requests.ReadTimeout(), "read_timeout"),
        (requests.exceptions.ChunkedEncodingError(), "reset"),
        (requests.exceptions.ContentDecodingError(), "reset"),
    ],
)
def test_each_way_of_not_being_reached_has_its_name(error, which):
    assert find_reason(error) == which
    assert which in UNREACHABLE_REASONS


def test_a_circle_of_causes_ends():
    error = requests.ConnectionError()
    error.__context__ = other = ValueError()
    other.__cause__ = error
    assert find_reason(error) == "reset"
