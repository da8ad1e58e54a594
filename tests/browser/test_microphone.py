"""What a person reads while there is no microphone: a question that is open, and why there is none."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.people import User
from fake_twilio import catalogue
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import button, connect, dial, expect_state, expect_verdict
from tests.conftest import signed_in
from tests.fake_control import FakeTwilio

# The browser's question, which a headless browser cannot show, stays open until `answerQuestion` is called.
LEAVE_QUESTION_OPEN = """
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) =>
    new Promise((resolve, reject) => (window.answerQuestion = () => ask(wanted).then(resolve, reject)));
  navigator.permissions.query = async () => ({ state: "prompt" });
"""
FAIL = """
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "{name}"));
"""
ASKING = "Your browser is asking for the microphone: allow it."


def open_phone(open_browser: OpenBrowser, user: User, script: str) -> Page:
    connect(user)
    page = open_browser()
    page.add_init_script(script)
    sign_in(page, user.email)
    expect_state(page, "ready")
    return page


def test_a_call_that_waits_for_the_persons_permission_says_so_and_goes_on_once_it_is_given(
    open_browser: OpenBrowser, alice: User
) -> None:
    page = open_phone(open_browser, alice, LEAVE_QUESTION_OPEN)
    dial(page, catalogue.ECHO_NUMBER)
    expect(page.get_by_text(ASKING)).to_be_visible()
    expect(page.get_by_text("Connecting…")).to_be_hidden()
    page.evaluate("answerQuestion()")
    expect(button(page, "Mute")).to_be_visible()
    expect(page.get_by_text(ASKING)).to_be_hidden()


def test_an_answer_that_waits_for_the_persons_permission_says_so(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    page = open_phone(open_browser, alice, LEAVE_QUESTION_OPEN)
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    button(page, "Answer").click()
    expect(page.get_by_text(ASKING)).to_be_visible()
    page.evaluate("answerQuestion()")
    expect(button(page, "Mute")).to_be_visible()
    expect(page.get_by_text(ASKING)).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "slug", "words"),
    [
        ("NotFoundError", "microphone_missing", "No microphone was found"),
        ("NotReadableError", "microphone_missing", "The microphone is in use"),
        ("NotAllowedError", "microphone_denied", "may not use the microphone"),
    ],
)
def test_why_there_is_no_microphone_is_said(
    name: str, slug: str, words: str, open_browser: OpenBrowser, alice: User
) -> None:
    page = open_phone(open_browser, alice, FAIL.replace("{name}", name))
    dial(page, catalogue.ECHO_NUMBER)
    expect(expect_verdict(page, slug)).to_contain_text(words)


def test_a_page_without_encryption_is_named_as_the_reason_that_there_is_no_microphone(
    browser: Browser, site: str, alice: User, settings: Any
) -> None:
    connect(alice)
    insecure = site.replace("localhost", "insecure.test")
    settings.ALLOWED_HOSTS = ["insecure.test"]
    settings.PUBLIC_URL = insecure
    settings.CSRF_TRUSTED_ORIGINS = [insecure]
    cookie = signed_in(alice).cookies[settings.SESSION_COOKIE_NAME]
    context = browser.new_context(base_url=insecure)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": insecure}])
    page = context.new_page()
    page.goto("/")
    assert not page.evaluate("isSecureContext")
    expect_state(page, "ready")
    expect(expect_verdict(page, "microphone_denied")).to_contain_text("This page is not secure")
    context.close()
