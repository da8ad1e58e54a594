"""What was just done is said once, for as long as it takes to read, and undone there."""

from playwright.sync_api import expect

from accounts.people import User
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import button, connect, do_apart, expect_state
from tests.integration.contacts.book import build_card, keep
from tests.integration.recordings.stock import make_call, make_message

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


def test_of_what_is_deleted_in_haste_each_is_undone_for_half_a_minute_whatever_else_is_said(
    open_browser: OpenBrowser, alice: User
) -> None:
    account = connect(alice).account
    messages = do_apart(
        lambda: [make_message(make_call(account, name=f"{n}"), alice, name=f"{n}") for n in range(5)]
    )
    page = open_browser()
    sign_in(page, alice.email)
    page.goto("/phone/voicemail/")
    expect_state(page, "ready")
    page.wait_for_function("() => window.htmx")
    # All are sent before any is answered.
    page.evaluate(
        """() => document.querySelectorAll("[data-voicemail] form[action*='/delete/']")
          .forEach((form) => form.requestSubmit())"""
    )
    undo = page.get_by_role("status").get_by_role("button", name="Undo")
    expect(undo).to_have_count(5)
    undone = page.locator("[data-toasts] form").evaluate_all("(forms) => forms.map(({ action }) => action)")
    assert {address.split("/")[-3] for address in undone} == {str(message.pk) for message in messages}
