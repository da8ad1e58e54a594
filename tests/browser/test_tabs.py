"""Three tabs of one browser and a second browser: one tab is the phone, and goes where it is wanted."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.device.events import DeviceEvent
from phone.device.one_device import OneDevice
from phone.device.presence import DevicePresence
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.looks import expect_for_everybody
from tests.browser.pages import button, connect, dial, expect_state, phone_status
from tests.browser.sound import remember_peer_connections, wait_for_sound
from tests.fake_control import FakeTwilio
from tests.integration.answering.conftest import make_rules
from tests.integration.in_call.stage import run_worker

SOON = 10_000


@pytest.fixture
def tab(open_browser: OpenBrowser, alice: User) -> Page:
    connect(alice)
    page = open_browser()
    remember_peer_connections(page)
    sign_in(page, alice.email)
    expect_here(page)
    return page


def open_tab(beside: Page) -> Page:
    """A spare: another tab of the same browser."""
    page = beside.context.new_page()
    remember_peer_connections(page)
    page.goto("/")
    expect_spare(page)
    return page


def expect_spare(page: Page) -> None:
    expect(phone_status(page)).to_contain_text("in another tab", timeout=SOON)
    expect(button(page, "Use it here")).to_be_visible()
    expect_state(page, "ready")


def expect_here(page: Page) -> None:
    expect(phone_status(page)).not_to_contain_text(re.compile("another|Elsewhere"), timeout=SOON)
    expect_state(page, "ready")
    expect(button(page, "Use it here")).to_be_hidden()


def wait_until(page: Page, is_so: Callable[[], bool], what: str) -> None:
    for _ in range(150):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came to be: {what}")


def expect_devices(fake: FakeTwilio, page: Page, count: int) -> None:
    wait_until(page, lambda: len(fake.control("GET", "registrations")) == count, f"{count} Devices")


def test_a_tab_stands_in_line_once(tab: Page, alice: User, fake_twilio: FakeTwilio) -> None:
    """Early, by a script of its own, and not once more when its modules have come."""
    locks = tab.evaluate("() => navigator.locks.query()")
    assert [one["name"] for one in locks["held"]].count(f"dognbone.phone.{alice.identity}") == 1
    assert locks["pending"] == []
    assert tab.locator("html.is-starting").count() == 0


def test_one_of_three_tabs_is_the_phone_and_another_takes_over_when_it_is_asked_to_or_that_is_gone(
    tab: Page, fake_twilio: FakeTwilio, alice: User
) -> None:
    second, third = open_tab(tab), open_tab(tab)
    expect(phone_status(tab)).to_contain_text("in this tab")
    expect_devices(fake_twilio, tab, 1)

    expect_for_everybody(second)

    # One of them rings, and only that one is to be answered in.
    call = fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    expect(button(tab, "Answer")).to_be_visible()
    for spare in (second, third):
        expect(spare.get_by_text("it rings in another tab")).to_be_visible()
        expect(spare.get_by_role("region", name="Incoming call")).to_be_hidden()
        expect(button(spare, "Call")).to_be_hidden()
    fake_twilio.control("DELETE", f"calls/{call['call_sid']}")
    expect(button(tab, "Answer")).to_be_hidden()
    expect(button(second, "Call")).to_be_visible()

    # Taken over while idle.
    button(third, "Use it here").click()
    expect_here(third)
    expect_spare(tab)
    expect_spare(second)
    expect_devices(fake_twilio, tab, 1)

    # Closed, and crashed: the one that waits longest is the phone.
    third.close()
    expect_here(second)
    crash(second)
    expect_here(tab)
    expect_devices(fake_twilio, tab, 1)
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    button(tab, "Answer").click()
    assert wait_for_sound(tab)["energy_in"] > 0.0005
    told = DeviceEvent.objects.filter(user=alice)
    assert not told.filter(state="error").exists()
    assert told.filter(sdk_event="tab-promoted").count() == 2
    assert told.filter(sdk_event="incoming").count() == 2


def test_a_call_stays_in_its_tab_while_another_has_its_controls_and_takes_over_after_it(
    tab: Page, fake_twilio: FakeTwilio, alice: User
) -> None:
    spare = open_tab(tab)

    # Somebody who is called from a spare is called there: the phone comes first, and what was typed stays.
    dial(spare, catalogue.ECHO_NUMBER)
    assert wait_for_sound(spare)["energy_in"] > 0.0005
    expect(phone_status(tab)).to_contain_text("in another tab")
    expect_devices(fake_twilio, spare, 1)
    assert len([one for one in fake_twilio.control("GET", "calls") if one["status"] == "in-progress"]) == 2

    # The other shows the call, who and for how long, and mutes it.
    shown = tab.get_by_role("region", name="Call", exact=True)
    expect(shown).to_have_attribute("data-call-state", "open")
    expect(shown).to_contain_text("0:0")
    expect(tab.get_by_text("and so is its sound")).to_be_visible()
    expect_for_everybody(tab)
    button(tab, "Mute").click()
    for page in (tab, spare):
        expect(button(page, "Mute")).to_have_attribute("aria-pressed", "true")

    # Asked to come back, the phone waits for the end of the call, which is not cut.
    button(tab, "Use it here").click()
    expect(tab.get_by_text("Once it is over, the phone comes to this tab.")).to_be_visible()
    button(tab, "Mute").click()
    expect(button(spare, "Mute")).to_have_attribute("aria-pressed", "false")
    assert wait_for_sound(spare)["energy_in"] > 0.0005
    button(tab, "Hang up").click()
    expect(button(spare, "Hang up")).to_be_hidden()
    expect_here(tab)
    expect_spare(spare)

    # Brought to another while it rings, it rings there: answered there, it is heard where its sound is.
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER, sound="tone")
    expect(button(tab, "Answer")).to_be_visible()
    button(spare, "Use it here").click()
    button(spare, "Answer").click()
    assert wait_for_sound(tab)["energy_in"] > 0.0005
    button(spare, "Hang up").click()
    expect_here(spare)
    expect_spare(tab)
    expect_devices(fake_twilio, tab, 1)
    assert not DeviceEvent.objects.filter(user=alice, state="error").exists()


def test_a_tab_that_is_closed_while_it_rings_has_the_next_one_ring(
    tab: Page, fake_twilio: FakeTwilio, alice: User
) -> None:
    make_rules(TwilioAccount.objects.get(), alice, seconds=60, unanswered_then="voicemail")
    spare, third = open_tab(tab), open_tab(tab)
    caller = fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER, sound="tone")
    expect(button(tab, "Answer")).to_be_visible()
    tab.close()
    began = time.monotonic()
    ringing = spare.get_by_role("region", name="Incoming call")
    expect(ringing).to_be_visible(timeout=SOON)
    print(f"rang again after {time.monotonic() - began:.1f} s")
    expect(ringing).to_have_count(1)
    expect(ringing).to_contain_text("+1 202 555 0170")

    # Asked to come elsewhere while it rings, it rings on there where this one is gone, too.
    button(third, "Use it here").click()
    spare.close()
    expect_here(third)
    # Whoever is left alone in a room is sent home by a worker.
    with run_worker():
        button(third, "Answer").click()
        assert wait_for_sound(third)["energy_in"] > 0.0005
        fake_twilio.control("DELETE", f"calls/{caller['call_sid']}")
        expect(button(third, "Hang up")).to_be_hidden()
    third.goto("/phone/recents/")
    [row] = third.get_by_role("listitem").filter(has=third.get_by_role("button", name="Call back")).all()
    expect(row).to_have_attribute("data-cause", "answered")
    told = DeviceEvent.objects.filter(user=alice)
    assert not told.filter(state="error").exists()
    assert told.filter(sdk_event="incoming").count() == 3


def test_where_only_one_is_to_ring_the_newest_browser_is_the_phone_and_gives_it_back_when_it_is_gone(
    tab: Page, open_browser: OpenBrowser, fake_twilio: FakeTwilio, alice: User
) -> None:
    tab.clock.install()
    tab.goto("/phone/settings/")
    expect_here(tab)
    switch = tab.get_by_role("switch", name="Ring on one device only")
    switch.check()
    wait_until(tab, lambda: OneDevice.objects.filter(user=alice).exists(), "kept")
    expect(switch).to_be_checked()
    expect_here(tab)
    spare = open_tab(tab)

    # A newer browser: the first one's tabs both say where the phone is, and nothing rings there.
    other = open_browser()
    sign_in(other, alice.email)
    expect_here(other)
    for page in (tab, spare):
        expect(page.get_by_text(re.compile("The phone is in Chrome on Linux, since"))).to_be_visible(
            timeout=SOON
        )
        expect(button(page, "Call")).to_be_disabled()
    expect_devices(fake_twilio, tab, 1)
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    button(other, "Answer").click()
    expect(button(other, "Hang up")).to_be_visible()

    # Taken back during the call, which goes on where its sound is; what rings next rings here.
    button(spare, "Use it here").click()
    expect_here(spare)
    expect_spare(tab)
    expect(other.get_by_text("This call stays here until it is over.")).to_be_visible()
    button(other, "Hang up").click()
    expect(phone_status(other)).to_contain_text("in Chrome on Linux", timeout=SOON)
    expect_devices(fake_twilio, tab, 1)

    # Given to the other again, which then goes: whoever has given it up finds out, and has it back.
    button(other, "Use it here").click()
    expect_here(other)
    expect(phone_status(spare)).to_contain_text("in Chrome on Linux", timeout=SOON)
    spare.close()
    expect(phone_status(tab)).to_contain_text("in Chrome on Linux", timeout=SOON)
    other.close()
    gone = DevicePresence.objects.filter(page_session=OneDevice.objects.get().page_session)
    wait_until(tab, lambda: gone.exclude(disconnected_at=None).exists(), "gone")
    gone.update(disconnected_at=timezone.now() - timedelta(seconds=20))
    tab.clock.fast_forward(21_000)
    expect_here(tab)
    expect_devices(fake_twilio, tab, 1)
    assert not DeviceEvent.objects.filter(user=alice, state="error").exists()


def test_a_tab_that_the_browser_freezes_is_followed_by_another_and_what_befell_it_is_told(
    tab: Page, fake_twilio: FakeTwilio, alice: User
) -> None:
    spare = open_tab(tab)
    told = DeviceEvent.objects.filter(user=alice)
    # The browser's word alone: one without windows freezes none of its pages.
    tab.evaluate("document.dispatchEvent(new Event('freeze'))")
    expect_here(spare)
    tab.evaluate("document.dispatchEvent(new Event('resume'))")
    expect_spare(tab)
    expect_devices(fake_twilio, spare, 1)
    wait_until(spare, lambda: told.filter(sdk_event="freeze", state="offline").count() == 1, "frozen")

    # The network goes and comes back; the machine sleeps: each is on record as what it was.
    spare.evaluate(LOSE_NETWORK_FOR_A_MOMENT)
    wait_until(spare, lambda: told.filter(message__startswith="The network is back, after").exists(), "back")
    expect_here(spare)
    button(tab, "Use it here").click()
    expect_here(tab)
    # A tab that closes in a call asks first; a spare does not.
    dial(tab, catalogue.ECHO_NUMBER)
    expect(button(spare, "Hang up")).to_be_visible()
    spare.close(run_before_unload=True)
    wait_until(tab, spare.is_closed, "closed without a question")
    asked: list[str] = []
    tab.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    tab.close(run_before_unload=True)
    wait_until(tab, lambda: asked == ["beforeunload"], "asked")
    expect(button(tab, "Hang up")).to_be_visible()
    assert not told.filter(state="error").exists()


LOSE_NETWORK_FOR_A_MOMENT = """() => {
  dispatchEvent(new Event("offline"));
  dispatchEvent(new Event("online"));
}"""


def crash(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Page.enable")
    with pytest.raises(Exception, match=r"crash|closed|detached"):
        page.goto("chrome://crash")
