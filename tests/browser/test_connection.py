"""Testing the connection from the settings, and how a call sounds while one is in it."""

import re
from datetime import UTC, datetime

from playwright.sync_api import Locator, Page, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.connection_tests.connection_test import ConnectionTest
from phone.connection_tests.texts import CHECKS
from phone.device.events import DeviceEvent
from phone.echo_tests.echo_test import EchoTest
from tests.browser.conftest import OpenBrowser, OpenPhone, sign_in
from tests.browser.pages import button, connect, dial, expect_state
from tests.browser.quiet_plays import DROP_MEDIA, REFUSE_MICROPHONE
from tests.fake_control import FakeTwilio

DROPPED = "gateway drop"


def open_settings(page: Page) -> Locator:
    page.get_by_role("link", name="Settings").click()
    return button(page, "Test the connection")


def line(page: Page, check: str) -> Locator:
    return page.locator(f'li[data-check="{check}"]')


def expect_results(page: Page, **results: str) -> None:
    """Each line of the test comes to this; those that are not named are good."""
    for check in CHECKS:
        expected = results.get(check, "good")
        expect(line(page, check)).to_have_attribute("data-result", expected, timeout=30_000)


def pass_seconds(page: Page, seconds: int) -> None:
    """Lets the page's clock run ahead, a second at a time: the SDK looks at the sound once in each."""
    for _ in range(seconds):
        page.wait_for_timeout(200)
        page.clock.fast_forward(1_000)


def pass_until_seen(page: Page, what: Locator, *, most: int = 40) -> None:
    """Until that is seen, for so many seconds of the page's clock at most."""
    for _ in range(most):
        if what.is_visible():
            break
        pass_seconds(page, 1)
    expect(what).to_be_visible()


def find_in_log(fake: FakeTwilio) -> list[str]:
    return [str(call["direction"]) for call in fake.control("GET", "calls")]


