"""Three tabs of one browser and a second browser: one tab is the phone, and it goes where somebody wants it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.device.events import DeviceEvent
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import button, connect, dial, expect_state, phone_status
from tests.browser.sound import remember_peer_connections, wait_for_sound
from tests.fake_control import FakeTwilio

SOON = 10_000


@pytest.fixture
def tab(open_browser: OpenBrowser, alice: User) -> Page:
    connect(alice)
    page = open_browser()
    remember_peer_connections(page)
    sign_in(page, alice.email)
    expect_here(page)
    return page


def open_tab(beside: Page) -> Page:
    """A spare: another tab of the same browser."""
    page = beside.context.new_page()
    remember_peer_connections(page)
    page.goto("/")
    expect_spare(page)
    return page


def expect_spare(page: Page) -> None:
    expect(phone_status(page)).to_contain_text("in another tab", timeout=SOON)
    expect(button(page, "Use it here")).to_be_visible()
    expect_state(page, "ready")


def expect_here(page: Page) -> None:
    expect(phone_status(page)).not_to_contain_text("another", timeout=SOON)
    expect_state(page, "ready")
    expect(button(page, "Use it here")).to_be_hidden()


def wait_until(page: Page, is_so: Callable[[], bool], what: str) -> None:
    for _ in range(150):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came to be: {what}")


def expect_devices(fake: FakeTwilio, page: Page, count: int) -> None:
    wait_until(page, lambda: len(fake.control("GET", "registrations")) == count, f"{count} Devices")


def test_one_of_three_tabs_is_the_phone_and_another_takes_over_when_it_is_asked_to_or_that_is_gone(
    tab: Page, fake_twilio: FakeTwilio, alice: User
) -> None:
    second, third = open_tab(tab), open_tab(tab)
    expect(phone_status(tab)).to_contain_text("in this tab")
    expect_devices(fake_twilio, tab, 1)

    # One of them rings, and only that one is to be answered in.
    call = fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    expect(button(tab, "Answer")).to_be_visible()
    for spare in (second, third):
        expect(spare.get_by_text("it rings in another tab")).to_be_visible()
        expect(spare.get_by_role("region", name="Incoming call")).to_be_hidden()
        expect(button(spare, "Call")).to_be_hidden()
    fake_twilio.control("DELETE", f"calls/{call['call_sid']}")
    expect(button(tab, "Answer")).to_be_hidden()
    expect(button(second, "Call")).to_be_visible()

    # Taken over while idle.
    button(third, "Use it here").click()
    expect_here(third)
    expect_spare(tab)
    expect_spare(second)
    expect_devices(fake_twilio, tab, 1)

    # Closed, and crashed: the one that waits longest is the phone.
    third.close()
    expect_here(second)
    crash(second)
    expect_here(tab)
    expect_devices(fake_twilio, tab, 1)
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    button(tab, "Answer").click()
    assert wait_for_sound(tab)["energy_in"] > 0.0005
    told = DeviceEvent.objects.filter(user=alice)
    assert not told.filter(state="error").exists()
    assert told.filter(sdk_event="tab-promoted").count() == 2
    assert told.filter(sdk_event="incoming").count() == 2


def crash(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Page.enable")
    with pytest.raises(Exception, match=r"crash|closed|detached"):
        page.goto("chrome://crash")
