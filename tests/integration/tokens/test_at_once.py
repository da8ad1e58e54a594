"""Tokens that are handed out beside Django's views: the same as the view's, or left to it."""

import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError

from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.proof import end_proof
from dognbone.asgi import application
from dognbone.token_requests import PATH, TokenRequests
from phone.tokens import at_once, counter
from phone.tokens.answers import TOKENS_PER_PERSON, issue_token
from phone.tokens.at_once import Asked, answer_at_once
from phone.tokens.issued_tokens import IssuedToken
from tests.conftest import PASSWORD, signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio

CSRF = "c" * 32
ORIGIN = "http://testserver"
Change = Callable[["Sent"], None]


class Sent:
    """A request as a page makes it, which a test may spoil."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.page_session = uuid.uuid4()
        self.session = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
        self.method = "POST"
        self.headers = {
            "host": "testserver",
            "origin": ORIGIN,
            "x-csrftoken": CSRF,
            "content-type": "application/x-www-form-urlencoded",
        }
        self.body = urlencode({"page_session": str(self.page_session)}).encode()
        self.pieces = 1

    async def send(self, to: Any = application) -> tuple[int, dict[str, str], Any]:
        cookie = f"csrftoken={CSRF}; {settings.SESSION_COOKIE_NAME}={self.session}"
        headers = {**self.headers, "cookie": cookie, "content-length": str(len(self.body))}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": self.method,
            "path": PATH,
            "query_string": b"",
            "client": ("127.0.0.1", 4711),
            "server": ("testserver", 80),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        asked = ApplicationCommunicator(to, scope)
        size = -(-len(self.body) // self.pieces)
        for place in range(self.pieces):
            piece = self.body[place * size : (place + 1) * size]
            is_last = place == self.pieces - 1
            await asked.send_input({"type": "http.request", "body": piece, "more_body": not is_last})
        start = await asked.receive_output(10)
        text = b""
        is_more = True
        while is_more:
            message = await asked.receive_output(10)
            text += message.get("body", b"")
            is_more = message.get("more_body", False)
        await asked.wait(10)
        answered = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        is_json = answered["content-type"] == "application/json"
        return start["status"], answered, json.loads(text) if is_json else text.decode()


@pytest.fixture
def credentials(fake_twilio: FakeTwilio, transactional_db: None, alice: User) -> TwilioCredentials:
    return connect(alice)


@pytest.fixture
def views_tokens(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The statuses that the view has answered."""
    answered: list[int] = []

    def note(**asked: Any) -> Any:
        answer = issue_token(**asked)
        answered.append(answer.status)
        return answer

    monkeypatch.setattr("phone.views.issue_token", note)
    return answered


