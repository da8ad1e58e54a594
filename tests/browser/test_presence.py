"""Colleagues as they are just now, and callers who are not wanted."""

import re

from playwright.sync_api import Locator, Page, expect

from accounts.people import User
from accounts.twilio.connection import disconnect_twilio
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.contacts.blocked_callers import BlockedCaller
from tests.browser.conftest import OpenBrowser
from tests.browser.looks import SCROLLS_SIDEWAYS, find_faults
from tests.browser.pages import button, connect, dial, do_apart, expect_state
from tests.browser.test_panes import heading, link, open_ready_phone
from tests.fake_control import FakeTwilio

STRANGER = "+12025550171"


def colleague(page: Page, name: str) -> Locator:
    return page.locator("[data-part=colleagues] button").filter(has_text=name)


def hint(page: Page) -> Locator:
    return page.locator("#to-presence")


def test_a_colleagues_presence_is_seen_live_and_before_they_are_called(
    open_browser: OpenBrowser, alice: User, bob: User
) -> None:
    his = open_ready_phone(open_browser, bob)
    hers = open_ready_phone(open_browser, alice)
    bobs_line = colleague(hers, "Bob")
    expect(bobs_line).to_have_attribute("data-state", "free")
    expect(bobs_line).to_contain_text("Free")
    hers.get_by_label("Number or name").fill("Bob")
    hers.keyboard.press("Escape")
    expect(hint(hers)).to_be_empty()

    dial(his, catalogue.ECHO_NUMBER)
    expect(bobs_line).to_have_attribute("data-state", "in_call")
    expect(hint(hers)).to_have_text("Bob is in a call just now.")
    expect(button(hers, "Call")).to_have_accessible_description("Bob is in a call just now.")
    field = hers.get_by_label("Number or name")
    field.fill("Bo")
    suggestions = hers.get_by_role("list", name="Suggestions")
    expect(suggestions.get_by_role("button")).to_have_text("Bob bob@example.com · In a call")
    field.fill("Bob")
    field.press("Escape")
    expect(suggestions).to_be_hidden()
    button(his, "Hang up").click()
    expect(bobs_line).to_have_attribute("data-state", "free")
    expect(hint(hers)).to_be_empty()

    his.get_by_role("switch", name="Do not disturb").click()
    expect(bobs_line).to_contain_text("Do not disturb")
    expect(hint(hers)).to_have_text("Bob does not want to be disturbed.")
    his.get_by_role("switch", name="Do not disturb").click()
    expect(bobs_line).to_contain_text("Free")
    his.close()
    expect(bobs_line).to_have_attribute("data-state", "away")
    expect(hint(hers)).to_have_text("Bob is away from the phone.")
    # Nobody is interrupted by it.
    assert hers.locator("[aria-live]:has(#to-presence), [aria-live] .presence").count() == 0
    assert find_faults(hers) == []
    expect(button(hers, "Call")).to_be_enabled()


def test_the_list_of_colleagues_follows_who_comes_is_renamed_and_goes(
    open_browser: OpenBrowser, alice: User, bob: User
) -> None:
    hers = open_ready_phone(open_browser, alice)
    everybody = hers.locator("[data-part=colleagues] button")
    expect(everybody).to_have_count(0)
    field, suggestions = hers.get_by_label("Number or name"), hers.get_by_role("list", name="Suggestions")

    do_apart(lambda: connect(bob))
    expect(colleague(hers, "Bob")).to_contain_text("Away")
    field.fill("Bo")
    expect(suggestions.get_by_role("button")).to_have_text("Bob bob@example.com · Away")
    field.fill("")
    # Whoever is at a line of the list stays there.
    colleague(hers, "Bob").focus()
    do_apart(lambda: rename(bob, "Robert"))
    expect(colleague(hers, "Robert")).to_be_focused()
    field.fill("Rob")
    expect(suggestions.get_by_role("button")).to_have_text("Robert bob@example.com · Away")
    field.fill("")

    # On the page of the company's people, not under the hands of who types there.
    link(hers, "Colleagues").click()
    hers.locator("#pane").get_by_role("link", name="People").click()
    his_line = hers.locator("[data-member='bob@example.com']")
    expect(his_line).to_contain_text("Robert")
    hers.get_by_label("E-mail address").fill("new@exam")
    do_apart(lambda: rename(bob, "Bobby"))
    link(hers, "Recents").focus()
    expect(hers.get_by_label("E-mail address")).to_have_value("new@exam")
    expect(his_line).to_contain_text("Robert")
    hers.get_by_label("E-mail address").fill("")
    link(hers, "Recents").focus()
    expect(his_line).to_contain_text("Bobby")

    do_apart(lambda: disconnect_twilio(user=bob))
    expect(his_line).to_have_count(0)
    link(hers, "Colleagues").click()
    expect(everybody).to_have_count(0)
    field.fill("Bob")
    expect(suggestions).to_be_hidden()


def rename(person: User, name: str) -> None:
    person.name = name
    person.save()


def test_a_caller_is_blocked_from_recents_and_can_call_again(
    open_browser: OpenBrowser, fake_twilio: FakeTwilio, alice: User, bob: User
) -> None:
    page = open_ready_phone(open_browser, alice)

    def call_in() -> None:
        fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER, **{"from": STRANGER})

    link(page, "Recents").click()
    call_in()
    button(page, "Decline").click()
    first = page.locator("#recents [data-call]")
    expect(first).to_have_attribute("data-cause", "missed")
    first.get_by_role("link", name="+1 202-555-0171").click()
    expect(heading(page, "Block this number")).to_be_visible()
    button(page, "Block").click()
    expect(heading(page, "This number is blocked")).to_be_visible()
    expect(page.locator("[data-toasts]")).to_contain_text("they hear that the call cannot be taken")
    assert BlockedCaller.objects.get().caller == STRANGER

    link(page, "Recents").click()
    call_in()
    newest = page.locator("#recents [data-call]").first
    expect(newest).to_have_attribute("data-cause", "refused_here")
    expect(newest).to_contain_text("Blocked caller")
    expect(page.get_by_role("region", name="Incoming call")).to_have_count(0)
    expect(page.locator("[data-link=recents]")).not_to_have_attribute("aria-label", re.compile("missed"))
    assert not Call.objects.get(cause="refused_here").rung.exists()

    link(page, "Settings").click()
    page.locator("#pane").get_by_role("link", name="Blocked callers").click()
    expect(heading(page, "Blocked callers")).to_be_focused()
    assert find_faults(page) == []
    button(page, "Unblock").click()
    unblocked = page.locator("[data-toast]", has_text="can call again.")
    button(unblocked, "Undo").click()
    expect(button(page, "Unblock")).to_be_visible()
    expect(unblocked).to_have_count(0)
    button(page, "Unblock").click()
    expect(button(unblocked, "Undo")).to_be_visible()
    page.get_by_label("Number", exact=True).fill("911")
    button(page, "Block").click()
    expect(page.locator("#pane").get_by_role("alert")).to_contain_text("Emergency services")
    for width in (1440, 390, 320):
        page.set_viewport_size({"width": width, "height": 664})
        assert not page.evaluate(SCROLLS_SIDEWAYS), width
    call_in()
    expect(page.get_by_role("region", name="Incoming call")).to_be_visible()
    button(page, "Decline").click()
    expect_state(page, "ready")
