"""All that the pages say is marked to be translated.

They are shown in a language in which every marked text stands between ⟦ and ⟧. What stands outside of these
and is nobody's own word, number or name was forgotten. The admin's pages have one row of everything.
"""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.countries import list_countries_in
from accounts.people import User
from accounts.templatetags.unchanging import render_once
from accounts.twilio.credentials import PhoneNumber, TwilioCredentials
from phone.contacts.blocked_callers import BlockedCaller
from phone.contacts.card import CardNumber, ContactCard
from phone.contacts.contacts import Contact
from phone.contacts.keeping import keep_cards
from phone.page import build_words
from tests.browser import admin_rows
from tests.conftest import PASSWORD, signed_in
from tests.integration.people.test_second_factor import protect
from tests.integration.recents.test_recents import account as account
from tests.integration.recents.test_recents import make_call, make_leg
from tests.integration.recordings.stock import make_message, make_recording
from tests.integration.twilio.test_confirming import age_sign_in
from tests.tasks import run_tasks

OPEN, CLOSE = "⟦", "⟧"
SAID_IN = ("aria-label", "title", "placeholder", "alt", "aria-description", "aria-roledescription")
UNSAID = ("script", "style", "svg", "code", "pre")
# The same in every language: names of ours, of Twilio's and of standards, and what people have written.
NAMES = re.compile(
    r"\b(?:Dog n Bone|Twilio|Device|TwiML App(?: SID)?|Account SID|Call SID|Recording SID|Auth Token|"
    r"API key(?: SID| secret)?|Voice SDK|SIP|English|Deutsch|True|False|UTC)\b"
)
DATUM = re.compile(
    # An address of e-mail, of a page, a path; an identity.
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|(?<![\w.])/[\w/.-]+(?:\?[\w=&.-]+)?|\bdnb[-_]\w+|"
    # A SID, whole or its tail; a UUID, a jti.
    r"\b[A-Z]{2}[0-9a-f]{32}(?:-\d+)?\b|…[0-9a-z]{4,6}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|"
    # What is kept as JSON, or as a slug.
    r"\{\"[^{}]*\}|"
    r"\b[a-z]+(?:_[a-z]+)+\b|\b[a-z]+(?:\.[a-z]+)+\b|"
    # A figure, a moment, a number.
    r"\b\d[\d:.,+-]*(?:T[\d:.+]+)?\b"
)
# Choices that are named elsewhere: a country by Unicode, a language by its own people, a time zone.
NAMED_ELSEWHERE = ("home_country", "language", "time_zone")
WORD = re.compile(r"[^\W\d_]{3,}")


class Said(HTMLParser):
    """What a page says: its texts, the names of its controls, and what it hands to its modules."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.data = ""
        self.within: list[str] = []
        self.select = ""
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.said += [known[name] or "" for name in SAID_IN if name in known]
        if tag == "select":
            self.select = known.get("name") or ""
        is_named_elsewhere = tag == "option" and self.select in NAMED_ELSEWHERE and known.get("value")
        is_own = "data-own" in known or known.get("translate") == "no"
        if tag in UNSAID or is_named_elsewhere or is_own:
            self.within.append(tag)
            self.data = "" if known.get("type") == "application/json" else self.data
        self.is_data = known.get("type") == "application/json"

    def handle_endtag(self, tag: str) -> None:
        if self.within and tag == self.within[-1]:
            self.within.pop()
            if tag == "script" and self.data:
                self.said += find_sentences(json.loads(self.data))
                self.data = ""

    def handle_data(self, data: str) -> None:
        if not self.within:
            # A marked text may have elements in it.
            self.said.append(OPEN * self.depth + data)
            self.depth += data.count(OPEN) - data.count(CLOSE)
        elif self.within[-1] == "script" and self.is_data:
            self.data += data


# As people are told something; names of things have no capital, or more than one.
ALONE = re.compile(r"[A-Z][^\W\d_A-Z]+[.!?…]?")


def find_sentences(value: Any) -> Iterator[str]:
    """Of what modules are handed, whatever has a space in it or looks as the first word of something said."""
    if isinstance(value, dict):
        for one in value.values():
            yield from find_sentences(one)
    elif isinstance(value, list):
        for one in value:
            yield from find_sentences(one)
    elif isinstance(value, str) and (" " in value.strip() or ALONE.fullmatch(value.strip())):
        yield value


def leave_out_marked(text: str) -> str:
    """What stands outside of all marks, which may lie within one another."""
    outside, depth = [], 0
    for sign in text:
        depth += (sign == OPEN) - (sign == CLOSE)
        outside.append(sign if depth == 0 and sign != CLOSE else " ")
    return "".join(outside)


# Whom the pages of one's own tell of.
PEOPLE = ("Alice", "Bob", "Berta Böhm")


def find_unmarked(page: str, *own: str) -> list[str]:
    """What the page says that is neither marked, nor a name, nor among the `own` words of its people."""
    reader = Said()
    reader.feed(page)
    found = []
    for said in reader.said:
        rest = leave_out_marked(said)
        for words in own:
            rest = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", " ", rest)
        if WORD.search(NAMES.sub(" ", DATUM.sub(" ", rest))):
            found.append(" ".join(said.split()))
    return found


@pytest.fixture(autouse=True)
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every text that is looked up in a catalogue stands between marks."""
    # What is kept in each language was said without marks, and is not to be kept with them.
    kept = (build_words, render_once)
    for one in kept:
        one.cache_clear()
    spoken = translation._trans

    def mark(text: str) -> str:
        return f"{OPEN}{text}{CLOSE}" if text else text

    monkeypatch.setattr(spoken, "gettext", mark, raising=False)
    monkeypatch.setattr(spoken, "pgettext", lambda _, text: mark(text), raising=False)
    monkeypatch.setattr(spoken, "ngettext", lambda one, many, n: mark(one if n == 1 else many), raising=False)
    monkeypatch.setattr(
        spoken, "npgettext", lambda _, one, many, n: mark(one if n == 1 else many), raising=False
    )
    yield
    for one in kept:
        one.cache_clear()


