"""A second factor in a browser: an app's codes, and passkeys of an authenticator that Chromium plays."""

from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from accounts.people import User
from tests.browser.conftest import OpenBrowser, sign_in, sign_in_by_form
from tests.browser.looks import look
from tests.integration.people.test_second_factor import show_code

PHONE_OR_TWILIO = "/accounts/twilio/"


def plug_in(page: Page) -> None:
    """Gives the browser an authenticator that is always touched at once: the machine's own, with a finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()


def test_a_passkey_signs_in_beside_the_password_and_in_its_place(
    alice: User, open_browser: OpenBrowser
) -> None:
    page = open_browser()
    plug_in(page)
    sign_in(page, alice.email)
    page.goto("/accounts/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Laptop")
    press(page, "Add it")
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(10)
    page.get_by_role("link", name="I have them").click()
    keys = page.get_by_role("list", name="Passkeys")
    expect(keys).to_contain_text("Laptop")
    expect(keys).to_contain_text("Without a password")
    # The same device has one, and says so.
    page.get_by_role("link", name="Add a passkey").click()
    press(page, "Add it")
    expect(page.get_by_role("alert")).to_have_text("This device has a passkey for your account already.")
    sign_out(page)

    sign_in_by_form(page, alice.email)
    expect(page).to_have_url("/accounts/2fa/authenticate/")
    press(page, "Use a passkey")
    expect(page).to_have_url(PHONE_OR_TWILIO)
    sign_out(page)

    page.goto("/accounts/login/?next=/accounts/sessions/")
    press(page, "Use a passkey")
    expect(page).to_have_url("/accounts/sessions/")
    expect(page.get_by_role("list", name="Browsers")).to_contain_text("This one")
    assert Authenticator.objects.get(type="webauthn").last_used_at is not None


def test_an_app_is_set_up_and_asked_for_and_each_page_is_whole(
    alice: User, open_browser: OpenBrowser
) -> None:
    page = open_browser()
    sign_in(page, alice.email)
    page.goto("/accounts/2fa/")
    look(page, "second factor none")
    page.get_by_role("link", name="Set up an app").click()
    expect(page.get_by_role("img", name="A picture for your authenticator app")).to_be_visible()
    look(page, "second factor app")
    secret = page.locator(".qr-key").inner_text()
    page.get_by_label("Code").fill("000000")
    press(page, "Switch it on")
    expect(page.locator(".field-error")).to_be_visible()
    page.get_by_label("Code").fill(show_code(secret))
    press(page, "Switch it on")
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    look(page, "second factor codes")
    kept = codes.nth(0).inner_text()
    page.get_by_role("link", name="I have them").click()
    look(page, "second factor on")
    page.goto("/accounts/sessions/")
    look(page, "sign-ins")
    User.objects.filter(pk=alice.pk).update(language="de")
    for path in ("/accounts/sessions/", "/accounts/2fa/", "/accounts/2fa/webauthn/add/"):
        page.goto(path)
        look(page, f"german {path}".replace("/", "-"), rules=False)
    User.objects.filter(pk=alice.pk).update(language="en")
    sign_out(page)

    sign_in_by_form(page, alice.email)
    expect(page).to_have_url("/accounts/2fa/authenticate/")
    look(page, "second factor asked")
    page.get_by_label("Code").fill(kept)
    press(page, "Go on")
    expect(page).to_have_url(PHONE_OR_TWILIO)
