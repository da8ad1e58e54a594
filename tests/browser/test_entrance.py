"""Signing in and up as a browser does it, which has rules of its own about e-mail addresses."""

import pytest
from playwright.sync_api import expect

from accounts.people import User
from tests.browser.conftest import OpenBrowser, sign_in_by_form
from tests.conftest import PASSWORD


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("jörg@example.com", "“ö” cannot stand before the @"),
        ("caro\u200bl@example.com", "ZERO WIDTH SPACE, U+200B"),
        ("carol.example.com", "There is no @"),
    ],
)
def test_the_page_says_why_an_address_is_not_taken(typed: str, said: str, open_browser: OpenBrowser) -> None:
    page = open_browser()
    page.goto("/accounts/signup/")
    page.get_by_label("Email", exact=True).fill(typed)
    for label in ("Password", "Password (again)"):
        page.get_by_label(label, exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text(said)).to_be_visible()


def test_a_browser_in_which_somebody_was_signed_in_is_not_shut_out_by_another(
    alice: User, open_browser: OpenBrowser
) -> None:
    """Both are at the same address, the only one that there is here."""
    hers, anothers = open_browser(), open_browser()
    sign_in_by_form(hers, alice.email)
    expect(hers).to_have_url("/accounts/twilio/")
    hers.get_by_role("button", name="Sign out").click()
    for _ in range(5):
        sign_in_by_form(anothers, alice.email, "wrong")
        expect(anothers.get_by_role("alert")).to_be_visible()
    sign_in_by_form(anothers, alice.email)
    expect(anothers.get_by_role("alert")).to_contain_text("Try again in 5 minutes")
    sign_in_by_form(hers, alice.email)
    expect(hers).to_have_url("/accounts/twilio/")
