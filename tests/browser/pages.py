"""The phone page as a person sees it: found by role and name only."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection
from playwright.sync_api import Locator, Page, expect

from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials
from tests import connections

READY_MILLISECONDS = 20_000


def connect(user: User, **typed: str) -> TwilioCredentials:
    return do_apart(lambda: connections.connect(user, **typed))


Done = TypeVar("Done")


def do_apart(work: Callable[[], Done]) -> Done:
    """In a thread of its own: Playwright keeps a loop running in this one."""

    def do() -> Done:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(do).result()


def phone_status(page: Page) -> Locator:
    return page.get_by_role("status", name="Phone")


def expect_state(page: Page, state: str, *, timeout: float = READY_MILLISECONDS) -> None:
    expect(phone_status(page)).to_have_attribute("data-state", state, timeout=timeout)


def expect_verdict(page: Page, slug: str, *, timeout: float = READY_MILLISECONDS) -> Locator:
    """Waits for the verdict `slug` and returns its card."""
    card = page.locator(f'[role="alert"][data-verdict="{slug}"]')
    expect(card).to_be_visible(timeout=timeout)
    return card


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def dial(page: Page, number_or_name: str) -> None:
    page.get_by_label("Number or name").fill(number_or_name)
    button(page, "Call").click()


def fill_credentials(page: Page, **values: str) -> None:
    """Fills the connect page's fields by their labels: `account_sid` is "Account SID" and so on."""
    labels = {
        "account_sid": "Account SID",
        "auth_token": "Auth Token",
        "api_key_sid": "API key SID",
        "api_key_secret": "API key secret",
        "twiml_app_sid": "TwiML App SID",
    }
    for field, value in values.items():
        page.get_by_label(labels[field], exact=True).fill(value)
