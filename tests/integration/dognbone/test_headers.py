"""What every kind of answer says to a browser, with the settings of a production install."""

import ast
import asyncio
from collections.abc import Iterator
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest
from django.test import Client

from accounts.people import User
from dognbone import settings as as_they_are
from dognbone.asgi import application
from dognbone.headers import CORP, CSP, NOTHING, OWN
from dognbone.long_addresses import LONGEST, TOO_LONG
from tests.conftest import PASSWORD, signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio
from tests.integration.dognbone.test_settings_security import get_settings
from tests.observatory import Answer, grade

HOST = "phone.example.com"
OF_BROWSERS = ("SECURE_", "SESSION_COOKIE_", "CSRF_", "CONTENT_SECURITY_", "PERMISSIONS_", "X_FRAME_")
NAMES = [
    *("IS_HTTPS", "PUBLIC_URL", "ALLOWED_HOSTS"),
    *(name for name in dir(as_they_are) if name.startswith(OF_BROWSERS)),
]
HSTS = "max-age=31536000; includeSubDomains"


@pytest.fixture(scope="module")
def of_production() -> dict[str, Any]:
    return {name: ast.literal_eval(value) for name, value in zip(NAMES, get_settings(*NAMES), strict=True)}


@pytest.fixture
def production(settings: Any, of_production: dict[str, Any]) -> None:
    for name, value in of_production.items():
        setattr(settings, name, value)


def get(client: Client, path: str, **more: Any) -> Any:
    client.raise_request_exception = False
    return client.get(path, secure=True, headers={"host": HOST, **more.pop("headers", {})}, **more)


def check_always(headers: Any) -> None:
    """What no answer is without."""
    assert headers[CORP] == OWN
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"] == HSTS
    assert "unsafe" not in headers[CSP]
    assert headers[CSP].count("frame-ancestors 'none'") == headers[CSP].count("default-src 'none'") == 1


def check_whole(headers: Any) -> None:
    """A page's, or what might be opened as one."""
    check_always(headers)
    assert "require-trusted-types-for 'script'" in headers[CSP]
    assert "trusted-types dognbone" in headers[CSP]
    assert headers["X-Frame-Options"] == "DENY"
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert "usb=()" in headers["Permissions-Policy"]


# Path, what is asked with, status.
ANSWERS = [
    pytest.param("/accounts/login/", {}, 200, id="page"),
    pytest.param("/accounts/twilio/", {"hx-request": "true"}, 200, id="fragment"),
    pytest.param("/manifest.webmanifest", {}, 200, id="manifest"),
    pytest.param("/service-worker.js", {}, 200, id="service worker"),
    pytest.param("/offline/", {}, 200, id="without a network"),
    pytest.param("/healthz", {}, 200, id="health"),
    pytest.param("/nowhere/", {}, 404, id="not found"),
    pytest.param("/phone/recents/999999/", {}, 404, id="no such call"),
    pytest.param("/accounts/signup/", {}, 302, id="redirect"),
    pytest.param("/accounts/logout/", {}, 200, id="allauth"),
]


@pytest.mark.parametrize(("path", "asked", "status"), ANSWERS)
def test_every_answer_has_all_of_them(
    path: str, asked: dict[str, str], status: int, production: None, alice: User
) -> None:
    client = Client() if path == "/accounts/login/" else signed_in(alice)
    response = get(client, path, headers=asked)
    assert response.status_code == status
    check_whole(response.headers)


def test_json_and_refusals_have_them(production: None, alice: User) -> None:
    client = signed_in(alice)
    client.handler.enforce_csrf_checks = True
    token = client.post("/phone/token/", secure=True, headers={"host": HOST, "accept": "application/json"})
    assert token.status_code == 403
    check_whole(token.headers)
    webhook = client.post("/twilio/voice/nobody/", {"CallSid": "CA1"}, secure=True, headers={"host": HOST})
    assert webhook.status_code in (403, 404)
    check_whole(webhook.headers)
    wrong_host = client.get("/", secure=True, headers={"host": "elsewhere.example"})
    assert wrong_host.status_code == 400
    check_whole(wrong_host.headers)


def break_down(request: HttpRequest) -> None:
    raise RuntimeError("broken")


