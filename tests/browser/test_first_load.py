"""What a phone loads before it is ready, and what has its turn after that."""

import re

import pytest
from playwright.sync_api import expect

from accounts.people import User
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.pages import connect
from tests.integration.dognbone.test_static_files import PAGE_AT_MOST

# Which files had been asked for when the page first said that it is ready.
LIST_AT_READY = """
new MutationObserver((_, watch) => {
  if (!document.querySelector('[data-part="status"][data-state="ready"]')) return;
  window.askedForByThen = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
  watch.disconnect();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
# The last is for a stand-in on this machine alone.
NEEDED = {
    *("phone/page/early.js", "twilio-voice-sdk/twilio.min.js"),
    *("bundles/phone.js", "bundles/phone.css", "bundles/site.css"),
}
LOCAL = "phone/device/local-signalling.js"
AFTERWARDS = ("htmx/htmx.min.js", "libphonenumber-js/libphonenumber-max.js", "phone/sounds/incoming.wav")


@pytest.mark.parametrize(("locale", "texts"), [("en-GB", set()), ("de-DE", {"texts/de.js"})])
def test_only_what_makes_it_a_phone_is_loaded_before_it_is_ready(
    open_browser: OpenBrowser, alice: User, locale: str, texts: set[str]
) -> None:
    connect(alice)
    page = open_browser(locale=locale)
    page.add_init_script(LIST_AT_READY)
    sign_in(page, alice.email)
    expect(page.locator("[data-part=status]")).to_have_attribute("data-state", "ready", timeout=20_000)
    asked = page.evaluate("window.askedForByThen")
    names = {re.sub(r"^/static/", "", re.sub(r"\.[0-9a-f]{12}\.", ".", path)) for path in asked}
    assert names - {LOCAL} == NEEDED | texts
    [itself] = page.evaluate("performance.getEntriesByType('navigation').map((one) => one.encodedBodySize)")
    assert itself <= PAGE_AT_MOST
    for name in AFTERWARDS:
        stem, _, ending = name.rpartition(".")
        page.wait_for_function(
            """([stem, ending]) => performance.getEntriesByType("resource")
              .some(({ name }) => name.includes(stem) && name.endsWith(ending))""",
            arg=[stem, ending],
        )
    expect(page.locator("script[src*=htmx]")).to_be_attached()
