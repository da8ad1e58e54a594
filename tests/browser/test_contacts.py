"""Contacts beside the phone, and the names that they give to whoever calls and is called."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.contacts.card import CardNumber, ContactCard, Kind
from phone.contacts.keeping import keep_cards
from tests.browser.conftest import OpenBrowser
from tests.browser.looks import SCROLLS_SIDEWAYS, find_faults
from tests.browser.pages import button, dial
from tests.browser.test_being_called import call_in
from tests.browser.test_panes import heading, link, open_ready_phone
from tests.fake_control import FakeTwilio

ECHO, STRANGER = catalogue.ECHO_NUMBER, catalogue.STRANGER_NUMBER


def keep(user: User, *cards: ContactCard) -> None:
    keep_cards(user, TwilioAccount.objects.get(credentials__user=user), cards, is_shared=False)


def build_card(name: str, *numbers: str, **fields: Any) -> ContactCard:
    return ContactCard(name=name, numbers=tuple(CardNumber(one, Kind.WORK) for one in numbers), **fields)


def expect_well_made(page: Page) -> None:
    """The pane, in a wide window and in the narrowest."""
    faults = find_faults(page)
    assert not faults, "\n".join(faults)
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": 320, "height": 640})
    assert not page.evaluate(SCROLLS_SIDEWAYS)
    page.set_viewport_size(before)


def test_contacts_are_added_called_found_and_had_back(
    open_browser: OpenBrowser, fake_twilio: FakeTwilio, alice: User
) -> None:
    page = open_ready_phone(open_browser, alice)
    keep(
        alice,
        *(build_card(f"{name}son", f"+1202555{at:04}") for at, name in enumerate(("Ada", "Bea", "Cem"))),
    )
    # In a call with a number that has no name: added without the call being touched, which has its name then.
    dial(page, ECHO)
    call = page.get_by_role("region", name="Call", exact=True)
    call.get_by_role("link", name="Add to contacts").click()
    expect(heading(page, "New contact")).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Echo & Sons")
    numbers = page.get_by_role("textbox", name="Number", exact=True)
    expect(numbers).to_have_count(1)
    button(page, "Add a number").click()
    expect(numbers.nth(1)).to_be_focused()
    numbers.nth(1).fill("nonsense")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“nonsense” is neither a colleague nor a phone number.")).to_be_visible()
    expect_well_made(page)
    button(page, "Remove this number").nth(1).click()
    expect(numbers).to_have_count(1)
    button(page, "Save").click()
    expect(heading(page, "Echo & Sons")).to_be_focused()
    expect(call).to_be_visible()
    # Who is called to the call is chosen from the same people; Escape closes the list alone.
    button(page, "Transfer").click()
    dialog = page.get_by_role("dialog", name="Transfer")
    dialog.get_by_label("Transfer to").press_sequentially("ada")
    expect(dialog.get_by_role("button", name=re.compile("Adason"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog.get_by_role("list", name="Suggestions")).to_be_hidden()
    dialog.get_by_label("Transfer to").press_sequentially("s")
    expect(dialog.get_by_role("list", name="Suggestions")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Transfer to")).to_have_value("+12025550000")
    button(page, "Cancel").click()
    button(page, "Hang up").click()

    button(page, "Favourite").click()
    expect(button(page, "Favourite")).to_have_attribute("aria-pressed", "true")
    expect_well_made(page)
    link(page, "Contacts").click()
    expect(page.locator("#pane h3")).to_have_text(["Favourites", "A", "B", "C"])
    expect_well_made(page)
    search = page.get_by_role("searchbox", name="Search contacts")
    search.press_sequentially("bea")
    expect(page.locator("#contacts [data-contact]")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=bea"))
    search.fill("nobody")
    expect(page.get_by_text("No contact is found with “nobody”.")).to_be_visible()
    search.fill("echo")
    page.locator("#contacts [data-contact]").get_by_role("button", name="Call Echo & Sons").click()
    expect(call).to_contain_text("Echo & Sons")
    button(page, "Hang up").click()

    page.get_by_role("link", name="Echo & Sons").click()
    button(page, "Delete").click()
    expect(page.get_by_text("Echo & Sons is deleted.")).to_be_visible()
    expect_well_made(page)
    expect(page.get_by_role("status").filter(has_text="Echo & Sons is deleted.")).to_have_count(1)
    button(page, "Undo").click()
    expect(heading(page, "Echo & Sons")).to_be_focused()
    # Whoever calls is called so, too.
    keep(alice, build_card("Mum", STRANGER))
    call_in(fake_twilio)
    ringing = page.get_by_role("region", name="Incoming call")
    expect(ringing).to_contain_text("Mum")
    expect(page).to_have_title("☎ Mum")
    button(page, "Decline").click()


def test_whom_one_may_mean_is_suggested_to_the_keyboard_and_enter_is_what_was_typed(
    open_browser: OpenBrowser, alice: User, bob: User
) -> None:
    page = open_ready_phone(open_browser, alice)
    keep(alice, build_card("Bobbin Ltd", ECHO, company="Yarn"), build_card("Zoe", STRANGER))
    page.reload()
    field = page.get_by_role("textbox", name="Number or name", exact=True)
    suggested = page.get_by_role("list", name="Suggestions")
    said = page.get_by_role("status").filter(has_text="Press the down arrow to choose.")
    field.press_sequentially("bob")
    expect(suggested.get_by_role("button")).to_have_count(1)
    expect(said).to_have_text("1 suggestion. Press the down arrow to choose.")
    faults = find_faults(page)
    assert not faults, "\n".join(faults)
    page.keyboard.press("ArrowDown")
    expect(suggested.get_by_role("button").first).to_be_focused()
    # Up is back in the field, where one types on.
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("b")
    expect(field).to_have_value("bobb")
    page.keyboard.press("Escape")
    expect(suggested).to_be_hidden()
    expect(field).to_be_focused()
    expect(said).to_have_count(0)
    page.keyboard.type("i")
    expect(suggested.get_by_role("button")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(suggested).to_be_hidden()
    expect(field).to_be_focused()
    expect(page.locator("[data-part=reading]")).to_contain_text("Bobbin Ltd")
    page.keyboard.press("Enter")
    call = page.get_by_role("region", name="Call", exact=True)
    expect(call).to_contain_text("Bobbin Ltd")
    button(page, "Hang up").click()
    # What is typed is called, whoever else is suggested.
    field.fill(STRANGER[:9])
    expect(suggested.get_by_role("button", name=re.compile("Zoe"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(suggested).to_be_hidden()
    expect(field).to_have_value("+1 202 555 0")
    expect(call).to_have_count(0)
    # The keys of the page are not beneath it.
    field.fill("")
    field.press_sequentially("zoe")
    expect(suggested).to_be_visible()
    page.set_viewport_size({"width": 844, "height": 390})
    expect(button(page, "Call")).to_be_in_viewport()
    button(page, "Call").click(trial=True)
    page.set_viewport_size({"width": 320, "height": 640})
    button(page, "Call").click(trial=True)
    page.locator(".handset-top").click(position={"x": 2, "y": 2})
    expect(suggested).to_be_hidden()
