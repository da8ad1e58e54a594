"""A tab that is frozen: its phone is called silent, callers are told, and so is its person on return."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.device.presence import DevicePresence
from phone.device.silences import DeviceSilence
from tests.browser.conftest import OpenPhone
from tests.browser.pages import button, connect, dial, expect_state, expect_verdict
from tests.fake_control import FakeTwilio


@dataclass
class Sleeper:
    """A phone whose renderer can be stopped: no script of it runs, its sockets stay open."""

    page: Page
    renderers: frozenset[int]

    def freeze(self) -> None:
        for process in self.renderers:
            os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        for process in self.renderers:
            os.kill(process, signal.SIGCONT)


def list_renderers(browser: Browser) -> frozenset[int]:
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return frozenset(process["id"] for process in processes if process["type"] == "renderer")


@pytest.fixture
def open_sleeper(browser: Browser, open_phone: OpenPhone) -> Iterator[Callable[[User], Sleeper]]:
    """Opens a phone in a renderer of its own; what is still frozen at the end is thawed."""
    sleepers: list[Sleeper] = []

    def open_one(user: User) -> Sleeper:
        others = list_renderers(browser)
        page = open_ready_phone(open_phone, user)
        sleepers.append(Sleeper(page, list_renderers(browser) - others))
        assert sleepers[-1].renderers
        return sleepers[-1]

    yield open_one
    for sleeper in sleepers:
        sleeper.thaw()


UNDER_WAY_SECONDS = 0.5
# As the page does by itself after a sleep of 40 s: it dials its socket anew as soon as it runs again.
REDIAL_ON_WAKING = """() => {
  let last = Date.now();
  setInterval(() => {
    if (Date.now() - last > 1000) dispatchEvent(new Event("online"));
    last = Date.now();
  }, 50);
}"""


def pass_time(user: User, seconds: float) -> None:
    """As if the frozen page of `user` had last been heard of that much earlier."""
    page = DevicePresence.objects.get(user=user)
    while True:
        # A word that had left before it was frozen may still arrive: only then is it silent.
        heard_at = page.last_alive_at
        time.sleep(UNDER_WAY_SECONDS)
        page.refresh_from_db()
        if page.last_alive_at == heard_at:
            break
    page.last_alive_at -= timedelta(seconds=seconds)
    page.save(update_fields=["last_alive_at"])


def open_ready_phone(open_phone: OpenPhone, user: User) -> Page:
    connect(user)
    page = open_phone(user)
    expect_state(page, "ready")
    wait_until_known(page, user)
    return page


def wait_until_known(page: Page, user: User) -> None:
    """Until the server has heard that the page is ready: what is frozen before cannot tell it."""
    for _ in range(100):
        if DevicePresence.objects.filter(user=user, state="ready").exists():
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page did not say that it is ready")


def test_a_frozen_phone_is_marked_its_caller_told_and_its_person_on_return(
    open_phone: OpenPhone, open_sleeper: Callable[[User], Sleeper], alice: User, bob: User
) -> None:
    alices_phone, sleeper = open_ready_phone(open_phone, alice), open_sleeper(bob)
    bobs_phone = sleeper.page
    sleeper.freeze()
    pass_time(bob, 200)

    dial(alices_phone, "bob")
    expect(button(alices_phone, "Hang up")).to_be_visible()
    expect(button(alices_phone, "Hang up")).to_be_hidden(timeout=20_000)
    missed = Call.objects.get()
    assert (missed.status, missed.to_address) == ("no-answer", f"client:{bob.identity}")
    silence = DeviceSilence.objects.get()
    assert (silence.user, silence.ended_at) == (bob, None)

    sleeper.thaw()
    card = expect_verdict(bobs_phone, "device_silent", timeout=30_000)
    expect(card).to_contain_text("1 call found nobody")
    expect_state(bobs_phone, "ready")
    expect(card).to_be_visible()
    expect_ended(bobs_phone, silence)

    button(bobs_phone, "Dismiss").click()
    expect(card).to_be_hidden()
    dial(alices_phone, "bob")
    expect(button(bobs_phone, "Answer")).to_be_visible()


def expect_ended(page: Page, silence: DeviceSilence) -> None:
    """Once the page is heard of on the socket on which it was told, by its next heartbeat at the latest."""
    for _ in range(300):
        silence.refresh_from_db()
        if silence.ended_at is not None:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the silence did not end")


def test_a_phone_that_drops_its_socket_on_waking_is_told_all_the_same(
    open_phone: OpenPhone, open_sleeper: Callable[[User], Sleeper], alice: User, bob: User
) -> None:
    alices_phone, sleeper = open_ready_phone(open_phone, alice), open_sleeper(bob)
    sleeper.page.evaluate(REDIAL_ON_WAKING)
    sleeper.freeze()
    pass_time(bob, 200)
    dial(alices_phone, "bob")
    expect(button(alices_phone, "Hang up")).to_be_visible()
    expect(button(alices_phone, "Hang up")).to_be_hidden(timeout=20_000)

    sleeper.thaw()
    expect_verdict(sleeper.page, "device_silent", timeout=30_000)
    expect_state(sleeper.page, "ready")
    expect_verdict(sleeper.page, "device_silent")
    expect_ended(sleeper.page, DeviceSilence.objects.get())


def test_a_call_from_outside_rings_the_other_person_when_one_phone_is_frozen(
    open_phone: OpenPhone,
    open_sleeper: Callable[[User], Sleeper],
    alice: User,
    bob: User,
    fake_twilio: FakeTwilio,
) -> None:
    alices_phone, sleeper = open_ready_phone(open_phone, alice), open_sleeper(bob)
    sleeper.freeze()
    pass_time(bob, 46)
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    expect(button(alices_phone, "Answer")).to_be_visible()
    assert DeviceSilence.objects.get().user == bob
