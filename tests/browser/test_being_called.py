"""Being called: rules, greeting and Do not disturb are set on the page, and a stranger calls."""

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.answering.greetings import GreetingSound
from phone.answering.rules import NumberRules
from phone.calls.call import Call
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import button, connect, expect_state
from tests.fake_control import FakeTwilio

NUMBER = catalogue.DEMO_NUMBER


def open_settings(page: Page) -> None:
    page.get_by_role("link", name="Settings", exact=True).click()
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()


def open_rules(page: Page) -> None:
    open_settings(page)
    page.get_by_role("link", name=f"Change who answers {NUMBER}").click()
    expect(page.get_by_label("Who rings")).to_be_visible()


def wait_for(page: Page, find: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (found := find()):
        assert time.monotonic() < deadline, "in vain"
        page.wait_for_timeout(100)
    return found


def call_in(fake: FakeTwilio, **how: Any) -> str:
    return str(fake.control("POST", "incoming", to=NUMBER, **how)["call_sid"])


def test_who_rings_is_set_on_the_page_and_so_is_what_else_becomes_of_a_call(
    open_browser: OpenBrowser, alice: User, bob: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    connect(bob)
    page = open_browser()
    sign_in(page, alice.email)
    expect_state(page, "ready")
    other = page.context.new_page()
    other.goto("/")
    expect_state(other, "ready")

    # Recorded from the browser's own microphone, and heard again.
    open_settings(page)
    button(page, "Record a greeting").click()
    expect(page.get_by_text("Recording.", exact=True)).to_be_visible()
    expect(page.get_by_text("2 of 60 s")).to_be_visible()
    button(page, "Stop and keep it").click()
    expect(page.get_by_text("The greeting is recorded.")).to_be_visible()
    sound = GreetingSound.objects.get()
    assert (sound.user, sound.seconds >= 1) == (alice, True)
    assert any(bytes(sound.content)[44:])
    expect(page.get_by_label("Your recorded greeting")).to_be_visible()
    page.get_by_role("textbox", name="Greeting", exact=True).fill("Alice here.")
    button(page, "Save greeting").click()
    expect(page.get_by_text("The greeting is saved.")).to_be_visible()

    # Alice alone, and then voicemail; a mistake is said beside its field, and what was typed stays.
    open_rules(page)
    page.get_by_label("Who rings").select_option("The people chosen below")
    page.get_by_role("checkbox", name="Alice").check()
    page.get_by_label("Seconds to ring").fill("4")
    page.get_by_label("When nobody answers", exact=True).select_option("The caller leaves a message")
    button(page, "Save").click()
    expect(page.locator(".field-error")).to_contain_text("5")
    expect(page.get_by_role("checkbox", name="Alice")).to_be_checked()
    page.get_by_label("Seconds to ring").fill("30")
    button(page, "Save").click()
    expect(page.get_by_text("Nobody answers: voicemail")).to_be_visible()
    expect_state(page, "ready")

    # Declined by the one who is rung, the call goes to voicemail, with the recorded greeting.
    call_in(fake_twilio, hang_up_after=8)
    button(page, "Decline").click()
    assert wait_for(page, lambda: find_greetings(fake_twilio)) == [200]
    assert find_facts(page, 1)["why"] == "not_answered"

    # What the caller leaves there is counted until it is heard.
    beside = page.get_by_role("navigation", name="Beside the phone")
    beside.get_by_role("link", name="Voicemail, 1 new", exact=True).click(timeout=20_000)
    page.locator("[data-voicemail]").get_by_role("button", name="Play", exact=True).click()
    expect(beside.get_by_role("link", name="Voicemail", exact=True)).to_be_visible(timeout=10_000)

    # Do not disturb: both tabs show it at once, and nothing rings.
    switch = page.get_by_role("switch", name="Do not disturb")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    for tab in (page, other):
        expect(tab.get_by_role("switch", name="Do not disturb")).to_have_attribute("aria-checked", "true")
    call_sid = call_in(fake_twilio)
    assert find_facts(page, 2)["why"] == "do_not_disturb"
    assert not [leg for leg in fake_twilio.control("GET", "calls") if leg["parent_call_sid"] == call_sid]
    other.get_by_role("switch", name="Do not disturb").click()
    expect(switch).to_have_attribute("aria-checked", "false")

    # Outside opening hours nobody is rung either.
    open_rules(page)
    page.get_by_label("Opening hours").select_option("Open at these hours")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        page.get_by_label(day, exact=True).fill("")
    page.get_by_label(far_day(), exact=True).fill("12-12:01")
    page.get_by_label("When closed", exact=True).select_option("The caller leaves a message")
    button(page, "Save").click()
    expect(page.get_by_text("Closed: voicemail")).to_be_visible()
    assert NumberRules.objects.get().changed_by == alice
    call_sid = call_in(fake_twilio, hang_up_after=9)
    assert find_facts(page, 3)["why"] == "closed"
    wait_for(page, lambda: find_recorded(fake_twilio, call_sid))
    assert not [leg for leg in fake_twilio.control("GET", "calls") if leg["parent_call_sid"] == call_sid]
    expect(button(page, "Answer")).to_be_hidden()


def find_facts(page: Page, count: int) -> dict[str, Any]:
    """Why the newest of so many calls went to voicemail."""

    def find() -> Call | None:
        went = Call.objects.filter(cause_facts__answering__result="voicemail")
        return went.first() if went.count() == count else None

    facts: dict[str, Any] = wait_for(page, find).cause_facts["answering"]
    return facts


def find_greetings(fake: FakeTwilio) -> list[int]:
    """How each recorded greeting that Twilio has asked for was answered."""
    asked = [one for one in fake.control("GET", "webhooks") if one["url"].endswith(".wav")]
    return [one["status"] for one in asked if one["status"] is not None]


def find_recorded(fake: FakeTwilio, call_sid: str) -> bool:
    told = [one for one in fake.control("GET", "webhooks") if one["url"].endswith("/voicemail-status/")]
    recorded = [one for one in told if one["params"]["RecordingStatus"] == "completed"]
    return any(one["call_sid"] == call_sid for one in recorded)


def far_day() -> str:
    """The day of the week that is the furthest from today in any zone."""
    return ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[
        (time.gmtime().tm_wday + 3) % 7
    ]


def test_people_are_put_in_the_order_in_which_they_ring(
    open_browser: OpenBrowser, alice: User, bob: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    connect(bob)
    page = open_browser()
    sign_in(page, alice.email)
    expect_state(page, "ready")
    open_rules(page)
    assert page.get_by_label("Time zone").input_value() != ""
    page.get_by_label("Who rings").select_option("chosen")
    for name in ("Alice", "Bob"):
        page.get_by_role("checkbox", name=name).check()
    expect(button(page, "Move Bob up")).to_be_hidden()
    page.get_by_label("In which order").select_option("in_order")
    button(page, "Move Bob up").click()
    expect(button(page, "Move Bob up")).to_be_focused()
    button(page, "Save").click()
    expect(page.get_by_text(re.compile("Bob, then Alice, 25 s each"))).to_be_visible()
