"""The doctor's list as it fills in, and a rotated secret swapped in beside a phone with a call under way."""

import re

from playwright.sync_api import Page, expect

from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials
from fake_twilio import catalogue
from phone.doctor.findings import LABELS
from tests.browser.conftest import OpenPhone
from tests.browser.pages import button, connect, dial, expect_state, expect_verdict
from tests.browser.sound import remember_peer_connections, wait_for_sound
from tests.fake_control import FakeTwilio

CONNECT_PAGE = "/accounts/twilio/"


def open_beside(page: Page) -> Page:
    """The connection's page in a second tab of the same browser."""
    beside = page.context.new_page()
    beside.goto(CONNECT_PAGE)
    return beside


def test_the_list_fills_in_line_by_line_and_the_phone_beside_it_stays_ready(
    open_phone: OpenPhone, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    phone = open_phone(alice)
    expect_state(phone, "ready")
    beside = open_beside(phone)
    fake_twilio.add_fault("slow", path="/IncomingPhoneNumbers")

    button(beside, "Check now").click()

    rows = beside.get_by_role("list", name="What is good").get_by_role("listitem")
    # The first lines are there while Twilio still takes its time over the numbers.
    expect(rows.first).to_contain_text("Format")
    summary = beside.get_by_text("All 14 checks are good.")
    expect(summary).to_be_hidden()
    expect(summary).to_be_visible(timeout=15_000)
    # All being good, one line says so, and what it stands for is folded under it.
    expect(rows).to_have_count(0)
    expect(beside.get_by_role("list", name="What was found")).to_be_hidden()
    summary.click()
    expect(rows).to_have_count(len(LABELS))
    for row, label in zip(rows.all(), LABELS.values(), strict=True):
        expect(row).to_contain_text(str(label))
        expect(row.locator(".badge")).to_have_text("Good")
    assert beside.url.endswith(CONNECT_PAGE)
    expect_state(phone, "ready")
    assert phone.get_by_role("alert").count() == 0


def test_a_rotated_auth_token_is_replaced_beside_a_call_and_neither_page_nor_call_is_lost(
    open_phone: OpenPhone, alice: User, fake_twilio: FakeTwilio
) -> None:
    credentials = connect(alice)
    phone = open_phone(alice)
    expect_state(phone, "ready")
    remember_peer_connections(phone)
    phone.reload()
    expect_state(phone, "ready")
    dial(phone, catalogue.ECHO_NUMBER)
    wait_for_sound(phone)
    phone.evaluate("window.isTheSamePage = true")
    beside = open_beside(phone)
    account_sid = catalogue.account_sid(catalogue.DEMO)
    rotated = fake_twilio.change_account(account_sid, auth_token="new")["auth_token"]

    button(beside, "Check now").click()
    rows = beside.get_by_role("list", name="What was found").get_by_role("listitem")
    # What is bad is open, and alone: the good ones are folded.
    bad = rows.filter(has_text=str(LABELS["auth_token"])).filter(has=beside.locator(".badge-bad"))
    expect(bad).to_be_visible()
    expect(beside.get_by_text(re.compile(r"^\d+ checks are good\.$"))).to_be_visible()
    expect(beside.get_by_role("list", name="What is good")).to_be_hidden()
    expect_verdict(phone, "wrong_auth_token")
    expect(button(phone, "Hang up")).to_be_visible()

    beside.get_by_role("link", name="Put it right").click()
    expect_verdict(beside, "wrong_auth_token")
    beside.get_by_label("Auth Token", exact=True).fill(rotated)
    button(beside, "Connect").click()
    expect_verdict(beside, "ok")

    assert wait_for_sound(phone)["energy_in"] > 0
    expect(button(phone, "Hang up")).to_be_visible()
    button(phone, "Hang up").click()
    expect_state(phone, "ready")
    expect(phone.locator('[data-verdict="wrong_auth_token"]')).to_be_hidden()
    assert phone.evaluate("window.isTheSamePage") is True
    stored = TwilioCredentials.objects.get()
    assert stored.auth_token.reveal() == rotated and stored.api_key_sid == credentials.api_key_sid
    assert rotated not in beside.content() + phone.content()
