"""Real Chromium, the real Voice SDK, a real server on a real port, and the fake Twilio beside it."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from accounts.people import User
from dognbone.asgi import application
from tests.conftest import PASSWORD, signed_in
from tests.fake_control import FakeTwilio
from tests.machine import find_chromium
from tests.site import run_site

# Playwright's synchronous API keeps an event loop running in the test's thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

CHROMIUM = find_chromium()
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    # Nothing is drawn for anybody, and no next page is made ready: two processes fewer a test.
    "--in-process-gpu",
    "--disable-features=SpareRendererForSitePerProcess",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    # A name that is not this machine's to the browser, which gives its pages no microphone.
    "--host-resolver-rules=MAP insecure.test 127.0.0.1",
]

# Playwright's routes do not see what a service worker asks for: where a test has none, none is made.
CONTEXT: dict[str, Any] = {"permissions": ["microphone"], "service_workers": "block"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
    # Last, because Playwright's synchronous API leaves an event loop running in this thread, under
    # which no asynchronous test can start one.
    items.sort(key=lambda item: "tests/browser/" in str(item.path))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": CHROMIUM_FLAGS, "headless": True}


@pytest.fixture
def served() -> Any:
    """What the site's server serves: the product. Tests of the demo serve more."""
    return application


@pytest.fixture
def site(transactional_db: None, settings: Any, fake_twilio: FakeTwilio, served: Any) -> Iterator[str]:
    """The address of a running Dog n Bone."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": {**directives, "connect-src": ["'self'", f"ws://{fake_twilio.host_port}"]}
    }
    with run_site(settings, served) as url:
        yield url


@pytest.fixture
def violations() -> Iterator[list[str]]:
    """What broke the Content-Security-Policy; a test that leaves anything here fails."""
    seen: list[str] = []
    yield seen
    if seen:
        pytest.fail("Content-Security-Policy violated: " + "; ".join(seen))


OpenBrowser = Callable[..., Page]
OpenPhone = Callable[[User], Page]


@pytest.fixture
def open_browser(browser: Browser, site: str, violations: list[str]) -> Iterator[OpenBrowser]:
    """Opens the browser of somebody new: cookies and storage of their own, signed out.

    What is passed on to it goes over CONTEXT.
    """
    contexts: list[BrowserContext] = []

    def hear(message: ConsoleMessage) -> None:
        if any(
            words in message.text for words in ("Content Security Policy", "This document requires 'Trusted")
        ):
            violations.append(message.text)

    def open_one(**how: Any) -> Page:
        context = browser.new_context(base_url=site, **{**CONTEXT, **how})
        context.on("console", hear)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def open_phone(open_browser: OpenBrowser) -> OpenPhone:
    """Opens a person's phone in a browser of their own."""

    def open_one(user: User) -> Page:
        page = open_browser()
        sign_in(page, user.email)
        return page

    return open_one


def sign_in(page: Page, email: str) -> None:
    """Gives the browser somebody's session, as if they had signed in there before, and opens their phone."""
    cookie = signed_in(User.objects.get(email=email)).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": settings.PUBLIC_URL}])
    page.goto("/")


def sign_in_by_form(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
