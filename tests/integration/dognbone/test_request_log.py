"""Each request's id, and its line in the log, as the server itself sees them."""

import asyncio
import logging
import re
import uuid
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from accounts.people import User
from dognbone.asgi import application
from dognbone.request_log import UNKNOWN, RequestLog, find_known_route, name_part, name_route
from phone.device.frames import parse_frame
from tests.device_socket import open_socket


async def ask(path: str, app: Any = application, **headers: str) -> tuple[int, dict[str, str]]:
    """The status and the headers of an answer."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": path.partition("?")[0],
        "query_string": path.partition("?")[2].encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        + [(b"host", b"localhost")],
    }
    messages = [{"type": "http.request", "body": b""}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}


def read_lines(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [record for record in caplog.records if record.name == "dognbone.access"]


async def test_an_answer_names_the_id_that_its_request_was_given() -> None:
    given = uuid.uuid4().hex
    status, headers = await ask("/manifest.webmanifest", x_request_id=given)
    assert (status, headers["x-request-id"]) == (200, given)


@pytest.mark.parametrize("given", ["", "short", "0" * 31 + "\n", "x" * 32, "0" * 33, "{}", '"' + "0" * 32])
async def test_an_id_of_another_shape_is_not_taken(given: str) -> None:
    _, headers = await ask("/manifest.webmanifest", x_request_id=given)
    assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])


async def test_requests_side_by_side_have_ids_of_their_own() -> None:
    answers = await asyncio.gather(*(ask("/manifest.webmanifest") for _ in range(5)))
    assert len({headers["x-request-id"] for _, headers in answers}) == 5
    assert "request_id" not in get_contextvars()


@pytest.mark.django_db(transaction=True)
async def test_a_line_names_the_route_and_nothing_of_the_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    key = "Mw-d5f3jh-0123456789abcdef0123456789abcdef"
    await ask(f"/accounts/password/reset/key/{key}/?q=%2B14155550100")
    (line,) = read_lines(caplog)
    assert (line.method, line.status) == ("GET", 200) or line.status in (301, 302)
    assert "password/reset/key" in line.route and line.seconds > 0
    for told in (key, "4155550100", "?q="):
        assert told not in caplog.text


async def test_nothing_is_written_of_those_who_ask_whether_all_is_well(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    assert (await ask("/healthz"))[0] == 200
    assert read_lines(caplog) == []


async def test_what_a_view_logs_has_the_id_of_its_request() -> None:
    seen = {}

    async def view(scope: Any, receive: Any, send: Any) -> None:
        seen.update(await asyncio.to_thread(get_contextvars))
        await send({"type": "http.response.start", "status": 204, "headers": []})

    _, headers = await ask("/", RequestLog(view))
    assert seen == {"request_id": headers["x-request-id"]}


async def test_a_request_that_ends_without_an_answer_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def gone(scope: Any, receive: Any, send: Any) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await ask("/phone/recents/", RequestLog(gone))
    assert "phone/recents/ ended without an answer" in caplog.text


@pytest.mark.django_db(transaction=True)
async def test_a_socket_has_an_id_and_what_it_logs_the_page_session(
    alice: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    seen: list[dict[str, Any]] = []

    def note(text: str) -> dict[str, Any]:
        seen.append(get_contextvars())
        return parse_frame(text)

    monkeypatch.setattr("phone.device.consumers.parse_frame", note)
    page_session = uuid.uuid4()
    async with open_socket(alice, page_session) as socket:
        await socket.tell(type="echo", id=str(uuid.uuid4()))
        while (await socket.hear())["type"] != "echo":
            pass
    (told,) = seen
    assert told["page_session"] == str(page_session) and re.fullmatch(r"[0-9a-f]{32}", told["request_id"])
    opened, closed = read_lines(caplog)
    assert (opened.method, opened.route, opened.status) == ("WEBSOCKET", "ws/device/", 101)
    assert closed.getMessage().startswith("WEBSOCKET ws/device/ closed with 1001")


@pytest.mark.parametrize(
    ("path", "route", "part"),
    [
        (
            "/phone/webhooks/a-key-that-nobody-may-see/voice/",
            "phone/webhooks/<str:webhook_key>/voice/",
            "webhook",
        ),
        ("/phone/token/", "phone/token/", "token"),
        ("/static/phone.0123456789ab.js", "static/(file)", "static"),
        ("/wp-login.php", "(no such address)", "unknown"),
        ("/", "/", "page"),
        ("/phone/recents/", "phone/recents/", "page"),
    ],
)
def test_an_address_is_told_by_its_pattern(path: str, route: str, part: str) -> None:
    assert (name_route(path), name_part(name_route(path))) == (route, part)


def test_the_route_of_a_short_address_is_kept_and_that_of_a_long_one_is_not() -> None:
    find_known_route.cache_clear()
    for path, route, kept in (
        ("/phone/recents/", "phone/recents/", 1),
        ("/phone/recents/", "phone/recents/", 1),
        ("/nowhere/", UNKNOWN, 2),
        (f"/{'a' * 1_000_000}/", UNKNOWN, 2),
    ):
        assert name_route(path) == route
        assert find_known_route.cache_info().currsize == kept
