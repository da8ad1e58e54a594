"""Every state of the phone, every pane and every page: whole in every window, and to be used by everybody."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from accounts.people import User
from accounts.push import send_to_group, user_group
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from accounts.verdicts.verdict import build_verdict
from fake_twilio import catalogue
from phone.calls.changes import tell_changed
from phone.contacts.blocking import block
from phone.contacts.contacts import Contact
from phone.contacts.keeping import keep_cards
from phone.recents.recent_call import RecentCall
from tests.browser.conftest import OpenBrowser, OpenPhone, sign_in
from tests.browser.frames import PlayedServer, build_party
from tests.browser.looks import WINDOWS, look
from tests.browser.pages import (
    button,
    connect,
    dial,
    do_apart,
    expect_state,
    expect_verdict,
    fill_credentials,
    phone_status,
)
from tests.browser.test_in_call import PLAIN, call_echo, find_calls, phone, server  # noqa: F401
from tests.fake_control import FakeTwilio
from tests.integration.contacts.book import build_card
from tests.integration.recordings.stock import make_call, make_message


def ring(fake: FakeTwilio) -> str:
    """A caller with the longest words on the card."""
    caller: dict[str, Any] = {"from": "+442079460958", "stir_verstat": "TN-Validation-Passed-B"}
    return str(fake.control("POST", "incoming", to=catalogue.DEMO_NUMBER, **caller)["call_sid"])


# How much of something has to be scrolled to.
HIDDEN_HEIGHT = "(one) => Math.max(0, one.scrollHeight - one.clientHeight - 1)"


def test_the_phone_is_whole_in_every_state(
    phone: Page,  # noqa: F811
    server: PlayedServer,  # noqa: F811
    fake_twilio: FakeTwilio,
    alice: User,
) -> None:
    look(phone, "idle", whole=True)
    field = phone.get_by_label("Number or name")
    field.fill("bo")
    expect(phone.get_by_role("list", name="Suggestions")).to_contain_text("Bob")
    look(phone, "a name is typed")
    field.fill("")
    phone.get_by_role("switch", name="Do not disturb").click()
    expect(phone.get_by_role("switch", name="Do not disturb")).to_be_checked()
    look(phone, "not to be disturbed", whole=True)
    phone.get_by_role("switch", name="Do not disturb").click()

    # However many words say why there is no call, the button below them stays.
    for number, cause in (("12", "invalid_number"), (catalogue.WARY_NUMBER, "caller_id_refused")):
        dial(phone, number)
        expect(phone.locator(f'#to-notice[data-cause="{cause}"]')).to_be_visible(timeout=15_000)
        expect(button(phone, "Call")).to_be_visible()
        look(phone, f"no call {cause}", whole=True)
    # And all of them can be read, where there is room for some.
    window = phone.viewport_size
    phone.set_viewport_size({"width": 320, "height": 568})
    notice, whole = phone.locator("#to-notice"), button(phone, "Show the whole notice")
    assert notice.evaluate(HIDDEN_HEIGHT) > 0
    whole.click()
    expect(whole).to_have_attribute("aria-expanded", "true")
    assert notice.evaluate(HIDDEN_HEIGHT) == 0
    whole.click()
    assert notice.evaluate(HIDDEN_HEIGHT) > 0
    if window:
        phone.set_viewport_size(window)
        expect(whole).to_be_hidden()

    dial(phone, catalogue.UNANSWERED_NUMBER)
    expect(find_calls(phone)).to_have_attribute("data-call-state", "ringing", timeout=15_000)
    look(phone, "it rings there", whole=True)
    button(phone, "Hang up").click()
    expect(button(phone, "Call")).to_be_visible()

    sid = ring(fake_twilio)
    expect(button(phone, "Answer")).to_be_visible()
    look(phone, "a call rings", whole=True)
    second = ring(fake_twilio)
    expect(button(phone, "Answer")).to_have_count(2)
    look(phone, "two calls ring", whole=True)
    for one in (second, sid):
        fake_twilio.control("DELETE", f"calls/{one}")
    expect(phone.locator("#to-notice")).to_contain_text("stopped ringing")
    look(phone, "it has stopped ringing", whole=True)

    echo = call_echo(phone, server)
    server.tell(echo, can=[*PLAIN, "record"], name="Carol Castellanos-Whitfield")
    expect(button(phone, "Hold")).to_be_enabled()
    # From the button that one is at, what is done most comes next.
    expect(button(phone, "Hang up")).to_be_focused()
    for name in ("Mute", "Hold"):
        phone.keyboard.press("Tab")
        expect(button(phone, name)).to_be_focused()
    button(phone, "Mute").click()
    look(phone, "muted in a call", whole=True)
    button(phone, "Keypad").click()
    phone.keyboard.type("12345")
    look(phone, "the keypad in a call", whole=True)
    sid = ring(fake_twilio)
    expect(button(phone, "Answer")).to_be_visible()
    look(phone, "a call rings over the keypad", whole=True)
    fake_twilio.control("DELETE", f"calls/{sid}")
    button(phone, "Keypad").click()
    for name, dialog in (("Transfer", "Transfer"), ("Add someone", "Add someone")):
        button(phone, name).click()
        expect(phone.get_by_role("dialog", name=dialog)).to_be_visible()
        look(phone, f"dialog {dialog}", rules=False)
        phone.keyboard.press("Escape")
    server.tell(echo, recording="on", can=[*PLAIN, "stop-recording", "pause-recording"])
    expect(button(phone, "Stop recording")).to_be_visible()
    phone.get_by_role("textbox", name="Note").fill("She calls back about the roof on Tuesday, and again.")
    look(phone, "recorded with a note", whole=True)
    parties = [
        build_party("Carol Castellanos-Whitfield"),
        *(build_party(name, role="added") for name in ("Bob", "Dave", "Erin")),
    ]
    server.tell(echo, state="conference", can=["leave", "remove", "add"], parties=parties, recording="off")
    look(phone, "four in a conference")
    button(phone, "Hang up").click()
    expect(button(phone, "Call")).to_be_visible()
    look(phone, "a call is over", whole=True)

    phone.context.set_offline(True)
    expect(phone_status(phone)).to_have_attribute("data-state", "offline", timeout=15_000)
    look(phone, "offline", whole=True)
    phone.context.set_offline(False)
    expect_state(phone, "ready")

    # What stands in the way is read below what is pressed in a narrow window, above the rest in a wide one.
    for slug in ("restricted_key", "microphone_denied"):
        frame = {"type": "verdict", "verdict": build_verdict(slug).as_json()}
        do_apart(partial(send_to_group, user_group(alice.pk), frame))
        expect_verdict(phone, slug)
        look(phone, f"verdict {slug}", whole=True)


# A microphone that a browser has asked for, and about which nobody decides.
UNDECIDED = "() => { navigator.mediaDevices.getUserMedia = () => new Promise(() => {}); }"


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_what_passes_is_whole(
    locale: str, open_browser: OpenBrowser, alice: User, fake_twilio: FakeTwilio
) -> None:
    """States that pass by themselves, each held; found by the names of parts, the same in each language."""
    connect(alice)
    page = open_browser(locale=locale)
    # As it comes from the server, before any of its modules.
    page.route("**/bundles/phone*.js", lambda route: route.abort())
    sign_in(page, alice.email)
    status = page.locator("[data-part='status']")
    expect(status).to_have_attribute("data-state", "connecting")
    look(page, f"connecting {locale}", whole=True)
    page.unroute_all()
    page.reload()
    expect(status).to_have_attribute("data-state", "ready", timeout=20_000)

    dial_by_parts(page, catalogue.ECHO_NUMBER)
    card = page.locator("[data-part='call-card']")
    expect(card).to_have_attribute("data-call-state", "open", timeout=20_000)
    fake_twilio.control("POST", "gateway", fault="gateway drop", drop_sockets=True)
    expect(card).to_have_attribute("data-call-state", "reconnecting", timeout=20_000)
    look(page, f"reconnecting {locale}", whole=True, rules=False)
    fake_twilio.control("POST", "gateway", fault="")
    page.locator("[data-part='hang-up']").first.click()
    expect(status).to_have_attribute("data-state", "ready", timeout=30_000)

    page.evaluate(UNDECIDED)
    page.evaluate(OPEN, "/phone/settings/")
    page.locator("[data-connection-part='start']").click()
    expect(page.locator("[data-connection-part='stop']")).to_be_visible()
    look(page, f"a test runs {locale}", at="[data-connection-part='sum']")
    assert page.locator("[data-connection-part='stop']").is_visible()


def dial_by_parts(page: Page, number: str) -> None:
    page.locator("#to").fill(number)
    page.locator("[data-part='call']").click()


# A pane as a link beside the phone opens it.
OPEN = """(url) => new Promise((done) => {
  document.addEventListener("pane-shown", () => setTimeout(done, 50), { once: true });
  const link = Object.assign(document.createElement("a"), { href: url, hidden: true });
  document.querySelector(".phone").append(link);
  // It comes once the phone is ready.
  const open = () => {
    if (!("htmx" in globalThis)) return setTimeout(open, 20);
    htmx.process(link);
    link.click();
    link.remove();
  };
  open();
})"""
COVERED = """() => {
  const toast = document.querySelector("[data-toast]").getBoundingClientRect();
  return [...document.querySelectorAll(".handset button")].filter((button) => button.checkVisibility())
    .filter((button) => {
      const own = button.getBoundingClientRect();
      const isBeside = own.left >= toast.right || own.right <= toast.left;
      return !isBeside && own.top < toast.bottom && own.bottom > toast.top;
    })
    .map((button) => button.innerText);
}"""


def make_history(account: TwilioAccount, person: User) -> None:
    """Calls of two days, messages, contacts with long names, callers who are blocked."""
    now = timezone.now()
    for place in range(6):
        call = make_call(
            account,
            person if place % 2 else None,
            name=f"call {place}",
            from_address=f"+1202555017{place}",
            started_at=now - timedelta(hours=7 * place),
            status="completed" if place % 2 else "no-answer",
            ended_at=now - timedelta(hours=7 * place),
        )
        call.rung.add(person)
        tell_changed(call)
        if place % 3 == 0:
            make_message(call, person, name=f"m{place}", recording_sid="RE" + str(place) * 32, seconds=75)
    for number in ("+12025550170", "+442079460958"):
        block(account=account, by=person, caller=number, is_for_all=number.startswith("+1"))
    many = [
        build_card(
            "Anna-Sophia Castellanos-Whitfield of the Northern Branch", "+12025550171", company="Acme & Sons"
        ),
        build_card("Bea", "+442079460111", "+493023125000", note="Two lines\nof a note", is_favourite=True),
        build_card("Cem", "+33142685300", emails=("cem@a-very-long-domain-name.example",)),
        build_card("Bea", "+442079460111"),
    ]
    keep_cards(person, account, many, is_shared=False)


def test_every_pane_is_whole(open_phone: OpenPhone, alice: User, bob: User) -> None:
    account = connect(alice).account
    page = open_phone(alice)
    expect_state(page, "ready")
    for name, address in {
        "no calls": "/phone/recents/",
        "no messages": "/phone/voicemail/",
        "no contacts": "/phone/contacts/",
        "no colleagues": "/phone/colleagues/",
        "nobody blocked": "/phone/settings/blocked/",
        "no duplicates": "/phone/contacts/duplicates/",
    }.items():
        page.evaluate(OPEN, address)
        look(page, name, rules=False)
    connect(bob)
    do_apart(lambda: make_history(account, alice))
    anna = Contact.objects.get(name__startswith="Anna")
    number = PhoneNumber.objects.get(account=account, kind=PhoneNumber.Kind.OWNED)
    call = RecentCall.objects.get(call__from_address="+12025550173")
    for name, address in {
        "calls": "/phone/recents/",
        "missed calls": "/phone/recents/?missed=1",
        "one call": f"/phone/calls/{call.call_id}/",
        "messages": "/phone/voicemail/",
        "contacts": "/phone/contacts/",
        "a new contact": "/phone/contacts/new/",
        "a contact is changed": f"/phone/contacts/{anna.pk}/edit/",
        "duplicates": "/phone/contacts/duplicates/",
        "in and out": "/phone/contacts/import/",
        "colleagues": "/phone/colleagues/",
        "blocked": "/phone/settings/blocked/",
        "limits": "/phone/settings/limits/?q=un",
        "settings": "/phone/settings/",
        "who answers": f"/phone/settings/numbers/{number.pk}/",
        "the connection": "/accounts/twilio/",
        "a contact": f"/phone/contacts/{anna.pk}/",
    }.items():
        page.evaluate(OPEN, address)
        look(page, name)
    # What was done is said over all of it, and over nothing that is pressed in a call.
    button(page, "Delete").click()
    toast = page.locator("[data-toast]")
    expect(button(toast, "Undo")).to_be_visible()
    dial(page, catalogue.ECHO_NUMBER)
    expect(button(page, "Mute")).to_be_visible()
    page.evaluate(OPEN, "/phone/settings/")
    look(page, "it is said what was done")
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.querySelector('#pane-title').scrollIntoView({ block: 'center' })")
        expect(button(toast, "Undo")).to_be_in_viewport(ratio=1)
        assert page.evaluate(COVERED) == [], (width, height)


def serve(body: str, route: Route) -> None:
    route.fulfill(body=body, content_type="text/html")


def test_every_page_is_whole(open_browser: OpenBrowser, alice: User, settings: Any) -> None:
    page = open_browser()
    for name, address in {
        "sign in": "/accounts/login/",
        "sign up": "/accounts/signup/",
        "a password is forgotten": "/accounts/password/reset/",
        "a letter is sent": "/accounts/password/reset/done/",
        "a letter is awaited": "/accounts/confirm-email/",
        "a link is too old": "/accounts/password/reset/key/1-set-password/",
        "no page": "/nowhere/",
        "without a network": "/offline/",
    }.items():
        page.goto(address)
        look(page, name)
    for code in ("403", "403_csrf", "429", "500", "503"):
        body = render_to_string(f"{code}.html")
        page.route("**/broken/", partial(serve, body))
        page.goto("/broken/")
        look(page, f"broken {code}", rules=code == "500")
        page.unroute("**/broken/")
    page.goto("/accounts/login/")
    page.get_by_label("Email", exact=True).fill(alice.email)
    page.get_by_label("Password", exact=True).fill("wrong")
    button(page, "Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "a wrong password")
    sign_in(page, alice.email)
    look(page, "nothing is connected")
    account, token = catalogue.account_sid(catalogue.DEMO), catalogue.auth_token(catalogue.DEMO)
    for name, slug, typed in (
        ("swapped", "malformed", {"account_sid": token, "auth_token": account}),
        ("a wrong token", "wrong_auth_token", {"account_sid": account, "auth_token": "0" * 32}),
    ):
        fill_credentials(page, **typed)
        button(page, "Connect").click()
        expect_verdict(page, slug)
        look(page, name)
    for name, address in {
        "a name": "/accounts/name/",
        "addresses": "/accounts/email/",
        "a password is changed": "/accounts/password/change/",
    }.items():
        page.goto(address)
        look(page, name)
    page.goto("/accounts/name/")
    button(page, "Save").click()
    expect(page.get_by_role("status").get_by_text("This is saved.")).to_be_visible()
    look(page, "a name is saved")
