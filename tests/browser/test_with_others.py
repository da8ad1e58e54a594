"""Several in a call, with the server's own part: who hears whom is measured in the pages.

Whoever calls in is an echo: a page that hears itself hears them, and is heard by them.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.people import User
from fake_twilio import catalogue
from tests.browser.conftest import OpenBrowser
from tests.browser.pages import button, dial, expect_state
from tests.browser.sound import remember_peer_connections, wait_for_sound
from tests.browser.test_calls import open_ready_phone
from tests.fake_control import FakeTwilio
from tests.integration.in_call.stage import run_worker

AUDIBLE = 0.0005
# A round trip to Twilio, and a webhook back, and the word of it to the page.
PATIENCE = 15_000
# Whoever is left alone is not in silence for longer.
RESCUED_WITHIN = 20_000


@pytest.fixture
def worker(site: str) -> Iterator[None]:
    with run_worker():
        yield


@pytest.fixture
def alices(open_browser: OpenBrowser, alice: User, worker: None) -> Page:
    return open_ready_phone(open_browser, alice)


@pytest.fixture
def bobs(open_browser: OpenBrowser, bob: User, worker: None) -> Page:
    return open_ready_phone(open_browser, bob)


def find_call(page: Page, state: str) -> Locator:
    call = page.get_by_role("region", name="Call", exact=True)
    return call.and_(page.locator(f'[data-call-state="{state}"]'))


def expect_call(page: Page, state: str) -> None:
    expect(find_call(page, state)).to_be_visible(timeout=PATIENCE)


def press(page: Page, name: str) -> None:
    button(page, name).click(timeout=PATIENCE)


def call_in(fake: FakeTwilio, **how: str) -> str:
    return str(
        fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER, **{"sound": "echo", **how})["call_sid"]
    )


def take_call(page: Page, fake: FakeTwilio, **how: str) -> str:
    call_sid = call_in(fake, **how)
    press(page, "Answer")
    expect(button(page, "Transfer")).to_be_enabled(timeout=PATIENCE)
    return call_sid


def ask_for(page: Page, opener: str, field: str, whom: str, deed: str) -> None:
    press(page, opener)
    dialog = page.get_by_role("dialog", name=opener)
    dialog.get_by_label(field, exact=True).fill(whom)
    dialog.get_by_role("button", name=deed, exact=True).click()


def expect_sound(*pages: Page) -> None:
    for page in pages:
        sound = wait_for_sound(page)
        assert sound["energy_in"] > AUDIBLE, sound


def expect_idle(page: Page) -> None:
    expect(button(page, "Call")).to_be_visible(timeout=PATIENCE)


def test_who_was_asked_first_has_the_call_and_a_number_that_is_busy_gives_it_back(
    alices: Page, bobs: Page, fake_twilio: FakeTwilio
) -> None:
    caller = take_call(alices, fake_twilio)
    ask_for(alices, "Transfer", "Transfer to", catalogue.BUSY_NUMBER, "Transfer now")
    # The caller rings again, and says why.
    press(alices, "Answer")
    expect_call(alices, "open")
    expect(alices.locator('[data-cause="busy"]')).to_be_visible(timeout=PATIENCE)
    expect_sound(alices)

    ask_for(alices, "Transfer", "Transfer to", "bob", "Talk first")
    expect_call(alices, "consulting")
    press(bobs, "Answer")
    expect_sound(alices, bobs)
    press(alices, "Complete transfer")
    expect_idle(alices)
    expect_call(bobs, "open")
    expect_sound(bobs)
    alices.close()
    expect_sound(bobs)
    expect(button(bobs, "Hold")).to_be_enabled(timeout=PATIENCE)
    fake_twilio.control("DELETE", f"calls/{caller}")
    expect_idle(bobs)
    expect(bobs.locator('[data-cause="answered"]').first).to_be_visible(timeout=PATIENCE)


def test_three_hear_each_other_one_is_removed_and_who_leaves_ends_nothing(
    alices: Page, bobs: Page, fake_twilio: FakeTwilio
) -> None:
    take_call(alices, fake_twilio, **{"from": "+442079460958"})
    ask_for(alices, "Add someone", "Who", catalogue.STRANGER_NUMBER, "Add")
    expect_call(alices, "conference")
    parties = alices.locator("[data-party]")
    expect(parties).to_have_count(2)
    ask_for(alices, "Add someone", "Who", "bob", "Add")
    press(bobs, "Answer")
    expect(parties).to_have_count(3, timeout=PATIENCE)
    expect_sound(alices, bobs)
    parties.filter(has_text="Bob").get_by_role("button", name="Remove").click()
    expect_idle(bobs)
    expect(parties.filter(has_text="Bob")).to_have_count(0, timeout=PATIENCE)
    expect_call(alices, "conference")
    expect_sound(alices)

    # She leaves: the two others talk on, until one of them hangs up.
    press(alices, "Leave")
    expect_idle(alices)
    legs = [leg for leg in fake_twilio.control("GET", "calls") if leg["status"] == "in-progress"]
    assert len(legs) == 2, legs
    expect_state(alices, "ready")


def open_another(page: Page) -> Page:
    other = page.context.new_page()
    remember_peer_connections(other)
    other.goto("/")
    expect_state(other, "ready")
    return other


def test_whoever_waits_for_a_page_that_dies_is_rung_back_to_another(
    alices: Page, bobs: Page, fake_twilio: FakeTwilio
) -> None:
    other = open_another(alices)
    take_call(alices, fake_twilio)
    press(alices, "Hold")
    expect_call(alices, "held")
    alices.close()
    other.get_by_role("button", name="Answer", exact=True).click(timeout=RESCUED_WITHIN)
    expect_call(other, "open")
    expect_sound(other)

    # Another is asked first, whom the page then leaves with somebody they know nothing of.
    third = open_another(other)
    ask_for(other, "Transfer", "Transfer to", "bob", "Talk first")
    press(bobs, "Answer")
    expect_sound(other, bobs)
    other.close()
    third.get_by_role("button", name="Answer", exact=True).click(timeout=RESCUED_WITHIN)
    expect_call(third, "open")
    expect_sound(third)
    expect_idle(bobs)
    press(third, "Hang up")
    expect_idle(third)


def test_what_a_call_came_to_is_the_same_on_the_page_and_in_recents(
    alices: Page, fake_twilio: FakeTwilio
) -> None:
    navigation = alices.get_by_role("navigation", name="Beside the phone")
    navigation.get_by_role("link", name="Recents", exact=True).click()
    rows = alices.locator("#recents [data-call]")
    for number, cause in ((catalogue.BUSY_NUMBER, "busy"), (catalogue.DECLINING_NUMBER, "declined")):
        dial(alices, number)
        expect(alices.locator(f'#to-notice[data-cause="{cause}"]')).to_be_visible(timeout=10_000)
        expect(rows.first).to_have_attribute("data-cause", cause, timeout=10_000)
    navigation.get_by_role("link", name="Colleagues", exact=True).click()
    call_in(fake_twilio)
    press(alices, "Decline")
    expect(navigation.get_by_role("link", name="Recents, 1 missed", exact=True)).to_be_visible(
        timeout=PATIENCE
    )
    navigation.get_by_role("link", name=re.compile("^Recents")).click()
    expect(rows.first).to_have_attribute("data-cause", "missed")
    expect(navigation.get_by_role("link", name="Recents", exact=True)).to_be_visible()