def test_what_breaks_has_them(production: None, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dognbone.outages.is_database_away", lambda: True)
    away = get(signed_in(alice), "/accounts/login/")
    assert away.status_code == 503
    check_whole(away.headers)
    monkeypatch.undo()
    monkeypatch.setattr("django.contrib.sessions.backends.base.SessionBase.get", break_down)
    broken = get(Client(), "/accounts/login/")
    assert broken.status_code == 500
    check_whole(broken.headers)


def test_a_file_has_a_policy_under_which_nothing_runs(production: None, client: Client) -> None:
    for name in ("mark.svg", "phone/relay/heartbeat.js"):
        file = get(client, staticfiles_storage.url(name))
        assert file.status_code == 200
        check_always(file.headers)
        assert file.headers[CSP] == NOTHING


def test_the_admin_has_all_but_trusted_types(production: None, admin_user: User) -> None:
    """jQuery sets `innerHTML` as soon as it loads; the pages around the admin's are no exception."""
    page = get(signed_in(admin_user), "/admin/accounts/user/")
    assert page.status_code == 200
    check_always(page.headers)
    assert "script-src 'self';" in page.headers[CSP] and "trusted-types" not in page.headers[CSP]


def test_a_proxy_that_does_not_say_that_it_was_asked_by_https_is_not_sent_in_circles(
    production: None, client: Client
) -> None:
    assert client.get("/accounts/login/", headers={"host": HOST}).status_code == 200


def ask(kind: str, path: str, *headers: tuple[bytes, bytes], body: bytes = b"") -> dict[str, Any]:
    """What the whole ASGI application begins to answer."""
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", HOST.encode()), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }

    async def exchange() -> dict[str, Any]:
        communicator = ApplicationCommunicator(application, scope)
        first = (
            {"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request", "body": body}
        )
        await communicator.send_input(first)
        start: dict[str, Any] = await communicator.receive_output(10)
        end = await communicator.receive_output(10)
        assert end["type"].endswith("response.body")
        await communicator.wait(10)
        return start

    return asyncio.run(exchange())


def read(start: dict[str, Any]) -> Any:
    from requests.structures import CaseInsensitiveDict

    names = [name.lower() for name, _ in start["headers"]]
    assert len(names) == len(set(names))
    return CaseInsensitiveDict((name.decode(), value.decode()) for name, value in start["headers"])


def test_a_socket_that_is_refused_is_told_so_with_them(production: None) -> None:
    start = ask("websocket", "/phone/device/", (b"origin", b"https://elsewhere.example"))
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    check_always(read(start))


def test_what_no_middleware_sees_has_them(production: None) -> None:
    """Django refuses such a body before anything of ours is asked."""
    start = ask("http", "/accounts/login/", (b"content-length", b"\xff"))
    assert start["status"] >= 400
    check_always(read(start))


LONG = "/accounts/login/" + "a" * (LONGEST - len("/accounts/login/"))


def test_an_address_that_is_longer_than_any_is_refused_unread(production: None) -> None:
    for kind, path, status in (
        ("http", LONG, 404),
        ("http", f"{LONG}a", TOO_LONG),
        ("http", f"{LONG}{'a' * 1_000_000}", TOO_LONG),
        ("websocket", f"{LONG}a", 403),
    ):
        start = ask(kind, path)
        assert start["status"] == status, (kind, len(path))
        check_always(read(start))


@pytest.fixture
def pages(production: None, alice: User, fake_twilio: FakeTwilio) -> Iterator[dict[str, Answer]]:
    """The sign-in page, and the phone of somebody who has just signed in: with all cookies that came."""
    connect(alice)
    client = Client()
    answers = {"/accounts/login/": get(client, "/accounts/login/")}
    client.post(
        "/accounts/login/", {"login": alice.email, "password": PASSWORD}, secure=True, headers={"host": HOST}
    )
    answers["/"] = get(client, "/")
    yield {path: look(client, path, answer) for path, answer in answers.items()}


def look(client: Client, path: str, response: Any) -> Answer:
    assert response.status_code == 200
    jar: SimpleCookie = client.cookies
    other = {"host": HOST, "origin": "https://elsewhere.example"}
    shared = client.options(path, secure=True, headers={**other, "access-control-request-method": "GET"})
    return Answer(
        host=HOST,
        headers={name.lower(): value for name, value in response.headers.items()},
        cookies=list(jar.values()),
        html=response.content.decode(),
        # By what listens for http: `tests/service/test_deploy.py` asks it.
        sent_on_to=f"https://{HOST}{path}",
        allowed_origin=shared.headers.get("Access-Control-Allow-Origin", ""),
        allows_credentials="Access-Control-Allow-Credentials" in shared.headers,
    )


def test_the_observatory_gives_the_best_grade(pages: dict[str, Answer]) -> None:
    for path, answer in pages.items():
        given, score, counts = grade(answer)
        assert (given, score) == ("A+", 135), (path, counts)
    assert {"sessionid", "csrftoken"} <= {cookie.key for cookie in pages["/"].cookies}


WEAKER = {
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline'",
    "referrer-policy": "unsafe-url",
    "strict-transport-security": "max-age=60",
    "x-content-type-options": "",
    "cross-origin-resource-policy": "everybody",
}


def test_the_observatory_counts_what_is_weaker(production: None, client: Client) -> None:
    answer = look(client, "/accounts/login/", get(client, "/accounts/login/"))
    best, _, counts = grade(answer)
    assert best == "A+"
    for name, value in WEAKER.items():
        without = {key: value for key, value in answer.headers.items() if key != name}
        for weaker in ({**without, name: value}, without):
            assert grade(replace(answer, headers=weaker))[2][name] < counts[name], name
    for attribute in ("secure", "samesite"):
        bare = SimpleCookie({"csrftoken": "1"})["csrftoken"]
        bare.update({"secure": "yes", "samesite": "Lax", attribute: ""})
        assert grade(replace(answer, cookies=[bare]))[2]["cookies"] < counts["cookies"]
    assert grade(replace(answer, sent_on_to=""))[2]["redirection"] < 0


def test_nothing_at_all_fails_at_the_observatory() -> None:
    given, score, _ = grade(
        Answer(host=HOST, headers={}, html='<script src="http://cdn.example/a.js"></script>')
    )
    assert (given, score) == ("F", 0)