async def test_a_page_has_its_token_without_the_view(
    credentials: TwilioCredentials, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("phone.views.issue_token")
    sent = await sync_to_async(Sent)(alice)
    status, headers, answer = await sent.send()
    assert status == 200
    assert (headers["cache-control"], headers["content-type"]) == ("no-store", "application/json")
    assert set(answer) == {"token", "token_kind", "identity", "expires_at", "device"}
    claims = jwt.decode(answer["token"], credentials.api_key_secret.reveal(), algorithms=["HS256"])
    assert claims["grants"]["identity"] == alice.identity
    row = await IssuedToken.objects.aget()
    assert (row.user_id, row.jti, row.page_session) == (alice.pk, claims["jti"], sent.page_session)


async def test_its_answer_has_the_headers_of_the_views(
    credentials: TwilioCredentials, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await sync_to_async(Sent)(alice)
    _, at_once_headers, _ = await sent.send()
    monkeypatch.setattr("dognbone.token_requests.PATH", "/nothing-is-answered-at-once/")
    _, headers, _ = await sent.send()
    # Without words, it is in no language; and each answer has an id of its own.
    for name in headers.keys() - {"content-language", "x-request-id", "vary"}:
        assert at_once_headers[name] == headers[name], name


def of_nobody(sent: Sent) -> None:
    sent.session = "nobody"


def without_csrf(sent: Sent) -> None:
    del sent.headers["x-csrftoken"]


def with_another_token(sent: Sent) -> None:
    sent.headers["x-csrftoken"] = "d" * 32


def from_elsewhere(sent: Sent) -> None:
    sent.headers["origin"] = "http://elsewhere.example"


def at_another_host(sent: Sent) -> None:
    sent.headers["host"] = "elsewhere.example"


def signed_out(sent: Sent) -> None:
    Session.objects.all().delete()


def expired(sent: Sent) -> None:
    Session.objects.update(expire_date="2020-01-01T00:00:00Z")


def deactivated(sent: Sent) -> None:
    User.objects.update(is_active=False)


def with_a_new_password(sent: Sent) -> None:
    sent.user.set_password(PASSWORD + "!")
    sent.user.save()


def read_only(sent: Sent) -> None:
    sent.method = "GET"


REFUSED: dict[Change, int] = {
    of_nobody: 401,
    without_csrf: 403,
    with_another_token: 403,
    from_elsewhere: 403,
    at_another_host: 400,
    signed_out: 401,
    expired: 401,
    deactivated: 401,
    with_a_new_password: 401,
    read_only: 405,
}


@pytest.mark.parametrize(("spoil", "status"), REFUSED.items(), ids=lambda one: getattr(one, "__name__", one))
async def test_whoever_may_have_none_is_told_so_by_the_view(
    spoil: Change, status: int, credentials: TwilioCredentials, alice: User
) -> None:
    sent = await sync_to_async(Sent)(alice)
    await sync_to_async(spoil)(sent)
    assert (await sent.send())[0] == status
    assert not await IssuedToken.objects.aexists()


async def test_whoever_has_to_set_up_a_second_factor_has_none_before(
    credentials: TwilioCredentials, alice: User, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = "everybody"
    sent = await sync_to_async(Sent)(alice)
    assert (await sent.send())[0] != 200
    assert not await IssuedToken.objects.aexists()


def without_a_proof(sent: Sent) -> None:
    end_proof(TwilioCredentials.objects.get())


def in_pieces(sent: Sent) -> None:
    sent.pieces = 3


def as_parts(sent: Sent) -> None:
    sent.headers["content-type"] = "multipart/form-data; boundary=x"
    part = 'Content-Disposition: form-data; name="page_session"'
    sent.body = f"--x\r\n{part}\r\n\r\n{sent.page_session}\r\n--x--\r\n".encode()


@pytest.mark.parametrize("change", [without_a_proof, in_pieces, as_parts])
async def test_what_takes_more_is_answered_by_the_view_with_all_that_was_sent(
    change: Change, credentials: TwilioCredentials, alice: User, views_tokens: list[int]
) -> None:
    sent = await sync_to_async(Sent)(alice)
    await sync_to_async(change)(sent)
    assert (await sent.send())[0] == 200
    assert views_tokens == [200]
    assert (await IssuedToken.objects.aget()).page_session == sent.page_session


async def test_without_the_database_the_view_says_so(
    credentials: TwilioCredentials, alice: User, monkeypatch: pytest.MonkeyPatch, views_tokens: list[int]
) -> None:
    def be_away(asked: Any) -> Any:
        raise DatabaseError("away")

    monkeypatch.setattr(counter, "answer_at_once", be_away)
    sent = await sync_to_async(Sent)(alice)
    assert (await sent.send())[0] == 200
    assert views_tokens == [200]


async def test_a_body_that_never_comes_is_the_views_to_wait_for(
    credentials: TwilioCredentials, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dognbone.token_requests.BODY_SECONDS", 0.01)
    handed_on = []

    async def view(scope: Any, receive: Any, send: Any) -> None:
        handed_on.append((await receive())["type"])

    scope = {"type": "http", "path": PATH, "method": "POST", "headers": []}
    asked = ApplicationCommunicator(TokenRequests(view), scope)
    await asked.receive_nothing(0.1)
    await asked.send_input({"type": "http.disconnect"})
    await asked.wait(10)
    assert handed_on == ["http.disconnect"]


def test_many_are_answered_with_as_many_statements_as_one(
    fake_twilio: FakeTwilio, alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    connect(alice), connect(bob)
    sessions = {user: signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value for user in (alice, bob)}
    asked = [Asked(uuid.uuid4(), session_key=sessions[user]) for user in (alice, bob) * 10]
    asked += [Asked(uuid.uuid4(), user_id=bob.pk), Asked(None, session_key="nobody")]
    # Sessions, credentials, and the rows.
    with django_assert_num_queries(3):
        answers = answer_at_once(asked)
    assert answers.pop() is None
    given = [answer.body["identity"] for answer in answers if answer is not None]
    assert given == [alice.identity, bob.identity] * 10 + [bob.identity]
    assert len({answer.body["token"] for answer in answers if answer is not None}) == 21
    rows = IssuedToken.objects.values_list("identity", "page_session")
    assert sorted(rows) == sorted((name, one.page_session) for name, one in zip(given, asked, strict=False))


def test_whoever_had_too_many_keeps_nobody_from_theirs(
    fake_twilio: FakeTwilio, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(alice), connect(bob)
    for _ in range(TOKENS_PER_PERSON.limit):
        TOKENS_PER_PERSON.take(alice.identity)
    answers = answer_at_once([Asked(None, user_id=alice.pk), Asked(None, user_id=bob.pk)])
    assert [answer is None for answer in answers] == [True, False]
    assert IssuedToken.objects.get().user == bob


async def test_what_goes_wrong_with_all_is_tried_with_each(
    credentials: TwilioCredentials, alice: User, monkeypatch: pytest.MonkeyPatch, views_tokens: list[int]
) -> None:
    def break_down(credentials: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(at_once, "sign", break_down)
    sent = await sync_to_async(Sent)(alice)
    assert (await sent.send())[0] == 200
    assert views_tokens == [200]