@pytest.fixture
def own_client(account: Any, alice: User, bob: User) -> Client:
    """Alice's, who has some of everything."""
    call = make_call(account, alice, cause="missed")
    make_message(make_call(account, alice, cause="voicemail"), alice)
    answered = make_call(account, alice, status="completed", cause="answered", user=alice)
    make_leg(answered, alice, answered_at=answered.started_at)
    make_recording(answered, "2")
    card = ContactCard(
        name="Berta Böhm", numbers=(CardNumber("+442071838750"),), emails=("berta@example.com",)
    )
    for is_shared in (False, True):
        keep_cards(alice, account, [card], is_shared=is_shared)
    BlockedCaller.objects.create(account=account, caller=call.from_address, person=alice, blocked_by=alice)
    return signed_in(alice)


# Names of countries are Unicode's, in whichever language; the longer before what they begin with.
COUNTRIES = {
    "calling_limits": sorted((name for _, name in list_countries_in("en")), key=len, reverse=True),
}
SIGNED_OUT = (
    *("account_login", "account_signup", "account_reset_password", "account_reset_password_done"),
    *(
        "account_inactive",
        "account_email_verification_sent",
        "account_reset_password_from_key_done",
        "offline",
    ),
)
OWN = (
    *("phone", "recents", "voicemail", "contacts", "new_contact", "duplicate_contacts", "contacts_import"),
    *(
        "colleagues",
        "phone_settings",
        "blocked_callers",
        "calling_limits",
        "people",
        "connect_twilio",
        "name",
        "account_email",
    ),
    *("account_change_password", "account_logout", "account_reauthenticate", "sign_ins", "me"),
    *("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"),
)


@pytest.mark.django_db
@pytest.mark.parametrize("name", SIGNED_OUT)
def test_pages_for_strangers(client: Client, name: str) -> None:
    assert find_unmarked(client.get(reverse(name)).text) == []


@pytest.mark.parametrize("name", OWN)
def test_pages_of_ones_own(own_client: Client, name: str) -> None:
    answer = own_client.get(reverse(name))
    assert answer.status_code == 200
    assert find_unmarked(answer.text, *PEOPLE, *COUNTRIES.get(name, ())) == []


def test_pages_about_one_thing(own_client: Client, account: Any, alice: User) -> None:
    call, contact = alice.recent_calls.first().call, Contact.objects.first()
    number = PhoneNumber.objects.get(account=account)
    for address in (
        reverse("one_call", args=[call.pk]),
        reverse("one_contact", args=[contact.pk]),
        reverse("edit_contact", args=[contact.pk]),
        reverse("number_rules", args=[number.pk]),
    ):
        answer = own_client.get(address)
        assert answer.status_code == 200
        assert find_unmarked(answer.text, *PEOPLE) == [], address


def test_pages_of_who_has_a_second_factor(own_client: Client, alice: User, client: Client) -> None:
    key = protect(alice)
    signed_in(alice)
    for name, arguments in (
        *(("mfa_index", []), ("mfa_deactivate_totp", []), ("mfa_view_recovery_codes", [])),
        *(("mfa_view_recovery_codes", []), ("mfa_reauthenticate", []), ("mfa_reauthenticate_webauthn", [])),
        *(("mfa_edit_webauthn", [key.pk]), ("mfa_remove_webauthn", [key.pk]), ("sign_ins", [])),
    ):
        answer = own_client.get(reverse(name, args=arguments))
        assert answer.status_code == 200, name
        assert find_unmarked(answer.text, key.wrap().name) == [], name
    age_sign_in(own_client)
    for name in ("connect_twilio", "confirm_twilio"):
        assert find_unmarked(own_client.get(reverse(name)).text) == [], name
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    for answer in (
        client.get(reverse("mfa_authenticate")),
        client.post(reverse("mfa_authenticate"), {"code": "0"}),
    ):
        assert answer.status_code == 200
        assert find_unmarked(answer.text) == []


