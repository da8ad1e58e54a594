"""The case that started it all: a wrong secret and a dead network look alike to the Device, not here."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, WebSocketRoute, expect

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials
from fake_twilio import catalogue
from phone.device.events import DeviceEvent
from tests.browser.conftest import OpenBrowser, OpenPhone, sign_in
from tests.browser.pages import connect, expect_state, expect_verdict, phone_status
from tests.fake_control import FakeTwilio


def trust_without_asking(credentials: TwilioCredentials) -> None:
    """Switches the check off: the next token is minted without a question to Twilio."""
    credentials.proven_until = timezone.now() + timedelta(hours=1)
    credentials.save()


def test_a_token_from_a_wrong_secret_is_named_by_the_device_and_the_server_together(
    open_browser: OpenBrowser, alice: User
) -> None:
    credentials = connect(
        alice,
        api_key_sid=catalogue.key_sid("demo standard"),
        api_key_secret=catalogue.key_secret("demo standard"),
    )
    credentials.api_key_secret = catalogue.key_secret("some other key")
    trust_without_asking(credentials)

    page = open_browser()
    sign_in(page, alice.email)

    card = expect_verdict(page, "wrong_api_secret")
    expect(card).to_contain_text("API key")
    expect(phone_status(page)).to_have_attribute("data-state", "error")
    event = DeviceEvent.objects.filter(user=alice, state="error").earliest("received_at")
    assert 31202 in (event.code, event.original_code)
    failure = LoginFailure.objects.filter(user=alice, shown_by="device").latest("failed_at")
    assert failure.verdict == "wrong_api_secret"
    credentials.refresh_from_db()
    assert not credentials.is_proven


def test_the_same_page_with_the_network_cut_blames_nobody(
    open_phone: OpenPhone, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_phone(alice)
    expect_state(page, "ready")

    page.context.set_offline(True)
    fake_twilio.control("POST", "gateway", drop_sockets=True)

    expect_verdict(page, "browser_network")
    expect_state(page, "offline")
    assert not LoginFailure.objects.exists()

    page.context.set_offline(False)
    expect_state(page, "ready", timeout=60_000)
    expect(page.locator('[role="alert"][data-verdict="browser_network"]')).to_be_hidden()
    expect_recorded(page, alice, "offline")


def expect_recorded(page: Page, user: User, state: str) -> None:
    """What happened while cut off arrives once the socket is back."""
    for _ in range(100):
        if DeviceEvent.objects.filter(user=user, state=state).exists():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"no {state} event was recorded")


def test_a_gateway_out_of_this_browsers_reach_is_not_blamed_on_the_credentials(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_browser()

    def refuse(route: WebSocketRoute) -> None:
        route.close(code=1011)

    page.route_web_socket(f"ws://{fake_twilio.host_port}/signal", refuse)
    sign_in(page, alice.email)
    expect_verdict(page, "browser_network", timeout=40_000)
    assert not LoginFailure.objects.filter(verdict__startswith="wrong").exists()