def test_a_good_connection_is_told_line_by_line_and_kept(
    open_phone: OpenPhone, alice: User, fake_twilio: FakeTwilio
) -> None:
    """Its call rings nobody, is in nobody's list, and leaves the phone as it is."""
    connect(alice)
    page = open_phone(alice)
    page.context.grant_permissions(["microphone", "clipboard-read", "clipboard-write"])
    expect_state(page, "ready")
    start = open_settings(page)
    start.click()
    expect(button(page, "Stop the test")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Testing…")).to_be_visible()
    assert len(fake_twilio.control("GET", "registrations")) == 1
    expect_results(page)
    expect(page.get_by_role("status").filter(has_text="All is good.")).to_be_visible()
    expect(button(page, "Stop the test")).to_be_hidden()
    expect(line(page, "path")).to_contain_text("Straight to Twilio, by UDP.")
    expect(line(page, "round_trip")).to_contain_text(re.compile(r"Sound takes \d+ ms to Twilio and back\."))
    expect_state(page, "ready")
    assert find_in_log(fake_twilio) == ["inbound"]
    assert not Call.objects.exists()

    button(page, "Copy support report").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    report = page.evaluate("navigator.clipboard.readText()")
    assert "Connection test: 0 of 10 bad, at " in report
    assert "  Way of the sound: good. Straight to Twilio, by UDP." in report
    row = ConnectionTest.objects.get()
    assert (row.user, row.bad, row.is_in_call, row.sum) == (alice, 0, False, "all good")
    assert [one["check"] for one in row.lines] == list(CHECKS)

    # Whoever answers while a test runs is not disturbed by it: it ends, and says so.
    start.click()
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    button(page, "Answer").click()
    expect(line(page, "media")).to_contain_text("a call began meanwhile", timeout=15_000)
    expect(page.get_by_role("region", name="Call", exact=True)).to_be_visible()
    # In a call its own sound is told, and no second one is made.
    expect(button(page, "Stop the test")).to_be_hidden()
    before = len(find_in_log(fake_twilio))
    page.wait_for_timeout(1_500)
    start.click()
    expect(line(page, "signalling")).to_contain_text("It carries your call.")
    expect_results(page)
    assert len(find_in_log(fake_twilio)) == before
    button(page, "Hang up").click()


def test_whoever_makes_an_echo_test_hears_themselves_and_is_told_what_it_came_to(
    open_phone: OpenPhone, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_phone(alice)
    expect_state(page, "ready")
    open_settings(page)
    echo = button(page, "Echo test call")
    call = page.get_by_role("region", name="Call", exact=True)
    ending = page.locator('[data-part="ending"]')
    echo.click()
    expect(call).to_have_attribute("data-call-state", "open", timeout=10_000)
    expect(call).to_contain_text("Echo test call")
    # There is nobody to be held, sent on or called anew.
    assert [one.strip() for one in call.get_by_role("button").all_text_contents()] == ["Hang up", "Mute"]
    expect(call.get_by_label("Note")).to_be_hidden()
    # In a call there is no other one.
    echo.click()
    expect(page.get_by_text("You are in a call. An echo test can be made once it is over.")).to_be_visible()
    expect(ending).to_contain_text("of sound went to Twilio and came back.", timeout=45_000)
    expect(ending).to_have_attribute("data-cause", "answered")
    expect(call).to_have_count(0)
    assert (EchoTest.objects.get().result, EchoTest.objects.get().user) == ("heard", alice)

    echo.click()
    expect(call).to_have_attribute("data-call-state", "open", timeout=10_000)
    button(page, "Hang up").click()
    expect(ending).to_contain_text("You hung up before the echo test was over.", timeout=10_000)
    # Whoever is called meanwhile answers: that ends it.
    echo.click()
    expect(call).to_have_attribute("data-call-state", "open", timeout=10_000)
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    expect(button(page, "Answer")).to_be_visible(timeout=10_000)
    expect(button(page, "Hold and answer")).to_be_hidden()
    button(page, "Answer").click()
    expect(call).not_to_contain_text("Echo test call")
    expect(call).to_have_attribute("data-call-state", "open", timeout=10_000)
    button(page, "Hang up").click()
    assert [one.direction for one in Call.objects.all()] == ["incoming"]
    assert {one.result for one in EchoTest.objects.all()} == {"heard", "left"}


def test_each_thing_that_is_wrong_is_told_by_itself_and_what_cannot_be_known_is_not_guessed(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_browser()
    page.add_init_script(DROP_MEDIA)
    page.add_init_script(REFUSE_MICROPHONE.replace("{name}", "NotAllowedError"))
    page.clock.install()
    fake_twilio.control("POST", "gateway", heartbeat=0.2)
    sign_in(page, alice.email)
    expect_state(page, "ready")
    start = open_settings(page)
    page.route("**/phone/connection-test/", lambda route: route.abort())
    start.click()
    expect(line(page, "signalling")).to_have_count(0)
    pass_seconds(page, 14)
    no_sound = dict.fromkeys(("round_trip", "jitter", "loss", "path"), "unknown")
    expect_results(page, microphone="bad", server="bad", media="bad", **no_sound)
    expect(line(page, "microphone")).to_contain_text("Allow it with the sign beside the address")
    expect(line(page, "server")).to_contain_text("It does not answer this browser.")
    expect(line(page, "media")).to_contain_text("Sound finds no way between this browser and Twilio.")
    expect(
        page.get_by_role("status").filter(has_text="Not good: Microphone, Dog n Bone’s server")
    ).to_be_visible()
    # Nobody is blamed for what they typed, and the phone is as it was.
    expect(page.locator('[data-part="verdict"]:not([hidden])')).to_have_count(0)
    expect_state(page, "ready")
    assert not ConnectionTest.objects.exists()

    # The gateway goes away, and a test that is stopped keeps what it knows.
    page.unroute("**/phone/connection-test/")
    fake_twilio.control("POST", "gateway", fault=DROPPED, drop_sockets=True)
    start.click()
    pass_seconds(page, 10)
    expect(line(page, "signalling")).to_contain_text("could not be reached from this browser")
    expect(line(page, "signalling")).to_have_attribute("data-result", "bad")
    expect(line(page, "media")).to_have_attribute("data-result", "unknown")
    start.click()
    expect(line(page, "server")).to_have_attribute("data-result", "good")
    button(page, "Stop the test").click()
    expect(start).to_be_focused()
    expect(line(page, "media")).to_contain_text("the test was stopped before")
    expect(line(page, "signalling")).to_have_attribute("data-result", "unknown")
    # What the server could not be told at first it has heard by now.
    for _ in range(50):
        kept = [row.lines[5]["finding"] for row in ConnectionTest.objects.order_by("tested_at")]
        if len(kept) == 3:
            break
        page.wait_for_timeout(100)
    assert kept == ["no_way", "no_signalling", "stopped"]


def test_a_line_that_gets_worse_is_warned_of_once_and_said_to_be_good_again(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_browser()
    page.clock.install(time=datetime.now(UTC))
    fake_twilio.control("POST", "gateway", heartbeat=0.2)
    sign_in(page, alice.email)
    expect_state(page, "ready")
    dial(page, catalogue.STRANGER_NUMBER)
    expect(button(page, "Mute")).to_be_visible()
    talk = page.get_by_role("region", name="Call", exact=True)
    # What a screen reader is told, each time that it changes.
    page.evaluate(
        """() => {
          const said = (window.said = []);
          const warning = document.querySelector('.talk [data-part="call-warning"]');
          new MutationObserver(() => warning.textContent && said.push(warning.textContent))
            .observe(warning, { childList: true, characterData: true, subtree: true });
        }"""
    )
    pass_until_seen(page, talk.get_by_text("Good line"))
    fake_twilio.control("POST", "line", loss=0.4)
    pass_until_seen(page, talk.get_by_text("Sound is lost on its way: words may drop out."))
    pass_until_seen(page, talk.get_by_text("Poor line: sound is lost"))
    expect(talk.locator('[data-quality="poor"]')).to_be_visible()
    fake_twilio.control("POST", "line")
    pass_until_seen(page, talk.get_by_text("The line is good again."))
    pass_until_seen(page, talk.get_by_text("Good line"))

    # The connection goes and comes back: two words more, each once.
    fake_twilio.control("POST", "gateway", drop_sockets=True)
    expect(talk).to_have_attribute("data-call-state", "open", timeout=15_000)
    pass_until_seen(page, talk.get_by_text("Connected again. The call goes on."))
    said = page.evaluate("said")
    assert [words.split(":")[0].split(".")[0] for words in said] == [
        "Sound is lost on its way",
        "The line is good again",
        "The connection to Twilio was lost; the phone is getting it back",
        "Connected again",
    ]
    # It goes for good: the call is over meanwhile, and cannot be taken back.
    fake_twilio.control("POST", "gateway", fault=DROPPED, drop_sockets=True)
    expect(talk).to_have_attribute("data-call-state", "reconnecting")
    [ours] = [call["sid"] for call in fake_twilio.control("GET", "calls") if call["direction"] == "inbound"]
    fake_twilio.control("DELETE", f"calls/{ours}")
    for _ in range(50):
        statuses = {call["sid"]: call["status"] for call in fake_twilio.control("GET", "calls")}
        if statuses[ours] == "completed":
            break
        page.wait_for_timeout(100)
    fake_twilio.control("POST", "gateway", fault="")
    for _ in range(10):
        pass_seconds(page, 1)
        if not talk.is_visible():
            break
    ending = page.locator('[data-cause="connection_lost"]')
    expect(ending).to_be_visible(timeout=15_000)
    expect(ending).to_contain_text("The call was cut off")
    events = DeviceEvent.objects.filter(user=alice, sdk_event__startswith="call.").order_by("seq")
    for _ in range(50):
        if events.filter(sdk_event="call.quality").exists():
            break
        page.wait_for_timeout(100)
    told = {event.sdk_event: event.message for event in events}
    assert {"call.reconnecting", "call.reconnected", "call.error", "call.quality"} <= told.keys()
    assert re.match(
        r"worst poor: MOS [\d.]+, .*loss \d\d\.\d %; good \d+ s, .*poor \d+ s", told["call.quality"]
    )
