"""The phone on its machine: without a network, signed out, and closed while somebody calls."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, BrowserType, CDPSession, Page, Worker, expect

from accounts.people import User
from accounts.sign_ins.ending import end_sign_in
from fake_twilio import catalogue
from phone.device.presence import get_ringable
from phone.waking.subscriptions import PushSubscription
from phone.waking.vapid import make_vapid_key
from tests.browser.conftest import CHROMIUM_FLAGS, OpenBrowser, sign_in, sign_in_by_form
from tests.browser.pages import button, connect, do_apart, expect_state, fill_credentials
from tests.conftest import PASSWORD
from tests.fake_control import FakeTwilio
from tests.integration.answering.conftest import make_rules
from tests.machine import find_whole_chromium
from tests.push_service import PushedBrowser, PushService, run_push_service

NUMBER = catalogue.DEMO_NUMBER
LIST_KEPT = """async () => {
  const names = await caches.keys();
  const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys())));
  return kept.flat().map(({ url }) => new URL(url).pathname + new URL(url).search);
}"""
# With what the caches hold, and what a script can read of cookies.
READ_ALL_KEPT = """async () => {
  const bodies = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const one of await cache.keys()) bodies.push(one.url, await (await cache.match(one)).text());
  }
  const databases = (await indexedDB.databases()).map(({ name }) => name);
  return {
    stores: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, databases, history.state]),
    caches: bodies.join("\\n"), cookies: document.cookie, addresses: JSON.stringify(performance.getEntries()),
  };
}"""
LIST_NOTICES = """async () => {
  const notices = await self.registration.getNotifications();
  return notices.map(({ title, tag }) => ({ title, tag }));
}"""
# But for what only a stand-in for Twilio needs.
LIST_SCRIPTS = """() => [...document.scripts]
  .filter(({ src }) => src && !src.includes("local-signalling")).map(({ src }) => new URL(src).pathname)"""
COUNT_WORKERS = "async () => (await navigator.serviceWorker.getRegistrations()).length"
# Chromium asks Google for a subscription, which is not to be had here; all that follows is real.
SUBSCRIBE = """({ subscription, endpoint }) => {
  let given = sessionStorage.given === "yes";
  const made = {
    endpoint, toJSON: () => subscription, unsubscribe: async () => { given = false; return true; },
  };
  PushManager.prototype.subscribe = async () => { given = true; sessionStorage.given = "yes"; return made; };
  PushManager.prototype.getSubscription = async () => (given ? made : null);
}"""


@pytest.fixture(scope="module")
def browser(browser_type: BrowserType) -> Iterator[Browser]:
    """Chromium whole: its shell shows no notices, and dies with a service worker that is taken away."""
    path = find_whole_chromium()
    if path is None:
        pytest.skip("Chromium itself is missing; its shell shows no notices.")
    browser = browser_type.launch(executable_path=path, args=CHROMIUM_FLAGS, headless=True)
    yield browser
    browser.close()


@pytest.fixture
def push_service(settings: Any) -> Iterator[PushService]:
    settings.VAPID_PRIVATE_KEY = make_vapid_key()
    with run_push_service() as service:
        yield service


def wait_for(page: Page, find: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (found := find()):
        assert time.monotonic() < deadline, "in vain"
        page.wait_for_timeout(100)
    return found


def wait_for_worker(page: Page) -> None:
    page.wait_for_function("() => navigator.serviceWorker.controller?.state === 'activated'")


def test_it_opens_without_a_network_says_so_and_keeps_nothing_of_anybody(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_browser(service_workers="allow", viewport={"width": 390, "height": 664})
    sign_in(page, alice.email)
    expect_state(page, "ready")
    wait_for_worker(page)

    # Panes, and what they hold, go by the worker.
    page.get_by_role("link", name="Recents", exact=True).click()
    expect(page.get_by_role("heading", name="Recents", exact=True)).to_be_visible()
    kept = page.evaluate(LIST_KEPT)
    scripts = page.evaluate(LIST_SCRIPTS)
    assert len(scripts) > 2
    assert set(scripts) <= set(kept)
    offline = ["/offline/?language=en", "/offline/?language=de"]
    assert [one for one in kept if not one.startswith("/static/")] == offline

    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    look = page.evaluate("getComputedStyle(document.querySelector('.button')).backgroundColor")
    assert look == "rgb(20, 73, 58)"
    button(page, "Try now").click()
    expect(page.get_by_text("Still no answer.")).to_be_visible()
    page.context.set_offline(False)
    # Nobody has clicked anything.
    expect_state(page, "ready")
    expect(page.get_by_role("heading", name="Recents", exact=True)).to_be_visible()

    button(page, "Sign out").click()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    wait_for(page, lambda: page.evaluate(COUNT_WORKERS) == 0)
    assert page.evaluate(LIST_KEPT) == []


def test_signed_out_elsewhere_it_goes_as_well_and_comes_anew(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_browser(service_workers="allow")
    for _ in range(2):
        sign_in(page, alice.email)
        wait_for_worker(page)
        assert "/offline/?language=en" in page.evaluate(LIST_KEPT)
        # It sees nothing of that.
        do_apart(lambda: end_sign_in(UserSession.objects.get(user=alice)))
        expect(page.get_by_label("Password", exact=True)).to_be_visible()
        wait_for(page, lambda: page.evaluate(COUNT_WORKERS) == 0)
        assert page.evaluate(LIST_KEPT) == []


def test_no_secret_is_left_in_a_browser(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    """In no store or cache, nor on any page; a token lives in the memory of the page that is the phone."""
    auth_token = catalogue.auth_token(catalogue.DEMO)
    page = open_browser(service_workers="allow")
    sign_in_by_form(page, alice.email)
    page.goto("/accounts/twilio/")
    fill_credentials(page, account_sid=catalogue.account_sid(catalogue.DEMO), auth_token=auth_token)
    button(page, "Connect").click()
    expect(page.get_by_text("Connected", exact=False).first).to_be_visible()
    opened = page.goto("/")
    assert opened is not None
    (token,) = re.findall(r'"token": "([^"]+)"', opened.text())
    expect_state(page, "ready")
    wait_for_worker(page)
    page.get_by_role("link", name="Twilio", exact=True).click()
    expect(page.get_by_role("heading", name="Your Twilio account")).to_be_visible()
    session = next(one for one in page.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
    kept = {**page.evaluate(READ_ALL_KEPT), "markup": page.content()}
    assert "last-page-session" in kept["stores"] and len(kept["caches"]) > 10_000
    secrets = {"password": PASSWORD, "Auth Token": auth_token, "session": str(session["value"])}
    secrets |= {"token": token, "what it says": token.split(".")[1]}
    found = {(name, place) for name, secret in secrets.items() for place in kept if secret in kept[place]}
    assert found == set()


def test_without_a_network_it_speaks_as_its_person_has_chosen(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    alice.language = "de"
    alice.save()
    # Of a browser that asks for English.
    page = open_browser(service_workers="allow", locale="en-GB", viewport={"width": 320, "height": 640})
    sign_in(page, alice.email)
    wait_for_worker(page)
    page.reload()
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="Sie sind offline")).to_be_visible()
    assert not page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
    button(page, "Jetzt versuchen").click()
    expect(page.get_by_text("Noch keine Antwort.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="Anrufen", exact=True)).to_be_visible()


def test_a_call_wakes_a_browser_whose_phone_is_closed(
    open_browser: OpenBrowser, bob: User, fake_twilio: FakeTwilio, push_service: PushService
) -> None:
    account = connect(bob).account
    make_rules(account, bob)
    browser = PushedBrowser("bobs")
    page = open_browser(service_workers="allow", permissions=["microphone", "notifications"])
    told = {"subscription": browser.subscription(), "endpoint": browser.endpoint}
    page.add_init_script(f"({SUBSCRIBE})({json.dumps(told)})")
    sign_in(page, bob.email)
    expect_state(page, "ready")
    wait_for_worker(page)

    page.get_by_role("link", name="Settings", exact=True).click()
    button(page, "Open telephone links here").click()
    expect(page.get_by_text("The browser has been asked.")).to_be_visible()
    page.get_by_role("switch", name="Wake this browser for calls").click()
    expect(page.get_by_text("A call wakes this browser from now on.")).to_be_visible()
    assert PushSubscription.objects.get().user == bob

    device = Machine(page.context, page)
    page.goto("about:blank")
    wait_for(page, lambda: not get_ringable_of(bob))
    call_sid = str(fake_twilio.control("POST", "incoming", to=NUMBER)["call_sid"])
    [rings] = wait_for(page, lambda: push_service.list_told(browser))
    device.deliver(rings)
    [notice] = wait_for(page, device.list_notices)
    assert (notice["title"], notice["tag"]) == (rings["title"], call_sid)

    page.goto("/")
    expect_state(page, "ready")
    answer = page.get_by_role("button", name="Answer", exact=True)
    answer.click(timeout=20_000)
    expect(button(page, "Hang up")).to_be_visible()
    # The page has taken the call over from its notice.
    wait_for(page, lambda: not device.list_notices())
    over = wait_for(page, lambda: push_service.list_told(browser)[1:])[0]
    assert (over["kind"], over["body"]) == ("over", "By you.")
    button(page, "Hang up").click()

    page.get_by_role("link", name="Settings", exact=True).click()
    wake = page.get_by_role("switch", name="Wake this browser for calls")
    expect(wake).to_be_checked()
    wake.click()
    expect(page.get_by_text("No call wakes this browser any more.")).to_be_visible()
    assert not PushSubscription.objects.exists()


def get_ringable_of(person: User) -> bool:
    return get_ringable(timezone.now()).filter(user=person).exists()


class Machine:
    """What a push service and the system do with a browser: hand a message over, show notices."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.session: CDPSession = context.new_cdp_session(page)
        self.registration = ""
        self.session.on("ServiceWorker.workerRegistrationUpdated", self.note)
        self.session.send("ServiceWorker.enable")
        self.origin = page.evaluate("location.origin")

    def note(self, told: dict[str, Any]) -> None:
        for one in told["registrations"]:
            self.registration = one["registrationId"]

    def deliver(self, told: dict[str, Any]) -> None:
        params = {"origin": self.origin, "registrationId": self.registration, "data": json.dumps(told)}
        self.session.send("ServiceWorker.deliverPushMessage", params)

    @property
    def worker(self) -> Worker:
        return self.context.service_workers[-1]

    def list_notices(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.worker.evaluate(LIST_NOTICES)
        return found
