"""Panes beside the phone, of which none disturbs a call."""

import re

from playwright.sync_api import Locator, Page, expect

from accounts.people import User
from fake_twilio import catalogue
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import button, connect, dial, expect_state
from tests.browser.sound import remember_peer_connections, wait_for_sound


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Beside the phone").get_by_role("link", name=name, exact=True)


def heading(page: Page, name: str) -> Locator:
    return page.locator("#pane").get_by_role("heading", name=name, exact=True)


def test_panes_come_and_go_while_a_call_goes_on(open_browser: OpenBrowser, alice: User, bob: User) -> None:
    connect(alice)
    connect(bob)
    page = open_browser()
    remember_peer_connections(page)
    sign_in(page, alice.email)
    expect_state(page, "ready")
    dial(page, catalogue.ECHO_NUMBER)
    assert wait_for_sound(page)["energy_in"] > 0.0005
    page.evaluate("window.isTheSamePage = true")

    for name, title, address in (
        ("Twilio", "Your Twilio account", "/accounts/twilio/"),
        ("Colleagues", "Colleagues", "/phone/colleagues/"),
    ):
        link(page, name).click()
        expect(heading(page, title)).to_be_focused()
        expect(link(page, name)).to_have_attribute("aria-current", "page")
        expect(page).to_have_url(re.compile(f"{address}$"))
    expect(page).to_have_title("Colleagues · Dog n Bone")

    page.go_back()
    expect(heading(page, "Your Twilio account")).to_be_visible()
    expect(page).to_have_title("Twilio account · Dog n Bone")
    # What is on that page works here, too.
    button(page, "Check now").click()
    expect(page.locator("#pane [data-part=good-findings] li").first).to_be_attached(timeout=20_000)
    page.go_forward()
    expect(heading(page, "Colleagues")).to_be_visible()

    expect(button(page, "Hang up")).to_be_visible()
    assert wait_for_sound(page)["energy_in"] > 0.0005
    assert page.evaluate("window.isTheSamePage")

    page.reload()
    expect(heading(page, "Colleagues")).to_be_visible()
    expect_state(page, "ready")
