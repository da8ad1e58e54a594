"""A page renews its token before it ends: over its socket, or with a request where there is none."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.device.events import DeviceEvent
from phone.tokens import access_tokens, answers
from phone.tokens.issued_tokens import IssuedToken
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import button, connect, dial, expect_state
from tests.browser.sound import remember_peer_connections, wait_for_sound

# The page renews in the middle of it; in a call the SDK asks for it a third before the end.
LIFETIME = timedelta(seconds=12)
TOKEN_REFRESH_MS = 4_000
PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def short_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    build = answers.build_device_options
    monkeypatch.setattr(access_tokens, "LIFETIME", LIFETIME)
    monkeypatch.setattr(
        answers,
        "build_device_options",
        lambda region: {**build(region), "tokenRefreshMs": TOKEN_REFRESH_MS},
    )


def open_ready(page: Page, user: User) -> list[str]:
    """The addresses that the page has posted to for a token, as they come."""
    connect(user)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if "/phone/token/" in request.url else None)
    remember_peer_connections(page)
    sign_in(page, user.email)
    expect_state(page, "ready")
    return posts


def wait_for_tokens(page: Page, user: User, count: int) -> list[IssuedToken]:
    """Oldest first; by then the page has had so many."""
    for _ in range(PATIENCE_SECONDS * 10):
        tokens = list(IssuedToken.objects.filter(user=user).order_by("issued_at", "pk"))
        if len(tokens) >= count:
            return tokens
        page.wait_for_timeout(100)
    raise AssertionError(f"{len(tokens)} tokens were issued, not {count}")


def wait_for_end(page: Page, token: IssuedToken) -> None:
    for _ in range(PATIENCE_SECONDS * 10):
        if timezone.now() > token.expires_at:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the token never ended")


def test_a_page_renews_over_its_socket_without_a_request_and_keeps_its_call(
    open_browser: OpenBrowser, alice: User
) -> None:
    page = open_browser()
    posts = open_ready(page, alice)
    renewed = wait_for_tokens(page, alice, 2)[-1]

    dial(page, catalogue.ECHO_NUMBER)
    assert wait_for_sound(page)["energy_in"] > 0.0005
    wait_for_end(page, renewed)

    assert wait_for_sound(page)["energy_in"] > 0.0005
    assert len(wait_for_tokens(page, alice, 3)) >= 3
    expect_state(page, "ready")
    # The first came with the page.
    assert posts == []
    assert not DeviceEvent.objects.filter(user=alice, state="error").exists()
    button(page, "Hang up").click()
    expect(button(page, "Hang up")).to_be_hidden()
    dial(page, catalogue.ECHO_NUMBER)
    expect(button(page, "Mute")).to_be_visible()


def test_with_the_socket_cut_a_page_renews_with_a_request_and_stays_ready(
    open_browser: OpenBrowser, alice: User
) -> None:
    page = open_browser()
    page.route_web_socket("**/ws/device/**", lambda route: route.close(code=1011))
    posts = open_ready(page, alice)
    first = wait_for_tokens(page, alice, 1)[0]

    wait_for_end(page, first)

    tokens = wait_for_tokens(page, alice, 3)
    expect_state(page, "ready")
    assert len(posts) >= len(tokens) - 1 >= 2
