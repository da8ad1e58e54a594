"""A page is loaded anew while somebody calls: the call rings in it as soon as it is there."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.device.presence import DevicePresence
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import button, connect, dial, expect_state
from tests.fake_control import FakeTwilio
from tests.integration.in_call.stage import run_worker

SOON = 15_000
# The page's Device says nothing to Twilio until it is let.
HOLD_DEVICE = """
const kept = [];
let isLet = false;
window.letDevice = () => {
  isLet = true;
  for (const send of kept.splice(0)) send();
};
window.WebSocket = class extends WebSocket {
  send(data) {
    if (isLet || this.url.includes("/ws/device/")) super.send(data);
    else kept.push(() => super.send(data));
  }
};
"""


@pytest.fixture
def phone(open_browser: OpenBrowser, alice: User) -> Page:
    connect(alice)
    page = open_browser()
    sign_in(page, alice.email)
    expect_state(page, "ready")
    wait_until(page, lambda: DevicePresence.objects.filter(user=alice, state="ready").exists())
    return page


def wait_until(page: Page, is_so: Callable[[], bool]) -> None:
    for _ in range(300):
        if is_so():
            return
        page.wait_for_timeout(20)
    raise AssertionError("never came to be")


def begin_reload(page: Page) -> None:
    page.evaluate("setTimeout(() => location.reload(), 0)")


def hold_file(page: Page, pattern: str) -> Callable[[], None]:
    """Keeps a file of the next page's on its way; what lets it go."""
    held: list[Route] = []
    page.route(pattern, lambda route: held.append(route))
    begin_reload(page)
    wait_until(page, lambda: bool(held))

    def let_go() -> None:
        for route in held:
            route.continue_()

    return let_go


def is_gone(user: User) -> bool:
    """Whether nothing but a page that was left is known of."""
    return not DevicePresence.objects.filter(user=user, disconnected_at=None).exists()


def expect_ringing(page: Page) -> None:
    ringing = page.get_by_role("region", name="Incoming call")
    expect(ringing).to_be_visible(timeout=SOON)
    expect(ringing).to_have_count(1)
    button(page, "Answer").click()
    wait_until(page, lambda: Call.objects.filter(answered_at__isnull=False).exists())
    expect(button(page, "Hang up")).to_be_visible()


def call_in(fake: FakeTwilio) -> None:
    fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER, sound="tone")


def test_a_call_in_the_very_moment_rings(phone: Page, fake_twilio: FakeTwilio) -> None:
    begin_reload(phone)
    with run_worker():
        call_in(fake_twilio)
        expect_ringing(phone)


@pytest.mark.parametrize("file", ["**/bundles/phone*.js", "**/twilio-voice-sdk/*.js"])
@pytest.mark.parametrize("after", [150, 500])
def test_a_call_while_no_page_is_there_waits_for_the_one_that_comes(
    phone: Page, fake_twilio: FakeTwilio, alice: User, file: str, after: int
) -> None:
    let_go = hold_file(phone, file)
    phone.wait_for_timeout(after)
    wait_until(phone, lambda: is_gone(alice))
    call_in(fake_twilio)
    wait_until(phone, lambda: Call.objects.exists())
    let_go()
    expect_ringing(phone)


def test_a_call_while_the_page_is_there_and_its_device_is_not_rings(
    phone: Page, fake_twilio: FakeTwilio, alice: User
) -> None:
    phone.add_init_script(HOLD_DEVICE)
    begin_reload(phone)
    there = DevicePresence.objects.filter(user=alice, state="connecting", disconnected_at=None)
    wait_until(phone, there.exists)
    with run_worker():
        call_in(fake_twilio)
        wait_until(phone, lambda: Call.objects.exists())
        phone.evaluate("letDevice()")
        expect_ringing(phone)


def test_a_colleague_who_calls_meanwhile_hears_it_ring(
    phone: Page, open_browser: OpenBrowser, bob: User, alice: User
) -> None:
    connect(bob)
    bobs = open_browser()
    sign_in(bobs, bob.email)
    expect_state(bobs, "ready")
    let_go = hold_file(phone, "**/bundles/phone*.js")
    wait_until(phone, lambda: is_gone(alice))
    dial(bobs, "alice")
    wait_until(phone, lambda: Call.objects.exists())
    let_go()
    expect_ringing(phone)


def test_whoever_signs_out_is_not_waited_for(phone: Page, fake_twilio: FakeTwilio, alice: User) -> None:
    button(phone, "Sign out").click()
    expect(phone.get_by_label("Password", exact=True)).to_be_visible()
    wait_until(phone, lambda: is_gone(alice))
    call_in(fake_twilio)
    wait_until(phone, lambda: Call.objects.exclude(ended_at=None).exists())
    told = [one["url"].rpartition("/voice/")[1] for one in fake_twilio.control("GET", "webhooks")]
    assert told.count("/voice/") == 1
    assert Call.objects.get().cause == "nobody_available"
    assert not [one for one in fake_twilio.control("GET", "webhooks") if "/woken/" in one["url"]]
