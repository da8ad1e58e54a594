"""Panes beside the phone, of which none disturbs a call."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from accounts.people import User
from fake_twilio import catalogue
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.looks import SCROLLS_SIDEWAYS, find_faults
from tests.browser.pages import button, connect, dial, expect_state
from tests.browser.sound import remember_peer_connections, wait_for_sound
from tests.fake_control import FakeTwilio

# A browser that may show notices, in a window that is not looked at.
LOOK_AWAY = """() => {
  window.notices = [];
  document.hasFocus = () => false;
  window.Notification = class {
    static permission = "granted";
    constructor(title) { window.notices.push(title); }
    close() {}
  };
}"""


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Beside the phone").get_by_role("link", name=name, exact=True)


def heading(page: Page, name: str) -> Locator:
    return page.locator("#pane").get_by_role("heading", name=name, exact=True)


def open_ready_phone(open_browser: OpenBrowser, user: User) -> Page:
    connect(user)
    page = open_browser()
    remember_peer_connections(page)
    sign_in(page, user.email)
    expect_state(page, "ready")
    return page


def test_panes_come_and_go_while_a_call_goes_on(open_browser: OpenBrowser, alice: User, bob: User) -> None:
    connect(bob)
    page = open_ready_phone(open_browser, alice)
    dial(page, catalogue.ECHO_NUMBER)
    assert wait_for_sound(page)["energy_in"] > 0.0005
    page.evaluate("window.isTheSamePage = true")

    for name, title, address in (
        ("Twilio", "Your Twilio account", "/accounts/twilio/"),
        ("Recents", "Recents", "/phone/recents/"),
        ("Colleagues", "Colleagues", "/phone/colleagues/"),
    ):
        link(page, name).click()
        expect(heading(page, title)).to_be_focused()
        expect(link(page, name)).to_have_attribute("aria-current", "page")
        expect(page).to_have_url(re.compile(f"{address}$"))
    expect(page).to_have_title("Colleagues · Dog n Bone")

    page.go_back()
    expect(page.locator("#recents [data-call]")).to_contain_text("In a call")
    page.go_back()
    expect(heading(page, "Your Twilio account")).to_be_visible()
    expect(page).to_have_title("Twilio account · Dog n Bone")
    # What is on that page works here, too.
    button(page, "Check now").click()
    expect(page.locator("#pane [data-part=good-findings] li").first).to_be_attached(timeout=20_000)
    page.go_forward()
    page.go_forward()
    expect(heading(page, "Colleagues")).to_be_visible()
    # The pages of one's own account are beside the phone, too.
    page.get_by_role("link", name=alice.email).click()
    expect(heading(page, "Your name")).to_be_focused()
    mine = page.get_by_role("navigation", name="Your account")
    mine.get_by_role("link", name="Second factor").click()
    expect(heading(page, "Second factor")).to_be_focused()
    # What has a script of its own waits until the call is over, which it would end.
    page.locator("#pane").get_by_role("link", name="Set up an app").click()
    expect(page.locator("[data-part=pane-fault]")).to_contain_text("opens once the call")
    mine.get_by_role("link", name="Name").click()
    page.locator("#pane").get_by_label("Name", exact=True).fill("Alice Liddell")
    button(page, "Save").click()
    expect(page.locator("body")).to_contain_text("This is saved.")
    expect(page.locator("#pane").get_by_label("Name", exact=True)).to_have_value("Alice Liddell")
    link(page, "Colleagues").click()
    expect(heading(page, "Colleagues")).to_be_visible()

    expect(button(page, "Hang up")).to_be_visible()
    assert wait_for_sound(page)["energy_in"] > 0.0005
    assert page.evaluate("window.isTheSamePage")

    page.reload()
    expect(heading(page, "Colleagues")).to_be_visible()
    expect_state(page, "ready")


def test_in_a_small_window_a_pane_lies_over_the_phone_and_its_call_stays_at_hand(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    page = open_ready_phone(open_browser, alice)
    page.set_viewport_size({"width": 390, "height": 664})
    field, back = page.get_by_label("Number or name"), page.get_by_role("link", name="Back to the phone")
    link(page, "Settings").click()
    expect(heading(page, "Settings")).to_be_in_viewport()
    expect(field).to_be_hidden()
    assert find_faults(page) == []
    # The phone is there again whether or not the server is.
    page.route("**/*", lambda route: route.abort())
    back.click()
    expect(field).to_be_in_viewport()
    expect(page.locator("[data-part=pane-fault]")).to_contain_text("does not answer")
    page.unroute("**/*")

    dial(page, catalogue.ECHO_NUMBER)
    expect(button(page, "Mute")).to_be_visible()
    link(page, "Settings").click()
    expect(field).to_be_hidden()
    assert find_faults(page) == []
    for width, height in ((390, 664), (320, 640), (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        page.mouse.wheel(0, 5000)
        for name in ("Hang up", "Mute", "Hold"):
            expect(button(page, name)).to_be_in_viewport(ratio=1)
        assert not page.evaluate(SCROLLS_SIDEWAYS)
    page.set_viewport_size({"width": 390, "height": 664})
    # Whoever calls is over all of it.
    sid = fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)["call_sid"]
    expect(button(page, "Hold and answer")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    for name in ("Hold and answer", "Answer", "Decline", "Hang up"):
        expect(button(page, name)).to_be_in_viewport(ratio=1)
    fake_twilio.control("DELETE", f"calls/{sid}")
    expect(button(page, "Answer")).to_be_hidden()
    button(page, "Hang up").click()
    expect(page.locator("#to-notice[data-cause]")).to_be_in_viewport()
    page.reload()
    expect(field).to_be_hidden()
    back.click()
    expect(heading(page, "Colleagues")).to_be_attached()
    expect(field).to_be_visible()
    page.go_back()
    expect(field).to_be_hidden()


def test_a_pane_opens_beside_the_phone_also_where_htmx_comes_late(
    open_browser: OpenBrowser, alice: User
) -> None:
    connect(alice)
    page = open_browser()

    def come_late(route: Route) -> None:
        time.sleep(1.5)
        route.continue_()

    page.route("**/htmx*.js", come_late)
    sign_in(page, alice.email)
    expect_state(page, "ready")
    page.evaluate("window.isTheSamePage = true")
    link(page, "Twilio").click()
    expect(heading(page, "Your Twilio account")).to_be_focused()
    assert page.evaluate("window.isTheSamePage")


def never_come(route: Route) -> None:
    """The browser waits for it to the end."""


@pytest.mark.parametrize("come", [never_come, Route.abort])
def test_a_pane_opens_also_where_htmx_does_not_come(
    open_browser: OpenBrowser, alice: User, come: Callable[[Route], None]
) -> None:
    connect(alice)
    page = open_browser()
    page.route("**/htmx*.js", lambda route: come(route))
    sign_in(page, alice.email)
    expect_state(page, "ready")
    link(page, "Colleagues").click(no_wait_after=True)
    expect(page).to_have_url(re.compile("/phone/colleagues/"), timeout=10_000)
    expect(heading(page, "Colleagues")).to_be_attached()


def test_a_missed_call_is_counted_seen_called_back_and_found(
    open_browser: OpenBrowser, alice: User, bob: User
) -> None:
    alices, bobs = (open_ready_phone(open_browser, person) for person in (alice, bob))
    icon = alices.locator("link[rel=icon]")
    expect(icon).to_have_attribute("href", re.compile("mark[^-]*.svg"))
    # She types elsewhere when it rings: told outside of the page, and what she types answers nothing.
    alices.evaluate(LOOK_AWAY)
    alices.get_by_label("Number or name").press_sequentially("bo")
    dial(bobs, "alice")
    ringing = alices.get_by_role("region", name="Incoming call")
    expect(ringing).to_be_focused()
    for key in ("b", "Enter", "Space"):
        alices.keyboard.press(key)
    expect(alices).to_have_title("☎ Bob")
    expect(icon).to_have_attribute("href", re.compile("mark-badge"))
    assert alices.evaluate("window.notices") == ["Bob is calling"]
    expect(ringing.get_by_role("button", name="Answer", exact=True)).to_be_enabled()
    button(alices, "Decline").click()
    expect(alices.get_by_label("Number or name")).to_be_focused()
    expect(alices).to_have_title("Phone · Dog n Bone")
    expect(link(alices, "Recents, 1 missed")).to_be_visible(timeout=10_000)
    alices.reload()
    expect_state(alices, "ready")
    expect(icon).to_have_attribute("href", re.compile("mark-badge"))
    link(alices, "Recents, 1 missed").click()
    expect(link(alices, "Recents")).to_be_visible()
    expect(icon).to_have_attribute("href", re.compile("mark[^-]*.svg"))
    row = alices.locator("#recents [data-call]").first
    expect(row).to_have_attribute("data-cause", "missed")
    expect(row).to_contain_text("Bob")

    row.get_by_role("button", name="Call back", exact=True).click()
    button(bobs, "Answer").click()
    expect(button(alices, "Hang up")).to_be_visible()
    # Two rows now, and the new one is true as the call goes on, without the page being asked for anew.
    expect(alices.locator("#recents [data-call]")).to_have_count(2)
    expect(row).to_contain_text("In a call")
    # A second one waits in the field.
    alices.locator("#recents [data-call-back]").nth(1).click()
    expect(alices.get_by_text("You are in a call.")).to_be_visible()
    button(bobs, "Hang up").click()
    expect(row).to_have_attribute("data-cause", "answered", timeout=15_000)
    expect(row).to_have_attribute("data-direction", "outgoing")

    alices.get_by_role("searchbox", name="Search calls").fill("nobody")
    expect(alices.get_by_text("No call is found with “nobody”.")).to_be_visible()
    expect(alices).to_have_url(re.compile(r"q=nobody"))
    alices.get_by_role("searchbox", name="Search calls").fill("BOB@")
    expect(alices.locator("#recents [data-call]")).to_have_count(2)
    alices.get_by_role("link", name="Missed", exact=True).click()
    expect(alices.locator("#recents [data-call]")).to_have_count(1)

    alices.set_viewport_size({"width": 390, "height": 844})
    row.get_by_role("link", name="Bob").click()
    expect(heading(alices, "Bob")).to_be_in_viewport()
    kept = alices.get_by_role("group", name="Kept with this call")
    kept.get_by_role("textbox", name="Note", exact=True).fill("rang about the roof")
    button(alices, "Keep the note").click()
    expect(alices.get_by_label("Note", exact=True)).to_have_value("rang about the roof")
    alices.get_by_role("link", name="Back to the phone").click()
    expect(alices.get_by_label("Number or name")).to_be_in_viewport()
    assert alices.evaluate("document.documentElement.scrollWidth") == 390
    expect_state(alices, "ready")
