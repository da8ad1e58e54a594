"""What one types, pastes and presses on the phone page, and what is called by it."""

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.calls.call import Call
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import button, connect, dial, expect_state
from tests.fake_control import FakeTwilio

PASTE = """([text]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
}"""


@pytest.fixture
def phone(open_browser: OpenBrowser, alice: User, bob: User) -> Page:
    """Alice's, ready, and able to tell numbers."""
    connect(bob)
    connect(alice)
    page = open_browser()
    sign_in(page, alice.email)
    wait_for_numbers(page)
    return page


def wait_for_numbers(page: Page) -> None:
    expect_state(page, "ready")
    for _ in range(100):
        if page.evaluate("window.libphonenumber !== undefined"):
            return
        page.wait_for_timeout(100)
    raise AssertionError("libphonenumber was not loaded")


def field(page: Page) -> Locator:
    return page.get_by_label("Number or name")


def notice(page: Page) -> Locator:
    return page.locator("#to-notice")


def reading(page: Page) -> Locator:
    return page.locator("#to-reading")


def expect_call(page: Page, shown: str) -> None:
    expect(page.get_by_role("region", name="Call", exact=True).get_by_text(shown, exact=True)).to_be_visible()


def hang_up(page: Page) -> None:
    button(page, "Hang up").click()
    expect(button(page, "Call")).to_be_visible()


def leave_focus(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")


@pytest.mark.parametrize(
    ("home", "typed", "grouped", "told"),
    [
        ("US", "4155550132", "(415) 555-0132", "United States · +1 415 555 0132"),
        ("DE", "08912345678", "089 12345678", "Germany · +49 89 12345678"),
        ("FR", "0764019408", "07 64 01 94 08", "France · +33 7 64 01 94 08"),
        ("US", "+442079460958", "+44 20 7946 0958", "United Kingdom · +44 20 7946 0958"),
        ("AU", "0293744000", "(02) 9374 4000", "Australia · +61 2 9374 4000"),
    ],
)
def test_a_number_is_grouped_and_its_country_shown_while_one_types(
    phone: Page, alice: User, home: str, typed: str, grouped: str, told: str
) -> None:
    phone.goto("/accounts/name/")
    phone.get_by_label("Home country").select_option(home)
    button(phone, "Save").click()
    phone.goto("/")
    wait_for_numbers(phone)
    field(phone).press_sequentially(typed)
    expect(field(phone)).to_have_value(grouped)
    expect(reading(phone)).to_have_text(told)
    for _ in grouped:
        phone.keyboard.press("Backspace")
    expect(field(phone)).to_have_value("")
    expect(reading(phone)).to_have_text("")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("nobody", "nobody is neither a colleague nor a phone number"),
        ("555-0170", "the area code is missing"),
        ("07 64 01 94 08", "France. To call it, begin with +33"),
        ("+1 202 555 O170", "a letter among its digits"),
        ("+1 202 555 017", "too short for +1 (United States)"),
        ("911", "cannot make emergency calls"),
        ("call 9 1 1", "cannot make emergency calls"),
        ("2025550170 or 2025550171", "more than one number"),
    ],
)
def test_what_cannot_be_called_is_refused_on_the_page_and_makes_no_call(
    phone: Page, fake_twilio: FakeTwilio, typed: str, words: str
) -> None:
    dial(phone, typed)
    expect(notice(phone)).to_contain_text(words)
    expect(field(phone)).to_have_attribute("aria-invalid", "true")
    expect(button(phone, "Hang up")).to_be_hidden()
    field(phone).press("End")
    phone.keyboard.type(" ")
    expect(notice(phone)).to_have_text("")
    expect(field(phone)).to_have_attribute("aria-invalid", "false")
    assert fake_twilio.control("GET", "calls") == []
    assert not Call.objects.exists()


def test_an_extension_is_shown_and_dialled_after_the_answer(phone: Page, fake_twilio: FakeTwilio) -> None:
    field(phone).fill(f"{catalogue.ECHO_NUMBER} ext. 42")
    expect(reading(phone)).to_have_text("United States · +1 202 555 0199, then 42 after the answer")
    field(phone).press("Enter")
    expect_call(phone, "+1 202 555 0199")
    expect_call(phone, "then 42")
    for _ in range(80):
        heard = [call["digits"] for call in fake_twilio.control("GET", "calls")]
        if "42" in heard:
            break
        phone.wait_for_timeout(100)
    assert "42" in heard
    hang_up(phone)
    assert Call.objects.get().to_address == catalogue.ECHO_NUMBER


def test_digits_typed_with_nothing_focused_reach_the_field_and_enter_calls(phone: Page) -> None:
    leave_focus(phone)
    phone.keyboard.type("2025550199")
    expect(field(phone)).to_have_value("(202) 555-0199")
    phone.keyboard.press("Enter")
    expect_call(phone, "+1 202 555 0199")


def test_digits_pressed_with_the_mouse_leave_enter_to_call(phone: Page) -> None:
    leave_focus(phone)
    keys = phone.get_by_role("group", name="Digits")
    for digit in "2025550199":
        keys.get_by_role("button", name=digit).click()
    phone.keyboard.press("Enter")
    expect_call(phone, "+1 202 555 0199")


