"""What was just done is said once, for as long as it takes to read, and undone there."""

from playwright.sync_api import expect

from accounts.people import User
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import button, connect, do_apart
from tests.integration.contacts.book import build_card, keep

SECOND = 1000


def test_it_goes_once_it_has_been_read_and_stays_for_whoever_is_at_it(
    open_browser: OpenBrowser, alice: User
) -> None:
    page = open_browser()
    sign_in(page, alice.email)
    page.clock.install()
    page.goto("/accounts/name/")
    button(page, "Save").click()
    said = page.get_by_text("This is saved.")
    expect(page.get_by_role("status").filter(has=said)).to_have_count(1)
    expect(said).to_have_count(1)
    said.hover()
    page.clock.run_for(60 * SECOND)
    expect(said).to_be_visible()
    page.mouse.move(1, 1)
    close = button(page, "Close the notice")
    close.focus()
    page.clock.run_for(60 * SECOND)
    expect(said).to_be_visible()
    close.blur()
    page.clock.run_for(3 * SECOND)
    expect(said).to_be_visible()
    page.clock.run_for(10 * SECOND)
    expect(said).to_have_count(0)
    # Whoever has read it may take it away.
    button(page, "Save").click()
    close.press("Enter")
    expect(said).to_have_count(0)


def test_without_a_script_it_is_said_and_undone_on_the_page(open_browser: OpenBrowser, alice: User) -> None:
    account = connect(alice).account
    contact = do_apart(lambda: keep(alice, account, build_card("Ida", "+442079460958")))
    page = open_browser(java_script_enabled=False)
    sign_in(page, alice.email)
    page.goto(f"/phone/contacts/{contact.pk}/")
    button(page, "Delete").click()
    expect(page.get_by_text("Ida is deleted.")).to_be_visible()
    button(page, "Undo").click()
    expect(page.get_by_text("Ida is back.")).to_be_visible()
    expect(page.get_by_role("heading", name="Ida", exact=True)).to_be_visible()
