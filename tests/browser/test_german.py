"""The phone in German: its words are longer, and have room in every window all the same."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount
from fake_twilio import catalogue
from phone.contacts.blocked_callers import BlockedCaller
from phone.contacts.card import CardNumber, ContactCard, Kind
from phone.contacts.exchange.imports import ContactImport
from phone.contacts.exchange.problems import build_problem
from phone.contacts.keeping import keep_cards
from phone.recents.recent_call import RecentCall
from tests.browser.conftest import OpenBrowser, sign_in
from tests.browser.looks import SCROLLS_SIDEWAYS, find_faults
from tests.browser.pages import connect
from tests.fake_control import FakeTwilio
from tests.integration.recents.test_recents import make_call

PANES = (
    "/phone/recents/",
    "/phone/contacts/",
    "/phone/contacts/new/",
    "/phone/contacts/duplicates/",
    "/phone/contacts/import/",
    "/phone/voicemail/",
    "/phone/colleagues/",
    "/phone/settings/",
    "/phone/settings/blocked/",
)
WINDOWS = ((1440, 900), (768, 900), (390, 844), (320, 640))
# Texts that are cut off, or stand over the edge of what they are in; what is scrolled within a line is not.
FIND_CUT = """(inside) => {
  const scrolls = (one) => one && (["auto", "scroll"].includes(getComputedStyle(one).overflowX)
    || scrolls(one.parentElement));
  const isCut = (one) => {
    const { display, overflowX, textOverflow } = getComputedStyle(one);
    if (display === "inline" || textOverflow === "ellipsis" || one.clientWidth < 2) return false;
    return one.getBoundingClientRect().right > innerWidth + 1
      || (one.scrollWidth > one.clientWidth + 1 && (overflowX !== "visible" || one.matches("a, button, p")));
  };
  return [...document.querySelectorAll(`${inside} *`)]
    .filter((one) => one.checkVisibility() && !one.closest(".unseen, svg, select, textarea, input"))
    .filter((one) => !scrolls(one) && isCut(one))
    .map((one) => `${one.tagName} ${one.className}: ${one.textContent.trim().slice(0, 80)}`);
}"""


def fill(alice: User, account: TwilioAccount) -> list[str]:
    """What the panes have to show; the addresses of those that are about one of it."""
    for days, fields in ((0, {}), (1, {}), (9, {"from_address": "withheld"}), (400, {})):
        call = make_call(account, alice, started_at=timezone.now() - timedelta(days=days), **fields)
    BlockedCaller.objects.create(account=account, caller=catalogue.STRANGER_NUMBER, blocked_by=alice)
    cards = [
        ContactCard(
            "Adelheid Mustermann-Schönefeld",
            "Donaudampfschifffahrtsgesellschaft",
            numbers=(CardNumber("+442079460018", Kind.MAIN), CardNumber("+12025550147", Kind.OTHER)),
            emails=("adelheid@example.com",),
            note="Ruft gern zurück.",
        ),
        ContactCard("Mustermann-Schönefeld, Adelheid", numbers=(CardNumber("+442079460018"),)),
    ]
    keep_cards(alice, account, cards, is_shared=False)
    keep_cards(alice, account, [ContactCard("Zoë")], is_shared=True)
    asked = ContactImport.objects.create(
        user=alice,
        account=account,
        file_name="adressen-der-firma.csv",
        is_shared=True,
        done=1300,
        added=1234,
        known=12,
        left_out=2,
        noted=3,
        problem_count=2,
        problems=[
            [7, "Adelheid", build_problem("shortened", seen="4,9E+11").as_json()],
            [1022, "", build_problem("unclosed").as_json()],
        ],
        ended_at=timezone.now(),
    )
    contact = alice.contacts.order_by("sort_name")[0]
    number = account.phone_numbers.filter(kind="owned").first()
    return [
        f"/phone/calls/{call.pk}/",
        f"/phone/contacts/{contact.pk}/",
        f"/phone/contacts/imports/{asked.pk}/",
        *([f"/phone/settings/numbers/{number.pk}/"] if number else []),
    ]


def open_german(open_browser: OpenBrowser, user: User) -> Page:
    page = open_browser(locale="de-DE")
    sign_in(page, user.email)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("[data-part='status']")).to_have_attribute("data-state", "ready", timeout=20_000)
    return page


def find_cut(page: Page, name: str, inside: str = "main") -> list[str]:
    """In each window; SHOTS names a folder for pictures of it, to be looked at."""
    found = []
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(100)
        where = f"{name}, {width} × {height}"
        if page.evaluate(SCROLLS_SIDEWAYS):
            found.append(f"{where}: scrolls sideways")
        found += [f"{where}: {one}" for one in page.evaluate(FIND_CUT, inside)]
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=f"{shots}/{name.strip('/').replace('/', '-')}-{width}.png", full_page=True)
    return found


def test_every_pane_has_room_for_german_words(open_browser: OpenBrowser, alice: User, bob: User) -> None:
    connect(bob)
    connect(alice)
    account = alice.twilio_credentials.account
    # What calls tell pages waits for no loop, which Playwright keeps running in this thread.
    with ThreadPoolExecutor(max_workers=1) as thread:
        addresses = [*PANES, *thread.submit(fill, alice, account).result()]
    assert RecentCall.objects.of(alice).count() == 4
    page = open_german(open_browser, alice)
    wrong = []
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None and answer.ok, address
        wrong += [f"{address}: {fault}" for fault in find_faults(page)]
        wrong += find_cut(page, address)
    assert wrong == [], "\n".join(wrong)


def test_a_call_and_its_dialogs_have_room_for_german_words(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_german(open_browser, alice)
    wrong = find_cut(page, "dialler")
    page.locator("#to").fill(catalogue.ECHO_NUMBER)
    page.locator("[data-part='call']").click()
    talk = page.locator("[data-part='call-card']").first
    expect(talk).to_have_attribute("data-call-state", "open", timeout=20_000)
    expect(talk.locator("[data-part='transfer']")).to_be_visible()
    wrong += find_cut(page, "call")
    for part in ("transfer-dialog", "add-dialog", "keys-dialog"):
        page.evaluate("(part) => document.querySelector(`[data-part='${part}']`).showModal()", part)
        wrong += find_cut(page, part, f"[data-part='{part}']")
        page.evaluate("(part) => document.querySelector(`[data-part='${part}']`).close()", part)
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    expect(page.locator("[data-part='waiting-card']").last).to_be_visible(timeout=20_000)
    wrong += find_cut(page, "ringing")
    assert wrong == [], "\n".join(wrong)