def test_a_paste_with_nothing_focused_reaches_the_field_and_enter_calls(phone: Page) -> None:
    leave_focus(phone)
    phone.evaluate(PASTE, ["Front desk: \u202a+1 (202) 555\u20110199\u202c"])
    expect(reading(phone)).to_have_text("United States · +1 202 555 0199")
    leave_focus(phone)
    phone.keyboard.press("Enter")
    expect_call(phone, "+1 202 555 0199")


@pytest.mark.parametrize("is_focused", [True, False])
def test_two_lines_that_are_pasted_do_not_become_one_number(phone: Page, is_focused: bool) -> None:
    leave_focus(phone)
    if is_focused:
        field(phone).focus()
    phone.evaluate(PASTE, ["+49 89 12345678\n12"])
    expect(field(phone)).to_have_value("+49 89 12345678 / 12")
    button(phone, "Call").click()
    expect(notice(phone)).to_contain_text("more than one number")
    field(phone).fill("")
    phone.evaluate(PASTE, ["Front desk\r\n+1 (202)\n555-0199\n"])
    expect(reading(phone)).to_have_text("United States · +1 202 555 0199")


def test_after_a_call_the_number_is_selected_and_the_first_key_replaces_it(phone: Page) -> None:
    dial(phone, catalogue.BUSY_NUMBER)
    expect(notice(phone)).to_contain_text("busy")
    expect(field(phone)).to_have_value("+1 202 555 0180")
    keys = phone.get_by_role("group", name="Digits")
    keys.get_by_role("button", name="4").click()
    expect(field(phone)).to_have_value("4")
    dial(phone, catalogue.BUSY_NUMBER)
    expect(notice(phone)).to_contain_text("busy")
    leave_focus(phone)
    phone.keyboard.type("7")
    expect(field(phone)).to_have_value("7")


def test_one_press_is_one_tone_however_long_it_is_held(phone: Page, fake_twilio: FakeTwilio) -> None:
    dial(phone, catalogue.ECHO_NUMBER)
    expect(button(phone, "Keypad")).to_be_visible()
    leave_focus(phone)
    for _ in range(5):
        phone.keyboard.down("5")
    phone.keyboard.up("5")
    button(phone, "Keypad").click()
    phone.get_by_role("group", name="Digits").get_by_role("button", name="7").focus()
    for _ in range(5):
        phone.keyboard.down("Enter")
    phone.keyboard.up("Enter")
    phone.keyboard.press("9")
    expect(phone.locator('[data-part="call-digits"]')).to_have_text("579")
    hang_up(phone)
    assert any(call["digits"] == "579" for call in fake_twilio.control("GET", "calls"))


@pytest.mark.parametrize("way", ["double click", "two clicks", "held Enter"])
def test_calling_twice_in_a_hurry_does_not_hang_up(phone: Page, way: str) -> None:
    field(phone).fill(catalogue.ECHO_NUMBER)
    place = button(phone, "Call").bounding_box()
    assert place is not None
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    if way == "double click":
        phone.mouse.dblclick(x, y)
    elif way == "two clicks":
        phone.mouse.click(x, y)
        phone.wait_for_timeout(200)
        phone.mouse.click(x, y)
    else:
        button(phone, "Call").focus()
        for _ in range(30):
            phone.keyboard.down("Enter")
            phone.wait_for_timeout(30)
        phone.keyboard.up("Enter")
    expect(button(phone, "Mute")).to_be_visible()
    hang_up(phone)
    assert Call.objects.count() == 1


def test_a_colleague_chosen_from_the_list_is_called_whatever_their_name(
    open_browser: OpenBrowser, alice: User, bob: User
) -> None:
    connect(bob)
    connect(alice)
    User.objects.filter(pk=bob.pk).update(name="+442079460958")
    page = open_browser()
    sign_in(page, alice.email)
    wait_for_numbers(page)
    page.get_by_role("button", name="bob@example.com").click()
    expect(field(page)).to_have_value("bob@example.com")
    button(page, "Call").click()
    expect(notice(page)).to_contain_text("Nobody is at that phone")
    assert Call.objects.get().to_address == f"client:{bob.identity}"


@pytest.mark.parametrize(
    "link",
    ["%2B442079460958", "+442079460958", "tel:+44-20-7946-0958", "tel%3A%252B44%252020%25207946%25200958"],
)
def test_a_link_to_the_phone_fills_the_field(phone: Page, link: str) -> None:
    phone.goto(f"/?call={link}")
    wait_for_numbers(phone)
    expect(reading(phone)).to_have_text("United Kingdom · +44 20 7946 0958")
    assert not Call.objects.exists()


def test_until_numbers_can_be_told_the_server_decides(
    open_browser: OpenBrowser, alice: User, bob: User
) -> None:
    connect(bob)
    connect(alice)
    page = open_browser()
    page.route("**/libphonenumber*", lambda route: route.abort())
    sign_in(page, alice.email)
    expect_state(page, "ready")
    dial(page, "(202) 555-0199 x7")
    expect(button(page, "Mute")).to_be_visible()
    assert Call.objects.get().to_address == catalogue.ECHO_NUMBER
