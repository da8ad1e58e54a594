"""The phone in German: its words are longer, and have room in every window all the same."""

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
from tests.browser.looks import find_faults, look
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


def test_every_pane_has_room_for_german_words(open_browser: OpenBrowser, alice: User, bob: User) -> None:
    connect(bob)
    connect(alice)
    account = alice.twilio_credentials.account
    # What calls tell pages waits for no loop, which Playwright keeps running in this thread.
    with ThreadPoolExecutor(max_workers=1) as thread:
        addresses = [*PANES, *thread.submit(fill, alice, account).result()]
    assert RecentCall.objects.of(alice).count() == 4
    page = open_german(open_browser, alice)
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None and answer.ok, address
        assert find_faults(page) == [], address
        # The colours are those of the English ones.
        look(page, f"german {address.strip('/').replace('/', '-')}", rules=False)


def test_a_call_and_its_dialogs_have_room_for_german_words(
    open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = open_german(open_browser, alice)
    look(page, "german dialler", whole=True, rules=False)
    rung = str(fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)["call_sid"])
    expect(page.locator("[data-part='waiting-card']")).to_be_visible(timeout=20_000)
    look(page, "german answer", whole=True, rules=False)
    fake_twilio.control("DELETE", f"calls/{rung}")
    expect(page.locator("[data-part='waiting-card']")).to_have_count(0)
    # The longest of what stands above the button.
    page.locator("#to").fill(catalogue.WARY_NUMBER)
    page.locator("[data-part='call']").click()
    expect(page.locator("#to-notice[data-cause='caller_id_refused']")).to_be_visible(timeout=15_000)
    look(page, "german no call", whole=True, rules=False)
    page.locator("#to").fill(catalogue.ECHO_NUMBER)
    page.locator("[data-part='call']").click()
    talk = page.locator("[data-part='call-card']").first
    expect(talk).to_have_attribute("data-call-state", "open", timeout=20_000)
    expect(talk.locator("[data-part='transfer']")).to_be_visible()
    look(page, "german call", whole=True, rules=False)
    for part in ("transfer-dialog", "add-dialog", "keys-dialog"):
        page.evaluate("(part) => document.querySelector(`[data-part='${part}']`).showModal()", part)
        look(page, f"german {part}", rules=False)
        page.evaluate("(part) => document.querySelector(`[data-part='${part}']`).close()", part)
    # The round buttons are at their smallest above the keys.
    talk.locator("[data-part='keypad']").click()
    expect(page.locator(".keys")).to_be_visible()
    look(page, "german keypad", whole=True, rules=False)
    fake_twilio.control("POST", "incoming", to=catalogue.DEMO_NUMBER)
    expect(page.locator("[data-part='waiting-card']").last).to_be_visible(timeout=20_000)
    look(page, "german ringing", whole=True, rules=False)
