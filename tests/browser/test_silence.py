"""A tab that is frozen: its phone is called silent, callers are told, and so is its person on return."""

from datetime import timedelta

from django.db import models
from playwright.sync_api import Page, expect

from accounts.people import User
from fake_twilio import catalogue
from phone.calls.call import Call
from phone.device.presence import DevicePresence
from phone.device.silences import DeviceSilence
from tests.browser.conftest import OpenPhone
from tests.browser.pages import button, connect, dial, expect_state, expect_verdict
from tests.fake_control import FakeTwilio


def freeze(page: Page) -> None:
    """As a browser does with a tab that nobody looks at: no script of it runs, its sockets stay open."""
    page.context.new_cdp_session(page).send("Page.setWebLifecycleState", {"state": "frozen"})


def thaw(page: Page) -> None:
    page.context.new_cdp_session(page).send("Page.setWebLifecycleState", {"state": "active"})


def pass_time(user: User, seconds: float) -> None:
    """As if the pages of `user` had last been heard of that much earlier."""
    pages = DevicePresence.objects.filter(user=user)
    pages.update(last_alive_at=models.F("last_alive_at") - timedelta(seconds=seconds))


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
    open_phone: OpenPhone, alice: User, bob: User
) -> None:
    alices_phone, bobs_phone = (open_ready_phone(open_phone, person) for person in (alice, bob))
    freeze(bobs_phone)
    pass_time(bob, 200)

    dial(alices_phone, "bob")
    expect(button(alices_phone, "Hang up")).to_be_visible()
    expect(button(alices_phone, "Hang up")).to_be_hidden(timeout=20_000)
    missed = Call.objects.get()
    assert (missed.status, missed.to_address) == ("no-answer", f"client:{bob.identity}")
    silence = DeviceSilence.objects.get()
    assert (silence.user, silence.ended_at) == (bob, None)

    thaw(bobs_phone)
    card = expect_verdict(bobs_phone, "device_silent", timeout=30_000)
    expect(card).to_contain_text("1 call found nobody")
    expect_state(bobs_phone, "ready")
    expect(card).to_be_visible()
    silence.refresh_from_db()
    assert silence.ended_at is not None

    button(bobs_phone, "Dismiss").click()
    expect(card).to_be_hidden()
    dial(alices_phone, "bob")
    expect(button(bobs_phone, "Answer")).to_be_visible()


def test_a_call_from_outside_rings_the_other_person_when_one_phone_is_frozen(
    open_phone: OpenPhone, alice: User, bob: User, fake_twilio: FakeTwilio
) -> None:
    alices_phone, bobs_phone = (open_ready_phone(open_phone, person) for person in (alice, bob))
    freeze(bobs_phone)
    pass_time(bob, 46)
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    expect(button(alices_phone, "Answer")).to_be_visible()
    assert DeviceSilence.objects.get().user == bob
