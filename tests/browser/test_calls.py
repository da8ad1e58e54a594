"""Calls between two browsers, to the echo, and from the outside: sound is measured, not assumed."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.device.events import DeviceEvent
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import button, connect, dial, expect_state
from tests.browser.sound import remember_peer_connections, wait_for_sound
from tests.fake_control import FakeTwilio

GO_OFFLINE, GO_ONLINE = (
    f"Object.defineProperty(navigator, 'onLine', {{value: {value}, configurable: true}});"
    f"dispatchEvent(new Event('{event}'))"
    for value, event in (("false", "offline"), ("true", "online"))
)


@pytest.fixture
def alices_phone(open_browser: OpenBrowser, alice: User) -> Page:
    return open_ready_phone(open_browser, alice)


@pytest.fixture
def bobs_phone(open_browser: OpenBrowser, bob: User) -> Page:
    return open_ready_phone(open_browser, bob)


def open_ready_phone(open_browser: OpenBrowser, user: User) -> Page:
    connect(user)
    page = open_browser()
    remember_peer_connections(page)
    sign_in(page, user.email)
    expect_state(page, "ready")
    return page


def expect_idle(page: Page) -> None:
    expect(button(page, "Hang up")).to_be_hidden()
    expect(button(page, "Call")).to_be_visible()


def test_alice_calls_bob_by_name_and_each_hears_the_other(alices_phone: Page, bobs_phone: Page) -> None:
    dial(alices_phone, "bob")
    expect(bobs_phone.get_by_text("Alice").first).to_be_visible()
    button(bobs_phone, "Answer").click()

    for phone in (alices_phone, bobs_phone):
        sound = wait_for_sound(phone)
        assert sound["packets_in"] > 25, sound
        assert sound["packets_out"] > 25, sound
        assert sound["energy_in"] > 0.0005, sound

    button(bobs_phone, "Hang up").click()
    expect_idle(alices_phone)
    expect_idle(bobs_phone)


def test_the_caller_can_hang_up_while_it_rings(alices_phone: Page, bobs_phone: Page) -> None:
    dial(alices_phone, "bob@example.com")
    expect(button(bobs_phone, "Answer")).to_be_visible()
    button(alices_phone, "Hang up").click()
    expect(button(bobs_phone, "Answer")).to_be_hidden()
    expect_idle(alices_phone)


def test_a_declined_call_ends_in_words(alices_phone: Page, bobs_phone: Page) -> None:
    dial(alices_phone, "bob")
    button(bobs_phone, "Decline").click()
    expect_idle(alices_phone)
    expect(alices_phone.locator('[data-cause="declined"]')).to_have_text("Bob declined the call.")
    expect(bobs_phone.locator('[data-cause="missed"]')).to_have_text("You declined the call.")
    expect_state(alices_phone, "ready")


def test_alice_hears_herself_at_the_echo_number_until_she_mutes(alices_phone: Page) -> None:
    dial(alices_phone, catalogue.ECHO_NUMBER)
    assert wait_for_sound(alices_phone)["energy_in"] > 0.0005

    mute = button(alices_phone, "Mute")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    wait_for_sound(alices_phone, energy=1e9, seconds=1)
    silence = wait_for_sound(alices_phone, energy=1e9, seconds=2)
    assert silence["packets_in"] > 25, silence
    assert silence["energy_in"] < 0.0001, silence

    mute.click()
    assert wait_for_sound(alices_phone)["energy_in"] > 0.0005


def test_keypad_digits_reach_the_other_end(alices_phone: Page, fake_twilio: FakeTwilio) -> None:
    dial(alices_phone, catalogue.ECHO_NUMBER)
    wait_for_sound(alices_phone)
    button(alices_phone, "Keypad").click()
    keys = alices_phone.get_by_role("group", name="Digits")
    for digit in "42#":
        keys.get_by_role("button", name=re.compile(f"^{re.escape(digit)}")).click()
    expect_digits(fake_twilio, alices_phone, "42#")


def expect_digits(fake_twilio: FakeTwilio, page: Page, digits: str) -> None:
    for _ in range(50):
        heard = "".join(call.get("digits", "") for call in fake_twilio.control("GET", "calls"))
        if digits in heard:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the far end heard {heard!r}, not {digits!r}")


def test_a_call_to_the_accounts_number_rings_and_is_heard(
    alices_phone: Page, fake_twilio: FakeTwilio
) -> None:
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER, sound="tone")
    expect(button(alices_phone, "Answer")).to_be_visible()
    button(alices_phone, "Answer").click()
    assert wait_for_sound(alices_phone)["energy_in"] > 0.0005
    button(alices_phone, "Hang up").click()
    expect_idle(alices_phone)


def open_another_browser(open_browser: OpenBrowser, user: User) -> Page:
    """Of somebody who is connected already: each browser rings, by one of its tabs."""
    page = open_browser()
    remember_peer_connections(page)
    sign_in(page, user.email)
    expect_state(page, "ready")
    return page


def test_closing_one_of_two_ringing_pages_leaves_the_other_ringing(
    alices_phone: Page, bobs_phone: Page, open_browser: OpenBrowser, bob: User, fake_twilio: FakeTwilio
) -> None:
    other = open_another_browser(open_browser, bob)
    dial(alices_phone, "bob")
    for phone in (bobs_phone, other):
        expect(button(phone, "Answer")).to_be_visible()
    bobs_phone.close()

    wait_for_registrations(fake_twilio, other, 2)
    expect(button(other, "Answer")).to_be_visible()
    expect(button(alices_phone, "Hang up")).to_be_visible()
    button(other, "Answer").click()
    assert wait_for_sound(other)["energy_in"] > 0.0005


def wait_for_registrations(fake_twilio: FakeTwilio, page: Page, count: int) -> None:
    for _ in range(100):
        if len(fake_twilio.control("GET", "registrations")) == count:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never {count} Devices")


def test_a_network_that_blinks_during_a_call_leaves_the_phone_ready_and_a_second_call_rings(
    alices_phone: Page, bobs_phone: Page, alice: User, bob: User, fake_twilio: FakeTwilio
) -> None:
    dial(alices_phone, catalogue.ECHO_NUMBER)
    wait_for_sound(alices_phone)
    # The browser's word alone: its sockets live on, as those of another network card do.
    alices_phone.evaluate(GO_OFFLINE)
    expect_state(alices_phone, "offline")
    alices_phone.evaluate(GO_ONLINE)
    expect_state(alices_phone, "ready")
    expect(button(alices_phone, "Hang up")).to_be_visible()

    # Until the server has heard of it, she is away to those who call her.
    heard = DeviceEvent.objects.filter(user=alice, state="ready", message="still-registered")
    for _ in range(150):
        if heard.exists():
            break
        alices_phone.wait_for_timeout(100)
    assert heard.exists()
    dial(bobs_phone, "alice")
    expect(button(alices_phone, "Answer")).to_be_visible()


def test_a_call_that_was_answered_elsewhere_is_not_missed(
    alices_phone: Page, bobs_phone: Page, open_browser: OpenBrowser, bob: User, fake_twilio: FakeTwilio
) -> None:
    other = open_another_browser(open_browser, bob)
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    for phone in (alices_phone, bobs_phone, other):
        expect(button(phone, "Answer")).to_be_visible()
    button(bobs_phone, "Answer").click()
    expect(other.get_by_text("You answered on another page.")).to_be_visible(timeout=10_000)
    expect(alices_phone.get_by_text("Answered by Bob.")).to_be_visible(timeout=10_000)


def test_a_withheld_caller_is_called_so_and_the_card_says_which_number_was_called(
    alices_phone: Page, fake_twilio: FakeTwilio
) -> None:
    fake_twilio.control("POST", "incoming", **{"to": catalogue.DEMO_NUMBER, "from": "+266696687"})
    card = alices_phone.get_by_role("region", name="Incoming call")
    expect(card).to_contain_text("Withheld number")
    expect(card).to_contain_text("to Front desk · +1 202 555 0123")
    expect(card).not_to_contain_text("266")
    expect(alices_phone).to_have_title("☎ Withheld number")
    button(alices_phone, "Answer").click()
    expect(alices_phone.get_by_role("region", name="Call", exact=True)).to_contain_text("Front desk")


def test_the_card_says_what_the_callers_carrier_vouches_for(
    alices_phone: Page, fake_twilio: FakeTwilio
) -> None:
    verified = "TN-Validation-Passed-A"
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER, stir_verstat=verified)
    card = alices_phone.get_by_role("region", name="Incoming call")
    expect(card).to_contain_text("Verified by the caller's carrier")
    expect(card).to_contain_text("+1 202 555 0170")