def test_the_connect_page_before_anything_is_connected(alice_client: Client) -> None:
    assert find_unmarked(alice_client.get(reverse("connect_twilio")).text, *PEOPLE) == []


def test_what_is_wrong_with_what_was_typed(own_client: Client, alice: User) -> None:
    for name, typed in (
        ("connect_twilio", {"account_sid": "AC12", "auth_token": "x"}),
        ("name", {"name": "‮" * 3, "home_country": "XX"}),
        ("new_contact", {"name": "", "email": "no address"}),
        ("settings_greeting", {"text": "⟦x⟧" * 2000, "language": "xx"}),
        ("settings_language", {"language": "xx"}),
        ("blocked_callers", {"number": "no number"}),
        ("calling_limits", {"hours": "week", "monday": "noon", "minutes": "0"}),
        ("account_change_password", {"oldpassword": "x", "password1": "1", "password2": "2"}),
        ("account_email", {"email": "no address", "action_add": ""}),
    ):
        answer = own_client.post(reverse(name), typed)
        assert answer.status_code in (200, 422), name
        assert find_unmarked(answer.text, *PEOPLE, *COUNTRIES.get(name, ())) == [], name


@pytest.mark.django_db
def test_what_is_wrong_at_the_door(client: Client, alice: User) -> None:
    for name, typed in (
        ("account_login", {"login": alice.email, "password": "wrong"}),
        ("account_signup", {"email": "no address", "password1": "1", "password2": "2"}),
        ("account_reset_password", {"email": "no address"}),
    ):
        assert find_unmarked(client.post(reverse(name), typed).text) == [], name


def test_error_pages(alice_client: Client) -> None:
    assert find_unmarked(alice_client.get("/no/such/page/").text) == []
    strict = Client(enforce_csrf_checks=True)
    assert find_unmarked(strict.post(reverse("account_login")).text) == []


@pytest.mark.django_db
def test_letters(client: Client, alice: User) -> None:
    client.post(reverse("account_reset_password"), {"email": alice.email})
    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    client.post(
        reverse("account_signup"),
        {"email": "new@example.com", "password1": "a-fresh-password", "password2": "a-fresh-password"},
    )
    run_tasks()
    assert len(mail.outbox) >= 2
    for letter in mail.outbox:
        for said in (letter.subject, letter.body):
            assert find_unmarked(said) == []


@pytest.fixture
def admin_client(admin_user: User) -> Client:
    admin_rows.make_rows(admin_user)
    return signed_in(admin_user)


# People's and Twilio's own words in the rows.
ROWS = (
    *("Admin", "Jörg", "Bartholomew Featherstonehaugh-Cholmondeley", "Harley Street Dental Care"),
    "Odd ones",
    "The number you have dialled is not in service.",
    "Called them: the token was rotated on Monday, by a colleague who has since left the firm.",
    "Authentication Error - invalid username or password, see the documentation",
    "ConnectionError (31005): Error sent from gateway in HANGUP",
    "bad signature",
    "Night shift",
    # Named by Unicode.
    *("Germany", "United Kingdom", "United States", "Europe/Berlin"),
    # The SDK's event, and a row of a package's.
    *("error", "DBTaskResult object"),
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome",
)


def test_the_admins_lists(admin_client: Client) -> None:
    unmarked = {}
    for model, _ in sorted(admin.site._registry.items(), key=lambda one: one[0]._meta.label):
        answer = admin_client.get(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        )
        assert answer.status_code == 200, model
        if found := find_unmarked(answer.text, *ROWS):
            unmarked[model._meta.label] = found
    assert unmarked == {}


def test_the_admins_pages_of_one_row(admin_client: Client) -> None:
    unmarked = {}
    for model, _ in sorted(admin.site._registry.items(), key=lambda one: one[0]._meta.label):
        row = model._default_manager.first()
        assert row is not None, f"make_rows makes none of {model._meta.label}"
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        answer = admin_client.get(reverse(name, args=[row.pk]))
        assert answer.status_code == 200, model
        if found := find_unmarked(answer.text, *ROWS):
            unmarked[model._meta.label] = found
    assert unmarked == {}


def test_the_admins_other_pages(admin_client: Client) -> None:
    person = TwilioCredentials.objects.get().user
    key = protect(person)
    for address in (
        reverse("admin:accounts_user_change", args=[person.pk]),
        reverse("admin:remove_factors", args=[person.pk]),
        reverse("admin:index"),
        reverse("admin:alarm_thresholds"),
        reverse("admin:person_trail", args=[person.pk]),
        reverse("admin:page_trail", args=[admin_rows.PAGE]),
    ):
        answer = admin_client.get(address)
        assert answer.status_code == 200, address
        assert find_unmarked(answer.text, *ROWS, key.wrap().name) == [], address
