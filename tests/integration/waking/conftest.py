"""A server that wakes browsers, a push service, and Bob, who has a browser that may be woken and no page."""

import uuid
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from typing import Any

import pytest
from django.test import Client

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.device.presence import record_state
from phone.waking import sending
from phone.waking.vapid import make_vapid_key
from tests.conftest import signed_in
from tests.open_pages import record_connected
from tests.push_service import PushedBrowser, PushService, run_push_service
from tests.webhook_requests import add_number, make_member

NUMBER = catalogue.DEMO_NUMBER


class AtOnce(Executor):
    """Sends before it returns: what comes of it is part of the test's transaction, which no thread sees."""

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        done: Future[Any] = Future()
        done.set_result(function(*args, **kwargs))
        return done


@pytest.fixture(autouse=True)
def offered(settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = make_vapid_key()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "get_threads", AtOnce)


@pytest.fixture
def push_service() -> Iterator[PushService]:
    with run_push_service() as service:
        yield service


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    account = make_member(alice)
    make_member(bob)
    add_number(account, NUMBER, points_here=True)
    return account


@pytest.fixture
def bobs_client(bob: User) -> Client:
    return signed_in(bob)


@pytest.fixture
def closed(
    account: TwilioAccount, bob: User, bobs_client: Client, push_service: PushService
) -> PushedBrowser:
    """Bob's, closed."""
    browser = PushedBrowser("bobs")
    subscribe(bobs_client, browser)
    leave(bob)
    return browser


def subscribe(client: Client, browser: PushedBrowser) -> None:
    body = browser.subscription()
    assert client.post("/phone/push/", body, content_type="application/json").status_code == 204


def leave(person: User) -> None:
    """Their page was there, and is not any more."""
    show_up(person, "offline")


def show_up(person: User, state: str = "ready") -> uuid.UUID:
    """A page of theirs; its session."""
    page_session = uuid.uuid4()
    record_connected(user=person, page_session=page_session, socket=uuid.uuid4())
    record_state(user=person, page_session=page_session, state=state)
    return page_session
