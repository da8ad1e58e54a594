"""What is pressed is on the screen without scrolling, and inside its panel, at every size of window."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.people import User
from fake_twilio import catalogue
from tests.browser.conftest import OpenPhone
from tests.browser.looks import SCROLLS_SIDEWAYS, find_faults, find_outside
from tests.browser.pages import button, connect, dial, expect_state
from tests.fake_control import FakeTwilio

SIZES = [(1440, 900), (1366, 650), (390, 664), (320, 640)]
# The same telephone on its side.
TURNED = {(390, 664): (844, 390)}


@pytest.fixture
def phone(open_phone: OpenPhone, alice: User, request: pytest.FixtureRequest) -> Page:
    connect(alice)
    page = open_phone(alice)
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
    expect_state(page, "ready")
    return page


def expect_all_on_screen(page: Page) -> None:
    assert page.viewport_size is not None
    upright = (page.viewport_size["width"], page.viewport_size["height"])
    for width, height in {upright, TURNED.get(upright, upright)}:
        page.set_viewport_size({"width": width, "height": height})
        assert find_outside(page) == [], (width, height)
        assert not page.evaluate(SCROLLS_SIDEWAYS)
    page.set_viewport_size({"width": upright[0], "height": upright[1]})


def ring(fake: FakeTwilio) -> str:
    """A caller with the longest words on the card."""
    verstat = "TN-Validation-Passed-B"
    caller: dict[str, Any] = {"from": "+442079460958", "stir_verstat": verstat}
    return str(fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER, **caller)["call_sid"])


@pytest.mark.parametrize("phone", SIZES, indirect=True, ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_is_pressed_is_on_the_screen_in_its_panel(phone: Page, fake_twilio: FakeTwilio) -> None:
    expect_all_on_screen(phone)
    dial(phone, f"{catalogue.ECHO_NUMBER},,1234567")
    expect(button(phone, "Mute")).to_be_visible()
    expect_all_on_screen(phone)
    button(phone, "Keypad").click()
    phone.keyboard.type("12345")
    expect_all_on_screen(phone)
    sid = ring(fake_twilio)
    expect(button(phone, "Answer")).to_be_visible()
    expect_all_on_screen(phone)
    button(phone, "Hang up").click()
    expect(button(phone, "Hang up")).to_be_hidden()
    expect_all_on_screen(phone)
    second = ring(fake_twilio)
    expect(button(phone, "Answer")).to_have_count(2)
    expect_all_on_screen(phone)
    fake_twilio.control("DELETE", f"calls/{second}")
    expect(button(phone, "Answer")).to_have_count(1)
    fake_twilio.control("DELETE", f"calls/{sid}")
    expect(phone.locator("#to-notice")).to_contain_text("stopped ringing")
    expect_all_on_screen(phone)


@pytest.mark.parametrize("phone", SIZES, indirect=True, ids=lambda size: f"{size[0]}x{size[1]}")
def test_however_many_words_say_why_there_is_no_call_the_button_below_them_stays(phone: Page) -> None:
    for number, cause in (("12", "invalid_number"), (catalogue.WARY_NUMBER, "caller_id_refused")):
        dial(phone, number)
        expect(phone.locator(f'#to-notice[data-cause="{cause}"]')).to_be_visible(timeout=15_000)
        expect(button(phone, "Call")).to_be_visible()
        expect_all_on_screen(phone)
        assert find_faults(phone) == []
