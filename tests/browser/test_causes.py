"""Why a call is over, as a person reads it: by `data-cause`, in words, with the one thing to do."""

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from fake_twilio import catalogue
from phone.calls.call import Call
from tests.browser.conftest import OpenBrowser, OpenPhone, sign_in
from tests.browser.pages import button, connect, dial, do_apart, expect_state, expect_verdict
from tests.calling_limits import allow_calls
from tests.conftest import signed_in
from tests.fake_control import FakeTwilio
from tests.tasks import run_tasks

WITHIN = 10_000
REFUSE_MICROPHONE = """
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
"""


def expect_cause(page: Page, slug: str, words: str) -> Locator:
    note = page.locator(f'[data-cause="{slug}"]')
    expect(note).to_be_visible(timeout=WITHIN)
    expect(note).to_contain_text(words)
    return note


@pytest.fixture
def phone(open_phone: OpenPhone, alice: User) -> Page:
    connect(alice)
    page = open_phone(alice)
    expect_state(page, "ready")
    return page


def test_each_call_says_why_it_is_over_and_the_next_one_says_its_own(phone: Page, alice: User) -> None:
    dial(phone, catalogue.BUSY_NUMBER)
    expect_cause(phone, "busy", "The line is busy. Try again in a few minutes.")
    dial(phone, catalogue.DECLINING_NUMBER)
    expect_cause(phone, "declined", "They declined the call.")
    dial(phone, catalogue.UNREACHABLE_NUMBER)
    expect_cause(phone, "no_answer", "They cannot be reached just now")
    dial(phone, catalogue.UNANSWERED_NUMBER)
    expect(phone.get_by_text("Ringing…")).to_be_visible()
    button(phone, "Hang up").click()
    expect_cause(phone, "canceled", "You hung up before there was an answer.")
    dial(phone, catalogue.HASTY_NUMBER)
    expect_cause(phone, "answered", "They hung up.")
    dial(phone, "911")
    expect_cause(phone, "refused_here", "This phone cannot make emergency calls.")
    causes = list(Call.objects.order_by("started_at").values_list("cause", flat=True))
    assert causes == ["busy", "declined", "no_answer", "canceled", "answered"]


def test_a_country_that_is_not_allowed_is_named_with_the_page_at_twilio(phone: Page, alice: User) -> None:
    dial(phone, catalogue.GEO_BLOCKED_NUMBER)
    expect_cause(phone, "country_not_allowed", "Your company does not allow calls to Cuba.")
    do_apart(lambda: allow_calls(TwilioAccount.objects.get(credentials__user=alice)))
    dial(phone, catalogue.GEO_BLOCKED_NUMBER)
    expect(button(phone, "Hang up")).to_be_visible()
    expect(button(phone, "Hang up")).to_be_hidden(timeout=WITHIN)
    # The worker asks Twilio meanwhile.
    run_tasks()
    note = expect_cause(phone, "country_not_allowed", "Calls to Cuba are not switched on")
    link = note.get_by_role("link", name="Geographic permissions in Twilio's console")
    expect(link).to_have_attribute(
        "href", "https://console.twilio.com/us1/develop/voice/settings/geo-permissions"
    )


def test_a_phone_without_a_twiml_app_offers_no_call_and_says_why(open_phone: OpenPhone, alice: User) -> None:
    connect(alice)
    TwilioCredentials.objects.filter(user=alice).update(twiml_app_sid="")
    page = open_phone(alice)
    expect_state(page, "ready")
    expect_cause(page, "twiml_app_missing", "This phone can be called, but cannot call")
    page.get_by_label("Number or name").fill(catalogue.ECHO_NUMBER)
    expect(button(page, "Call")).to_be_disabled()


def test_a_refused_microphone_is_the_cause_beside_its_verdict(open_browser: OpenBrowser, alice: User) -> None:
    connect(alice)
    page = open_browser()
    page.add_init_script(REFUSE_MICROPHONE)
    sign_in(page, alice.email)
    expect_state(page, "ready")
    dial(page, catalogue.ECHO_NUMBER)
    expect_cause(
        page, "microphone_denied", "this browser does not allow it. Click the icon left of the address"
    )
    expect_verdict(page, "microphone_denied")
    # Twilio never heard of it, and it is among the person's calls all the same.
    page.get_by_role("link", name="Recents").click()
    expect(page.locator('[data-call][data-cause="microphone_denied"]')).to_have_count(1)


def test_a_call_that_a_colleague_took_was_answered_elsewhere_and_one_that_nobody_took_was_missed(
    phone: Page, open_phone: OpenPhone, alice: User, bob: User, fake_twilio: FakeTwilio
) -> None:
    connect(bob)
    bobs = open_phone(bob)
    expect_state(bobs, "ready")
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER, hang_up_after=1)
    expect(button(phone, "Answer")).to_be_visible()
    button(bobs, "Answer").click()
    expect_cause(phone, "answered_elsewhere", "Answered by Bob.")
    expect_cause(bobs, "answered", "hung up.")
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER, give_up_after=1)
    expect(button(phone, "Answer")).to_be_visible()
    for page in (phone, bobs):
        expect_cause(page, "missed", "stopped ringing before you answered.")
    sids = Call.objects.order_by("-started_at").values_list("call_sid", flat=True)
    for person in (alice, bob):
        assert signed_in(person).get(f"/phone/calls/{sids[0]}/ending/").json()["cause"] == "missed"
