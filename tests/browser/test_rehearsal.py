"""From the panel to the verdict on an open phone page, and back to ready: as somebody tries the demo."""

from collections.abc import Iterator
from typing import Any

import pytest
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application
from playwright.sync_api import Page, expect

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from dognbone.asgi import router
from dognbone.headers import Headers
from fake_twilio.catalogue import account_sid
from fake_twilio.situations import WRONG, by_key
from tests.browser.conftest import OpenPhone
from tests.browser.pages import button, connect, expect_state, expect_verdict
from tests.rehearsal_site import rehearsal_site

WITHIN_MILLISECONDS = 20_000


@pytest.fixture
def served() -> Iterator[Any]:
    """The product as the demo serves it, with the panel."""
    with rehearsal_site():
        yield Headers(ProtocolTypeRouter({**router.application_mapping, "http": get_asgi_application()}))


@pytest.fixture
def phone(open_phone: OpenPhone, alice: User) -> Page:
    connect(alice)
    page = open_phone(alice)
    expect_state(page, "ready")
    return page


@pytest.fixture
def panel(phone: Page) -> Page:
    """In another tab of the same browser."""
    page = phone.context.new_page()
    page.goto("/rehearsal/")
    expect(page.get_by_role("status", name="Your phone")).to_have_text("Ready")
    return page


def rehearse(panel: Page, phone: Page, title: str, verdict: str) -> None:
    button(panel, f"Rehearse: {title}").click()
    expect_verdict(phone, verdict, timeout=WITHIN_MILLISECONDS)
    expect(panel.get_by_text("As expected", exact=True)).to_be_visible()


def undo(panel: Page, phone: Page, title: str) -> None:
    button(panel, f"Undo: {title}").click()
    expect_state(phone, "ready", timeout=WITHIN_MILLISECONDS)
    expect(phone.locator('[role="alert"][data-part="verdict"]')).to_be_hidden()
    expect(button(panel, f"Rehearse: {title}")).to_be_visible()


def test_each_kind_of_failure_is_named_on_the_phone_and_over_when_it_is_undone(
    phone: Page, panel: Page
) -> None:
    for title, verdict in (
        ("Rotated while registered", "wrong_api_secret"),
        ("Suspended", "account_suspended"),
        ("Token expired", "token_expired"),
        ("503", "twilio_unavailable"),
        ("Socket blocked", "browser_network"),
        ("Microphone denied", "microphone_denied"),
    ):
        rehearse(panel, phone, title, verdict)
        undo(panel, phone, title)


def test_what_was_rehearsed_is_on_record(phone: Page, panel: Page, alice: User) -> None:
    rehearse(panel, phone, "Wrong API key secret", "wrong_api_secret")
    trail = panel.get_by_role("region", name="On record").get_by_role("listitem")
    expect(trail.filter(has_text="The API key secret is wrong").first).to_be_visible()
    assert LoginFailure.objects.filter(user=alice, verdict="wrong_api_secret").exists()


def test_wifi_stays_cut_over_a_reload_and_comes_back_with_one_press(phone: Page, panel: Page) -> None:
    rehearse(panel, phone, "Wi-Fi cut", "browser_network")
    phone.reload()
    expect_verdict(phone, "browser_network", timeout=WITHIN_MILLISECONDS)
    button(panel, "Everything back to normal").click()
    expect_state(phone, "ready", timeout=WITHIN_MILLISECONDS)


def test_a_failure_of_twilios_follows_another_without_a_pause(phone: Page, panel: Page) -> None:
    rehearse(panel, phone, "Suspended", "account_suspended")
    rehearse(panel, phone, "Token invalid", "token_invalid")
    rehearse(panel, phone, "Server's clock off", "clock_skew")


def test_the_open_phone_makes_the_calls_of_the_panel_and_says_why_they_end(phone: Page, panel: Page) -> None:
    button(panel, "Call: Busy").click()
    expect(phone.locator('[data-cause="busy"]')).to_be_visible(timeout=WITHIN_MILLISECONDS)
    expect(panel.get_by_text("The last call: The line is busy.")).to_be_visible()
    panel.set_viewport_size({"width": 390, "height": 844})
    button(panel, "Rehearse: Suspended while ready").click()
    expect(panel.get_by_role("status", name="Your phone")).to_have_text("Ready")
    button(panel, "Call: Suspended while ready").click()
    expect(panel.get_by_text("As expected", exact=True)).to_be_visible(timeout=WITHIN_MILLISECONDS)
    expect(phone.locator('[data-cause="account_not_active"]')).to_be_visible()
    assert panel.evaluate("document.documentElement.scrollWidth <= innerWidth")
    button(panel, "Undo: Suspended while ready").click()
    expect(button(panel, "Rehearse: Suspended while ready")).to_be_visible()


def test_a_credential_is_copied_at_the_push_of_a_button(phone: Page, panel: Page) -> None:
    panel.context.grant_permissions(["microphone", "clipboard-read", "clipboard-write"])
    typed = by_key("Wrong API key secret", "", "demo standard", secret=WRONG, token=True)
    panel.get_by_text("Mistyped, and which mistake it is").click()
    copy = button(panel, f"Copy the API key secret of: {typed.title}")
    copy.click()
    expect(panel.get_by_text("Copied.", exact=True)).to_be_attached()
    assert panel.evaluate("navigator.clipboard.readText()") == typed.api_key_secret
    expect(copy).to_have_text("Copy", timeout=WITHIN_MILLISECONDS)


def test_where_the_clipboard_is_forbidden_the_credential_is_marked(phone: Page, panel: Page) -> None:
    panel.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new DOMException('no')))")
    button(panel, "Copy the Account SID of: Subaccount").click()
    expect(panel.get_by_text("The value is marked")).to_be_attached()
    assert panel.evaluate("String(getSelection())") == account_sid("subaccount")
