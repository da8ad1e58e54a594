"""The whole main path, once through: from signing up to a finished call and its audit trail."""

from django.test import Client
from playwright.sync_api import Page, expect

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.device.events import DeviceEvent
from tests.browser.conftest import OpenBrowser, OpenPhone, sign_in, sign_in_by_form
from tests.browser.pages import (
    button,
    connect,
    dial,
    expect_state,
    expect_verdict,
    fill_credentials,
)
from tests.browser.sound import remember_peer_connections, wait_for_sound
from tests.fake_control import FakeTwilio
from tests.integration.in_call.stage import run_worker

CAROL = "carol@example.com"


def test_from_signing_up_over_a_wrong_auth_token_to_a_call_and_its_audit_trail(
    open_browser: OpenBrowser, admin_user: User
) -> None:
    page = open_browser()
    remember_peer_connections(page)
    page.goto("/accounts/signup/")
    page.get_by_label("Email", exact=True).fill(CAROL)
    page.get_by_label("Password", exact=True).fill("a-fresh-password")
    page.get_by_label("Password (again)", exact=True).fill("a-fresh-password")
    button(page, "Sign up").click()

    expect(page).to_have_url("/accounts/twilio/")
    wrong = "0" * 32
    fill_credentials(page, account_sid=catalogue.account_sid("demo"), auth_token=wrong)
    button(page, "Connect").click()
    card = expect_verdict(page, "wrong_auth_token")
    expect(card).to_contain_text("Auth Token")
    assert wrong not in page.content()
    assert not TwilioCredentials.objects.exists()

    failure = LoginFailure.objects.get(user__email=CAROL)
    assert (failure.verdict, failure.shown_by, failure.twilio_code) == ("wrong_auth_token", "check", 20003)

    fill_credentials(page, account_sid=catalogue.account_sid("demo"), auth_token=catalogue.auth_token("demo"))
    button(page, "Connect").click()
    expect(page.get_by_text("Connected", exact=False).first).to_be_visible()
    # Without a number to call from there is no call.
    with run_worker():
        expect(page.get_by_role("listitem").filter(has_text="Rings here").first).to_be_visible(timeout=15_000)
    page.goto("/")
    expect_state(page, "ready")

    dial(page, catalogue.ECHO_NUMBER)
    expect(button(page, "Hang up")).to_be_visible()
    sound = wait_for_sound(page)
    assert sound["energy_in"] > 0, sound
    button(page, "Hang up").click()
    expect(button(page, "Call")).to_be_visible()
    expect_state(page, "ready")

    carol = User.objects.get(email=CAROL)
    told = wait_for_reports(page, carol, "disconnect")
    assert [told.index(state) for state in ("connecting", "ready", "connect", "disconnect")] == sorted(
        told.index(state) for state in ("connecting", "ready", "connect", "disconnect")
    )
    call = Call.objects.get(user=carol)
    assert (call.direction, call.to_address) == ("outgoing", catalogue.ECHO_NUMBER)

    admin = Client()
    admin.force_login(admin_user, backend="allauth.account.auth_backends.AuthenticationBackend")
    shown = admin.get(f"/admin/accounts/loginfailure/{failure.pk}/change/").content.decode()
    assert CAROL in shown
    assert "20003" in shown
    assert wrong not in shown


def test_the_fold_opens_by_a_click_and_for_who_comes_by_the_keyboard(
    open_browser: OpenBrowser, alice: User
) -> None:
    page = open_browser()
    sign_in(page, alice.email)
    field, fold = page.get_by_label("API key SID", exact=True), page.locator("details.fold")
    closed = fold.bounding_box()
    assert closed is not None and closed["height"] < 100
    page.get_by_text("Rather an API key?").click()
    expect(field).to_be_in_viewport()
    page.get_by_text("Rather an API key?").click()
    expect(field).not_to_be_in_viewport()
    page.get_by_text("Rather an API key?").focus()
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    expect(fold).to_have_attribute("open", "")


def test_a_key_is_typed_by_the_fields_names_without_a_look_at_the_fold(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    page = open_browser()
    sign_in(page, alice.email)
    fill_credentials(
        page,
        account_sid=catalogue.account_sid("demo"),
        api_key_sid=catalogue.key_sid("demo standard"),
        api_key_secret=catalogue.key_secret("demo standard"),
    )
    button(page, "Connect").click()
    expect_verdict(page, "ok")


def test_swapped_fields_are_swapped_by_a_click(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    page = open_browser()
    sign_in(page, alice.email)
    token = catalogue.auth_token("demo")
    fill_credentials(page, account_sid=token, auth_token=catalogue.account_sid("demo"))
    button(page, "Connect").click()
    expect(expect_verdict(page, "malformed")).to_contain_text("swapped")
    assert token not in page.content()
    button(page, "Swap them").click()
    expect_verdict(page, "ok")


def test_a_browser_without_network_is_offline_and_nothing_is_said_of_twilio(
    open_phone: OpenPhone, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_phone(alice)
    expect_state(page, "ready")
    page.context.set_offline(True)
    card = page.get_by_role("alert").filter(has_text="You are offline")
    expect(card).to_be_visible()
    expect_state(page, "offline")
    assert "Twilio" not in card.inner_text()
    page.context.set_offline(False)
    expect_state(page, "ready", timeout=60_000)
    expect(card).to_be_hidden()


def wait_for_reports(page: Page, user: User, last: str) -> list[str]:
    """The states that the page has reported, in order, once `last` has arrived."""
    for _ in range(150):
        events = DeviceEvent.objects.filter(user=user).order_by("page_session", "seq")
        told = [event.state for event in events]
        if last in told:
            return told
        page.wait_for_timeout(100)
    raise AssertionError(f"reported: {told}, not {last}")


def test_a_person_without_credentials_is_sent_to_connect_them(open_browser: OpenBrowser, alice: User) -> None:
    page = open_browser()
    sign_in_by_form(page, alice.email)
    expect(page).to_have_url("/accounts/twilio/")


def test_whoever_signs_in_comes_to_their_phone(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_browser()
    sign_in_by_form(page, alice.email)
    expect_state(page, "ready")
    expect(page).to_have_url("/")


def test_nobody_reaches_the_phone_signed_out(open_browser: OpenBrowser) -> None:
    page = open_browser()
    page.goto("/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
