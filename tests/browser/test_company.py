"""A company in two browsers: its owner invites, the member calls, and the owner takes the phone away."""

import re

from django.core import mail
from playwright.sync_api import Locator, Page, expect

from accounts.people import User
from accounts.twilio.credentials import get_connection
from fake_twilio import catalogue
from tests.browser.conftest import OpenBrowser, OpenPhone
from tests.browser.looks import look
from tests.browser.pages import (
    READY_MILLISECONDS,
    button,
    connect,
    dial,
    do_apart,
    expect_state,
    fill_credentials,
)
from tests.tasks import run_tasks

NEW = "new.receptionist@example.com"


def read_link() -> str:
    do_apart(run_tasks)
    found = re.search(r"https?://[^/\s]+(/accounts/people/join/[\w-]+/)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def invite(page: Page) -> str:
    """From the phone, by the links that somebody would look for; the link of the letter."""
    page.get_by_role("link", name="Colleagues").click()
    page.get_by_role("link", name="People").click()
    page.get_by_label("E-mail address").fill(NEW)
    button(page, "Invite").click()
    expect(page.locator(f"[data-invitation='{NEW}']")).to_be_visible()
    return read_link()


def test_an_owner_invites_a_member_who_calls_and_takes_the_phone_away_in_the_call(
    open_browser: OpenBrowser, open_phone: OpenPhone, alice: User
) -> None:
    connect(alice)
    owner = open_phone(alice)
    expect_state(owner, "ready")
    link = invite(owner)

    member = open_browser()
    member.goto(link)
    look(member, "an invitation")
    member.get_by_label("Password", exact=True).fill("enough-for-a-phone")
    member.get_by_label("Password (again)").fill("enough-for-a-phone")
    button(member, "Sign up").click()
    expect_state(member, "ready")
    expect(member.locator("[data-part='colleagues']")).to_contain_text("Alice")

    dial(member, "Alice")
    button(owner, "Answer").click()
    for page in (owner, member):
        expect(page.locator("[data-call-state='open']")).to_be_visible(timeout=READY_MILLISECONDS)

    # The phone goes on while its pane is another one.
    owner.get_by_role("link", name="Colleagues").click()
    owner.get_by_role("link", name="People").click()
    line = owner.locator(f"[data-member='{NEW}']")
    expect(line).to_contain_text("In a call")
    line.get_by_text("may do").click()
    line.get_by_text("Hand over, or take away").click()
    line.get_by_role("button", name="Take the phone").click()

    # In the middle of the call: the page has no phone, says why, and the other side is told that it is over.
    expect(member.locator("[data-departure='taken_away']")).to_contain_text("Alice, who has taken it away")
    expect(owner.locator("[data-call-state='open']")).to_have_count(0)
    expect(owner.locator(f"[data-member='{NEW}']")).to_have_count(0)
    assert do_apart(lambda: get_connection(User.objects.get(email=NEW))) is None


def test_two_who_proved_one_account_are_colleagues_until_one_refuses_and_neither_acts_for_the_other(
    open_phone: OpenPhone, alice: User, bob: User
) -> None:
    connect(alice)
    hers = open_phone(alice)
    expect_state(hers, "ready")
    hers.get_by_role("link", name="Colleagues").click()
    hers.get_by_role("link", name="People").click()
    his = open_phone(bob)
    fill_credentials(
        his,
        account_sid=catalogue.account_sid(catalogue.DEMO),
        auth_token=catalogue.auth_token(catalogue.DEMO),
    )
    button(his, "Connect").click()
    # The second is told whose it is, and has a phone all the same; the first sees on an open page who asks.
    expect(his.get_by_role("heading", name="This Twilio account has an owner")).to_be_visible()
    expect(button(hers, "Accept Bob")).to_be_visible()
    letters = do_apart(lambda: (run_tasks(), list(mail.outbox))[1])
    assert [(one.to, one.subject) for one in letters] == [([alice.email], "Bob asks to join your company")]

    his.goto("/")
    expect_state(his, "ready")
    dial(his, "Alice")
    button(hers, "Answer").click()
    expect(his.locator("[data-call-state='open']")).to_be_visible(timeout=READY_MILLISECONDS)
    button(his, "Hang up").click()
    expect(hers.locator("[data-call-state='open']")).to_have_count(0)

    # He sees who is there, and decides nothing.
    his.get_by_role("link", name="Colleagues").click()
    his.get_by_role("link", name="People").click()
    expect(his.locator("[data-member='alice@example.com']")).to_contain_text("Owner")
    for name in ("Invite", "Accept", "Refuse", "Take the phone", "Make them the owner"):
        expect(his.locator("#pane").get_by_role("button", name=name)).to_have_count(0)
    # Nor does she see anything of his credentials.
    hers_shown = hers.locator("#pane").inner_html()
    assert catalogue.auth_token(catalogue.DEMO) not in hers_shown

    his.goto("/")
    expect(colleagues(his).filter(has_text="Alice")).to_be_visible()
    expect_state(his, "ready")
    button(hers, "Refuse Bob").click()
    # Refused: nobody's colleague, at once and without being opened anew; their own credentials go on calling.
    expect(colleagues(his)).to_have_count(0)
    expect(hers.locator("[data-member='bob@example.com']")).to_have_count(0)
    expect_state(his, "ready")
    dial(his, "Alice")
    expect(his.locator("[data-cause='invalid_number']").first).to_be_visible()
    dial(his, catalogue.ECHO_NUMBER)
    expect(his.locator("[data-call-state='open']")).to_be_visible(timeout=READY_MILLISECONDS)
    button(his, "Hang up").click()

    button(hers, "Take in again: bob@example.com").click()
    expect(colleagues(his).filter(has_text="Alice")).to_be_visible()
    expect(hers.locator("[data-member='bob@example.com']")).to_be_visible()


def colleagues(page: Page) -> Locator:
    return page.locator("#pane [data-part='colleagues'] button")


def test_the_people_of_a_company_in_every_window(open_phone: OpenPhone, alice: User, bob: User) -> None:
    connect(alice)
    connect(bob)
    page = open_phone(alice)
    page.goto("/accounts/people/")
    button(page, "Accept Bob").click()
    expect(button(page, "Accept Bob")).to_be_hidden()
    invite(page)
    for summary in page.locator(".people-more > summary").all():
        summary.click()
    look(page, "people")
    page.goto("/accounts/me/")
    look(page, "own data")
