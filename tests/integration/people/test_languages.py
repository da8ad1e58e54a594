"""In which language somebody is spoken to."""

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.languages import read_asked, speaking_to
from accounts.people import User
from accounts.translated import Words
from accounts.verdicts.words import describe_verdict
from dognbone.words_of_packages import OF_ALLAUTH
from tests.conftest import signed_in
from tests.german import find_english
from tests.tasks import read_outbox

GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.8"}


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-IE", "en"),
        ("fr-FR,fr;q=0.9,de;q=0.5,en;q=0.4", "de"),
        ("fr", ""),
        ("", ""),
        ("*", ""),
        ("de;q=0", ""),
        ("x" * 5000, ""),
        ("de_DE;;q=,,", ""),
    ],
)
def test_a_browser_is_answered_in_the_first_language_that_it_and_the_product_have(
    accept_language: str, language: str
) -> None:
    assert read_asked(accept_language) == language


@pytest.mark.django_db
def test_a_stranger_is_spoken_to_as_their_browser_asks_for(client: Client) -> None:
    url = reverse("account_login")
    german, english = client.get(url, headers=GERMAN), client.get(url)
    assert '<html lang="de">' in german.text and german["Content-Language"] == "de"
    assert '<html lang="en">' in english.text and english["Content-Language"] == "en"
    assert "Accept-Language" in english["Vary"]


def test_a_persons_own_choice_goes_before_their_browsers(alice: User, alice_client: Client) -> None:
    url = reverse("connect_twilio")
    assert '<html lang="de">' in alice_client.get(url, headers=GERMAN).text
    alice.language = "en"
    alice.save()
    assert '<html lang="en">' in alice_client.get(url, headers=GERMAN).text


def test_who_is_not_asking_is_spoken_to_in_their_choice_or_that_of_their_last_sign_in(
    client: Client, alice: User
) -> None:
    with speaking_to(alice):
        assert describe_verdict("wrong_auth_token").title == "The Auth Token is wrong"
    alice.set_password("correct horse")
    alice.save()
    client.post(reverse("account_login"), {"login": alice.email, "password": "correct horse"}, headers=GERMAN)
    alice.refresh_from_db()
    assert (alice.language, alice.last_language) == ("", "de")
    with speaking_to(alice):
        assert describe_verdict("wrong_auth_token").title == "Das Auth Token ist falsch"
    # One verdict is told to people of several languages.
    assert describe_verdict("wrong_auth_token").title == "The Auth Token is wrong"


def test_a_language_that_there_is_none_of_is_refused(alice: User, alice_client: Client) -> None:
    assert alice_client.post(reverse("name"), {"language": "tlh"}).status_code == 422
    alice.refresh_from_db()
    assert alice.language == ""


def test_what_was_saved_is_said_in_the_language_that_was_chosen(alice_client: Client) -> None:
    german = alice_client.post(reverse("name"), {"language": "de"}, follow=True).text
    assert "Gespeichert." in html.unescape(german)
    english = alice_client.post(reverse("name"), {"language": "en"}, headers=GERMAN, follow=True).text
    assert "This is saved." in html.unescape(english)


@pytest.mark.parametrize("text", OF_ALLAUTH, ids=str)
def test_what_allauth_says_is_said_politely(text: Words) -> None:
    with translation.override("de"):
        assert find_english(str(text)) == []


def ask(client: Client, name: str, typed: dict[str, str]) -> str:
    """The page `name` in German; with what was typed, the page that comes of it."""
    response = client.post(reverse(name), typed, headers=GERMAN, follow=True) if typed else None
    response = response or client.get(reverse(name), headers=GERMAN)
    assert '<html lang="de">' in response.text
    return response.text


STRANGERS = [
    ("account_login", {}),
    ("account_login", {"login": "alice@example.com", "password": "wrong"}),
    ("account_login", {"login": "alice", "password": ""}),
    ("account_signup", {}),
    ("account_signup", {"email": "new", "password1": "1", "password2": "2"}),
    ("account_signup", {"email": "new@example.com", "password1": "password", "password2": "password"}),
    (
        "account_signup",
        {"email": "new@example.com", "password1": "correct horse", "password2": "other horse"},
    ),
    ("account_reset_password", {}),
    ("account_reset_password", {"email": "@example.com"}),
    ("account_reset_password", {"email": "alice@example.com"}),
    ("account_email_verification_sent", {}),
    ("account_inactive", {}),
]


@pytest.mark.parametrize(("name", "typed"), STRANGERS)
def test_the_entrance_is_german(alice: User, client: Client, name: str, typed: dict[str, str]) -> None:
    assert find_english(ask(client, name, typed)) == []


SETTLED = [
    ("name", {}),
    ("name", {"name": "+1 202 555 0199"}),
    ("name", {"name": "Alice"}),
    ("account_email", {}),
    ("account_email", {"action_add": "", "email": "bob@example.com"}),
    ("account_email", {"action_add": "", "email": "alice@example"}),
    ("account_email", {"action_add": "", "email": "alice@example.org"}),
    ("account_change_password", {}),
    ("account_change_password", {"oldpassword": "wrong", "password1": "1", "password2": "2"}),
    (
        "account_change_password",
        {"oldpassword": "wrong", "password1": "correct horse", "password2": "other horse"},
    ),
    ("account_logout", {}),
    ("account_reauthenticate", {}),
]


@pytest.mark.parametrize(("name", "typed"), SETTLED)
def test_the_pages_of_ones_own_account_are_german(
    alice_client: Client, bob: User, name: str, typed: dict[str, str]
) -> None:
    assert find_english(ask(alice_client, name, typed)) == []


def test_too_many_attempts_are_told_in_german(alice: User, client: Client) -> None:
    for _ in range(6):
        page = ask(client, "account_login", {"login": alice.email, "password": "wrong"})
    assert "Zu viele Fehlversuche. Versuchen Sie es in " in page and find_english(page) == []


def test_what_is_not_there_is_not_there_in_german(alice_client: Client) -> None:
    response = alice_client.get("/nowhere/", headers=GERMAN)
    assert response.status_code == 404 and find_english(response.text) == []


def test_a_form_that_is_too_old_is_refused_in_german(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {}, headers=GERMAN)
    assert response.status_code == 403 and "Dieses Formular ist veraltet" in response.text
    assert find_english(response.text) == []


def test_a_letter_is_in_the_language_of_whom_it_is_to_whoever_asks_for_it(
    alice: User, client: Client
) -> None:
    alice.language = "de"
    alice.save()
    client.post(reverse("account_reset_password"), {"email": alice.email}, headers={"accept-language": "en"})
    (letter,) = read_outbox()
    assert letter.subject == "Neues Passwort wählen"
    assert find_english(letter.body) == []


def test_a_letter_to_a_stranger_is_in_the_language_of_the_browser_that_asked_for_it(
    alice: User, client: Client, settings: Any
) -> None:
    # Else nobody is told that they have an account by letter.
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"}, headers=GERMAN)
    new = {"email": "new@example.com", "password1": "correct horse", "password2": "correct horse"}
    client.post(reverse("account_signup"), new, headers=GERMAN)
    Client().post(reverse("account_signup"), {**new, "email": alice.email}, headers=GERMAN)
    unknown, confirmation, known = read_outbox()
    assert unknown.subject == "Mit dieser Adresse gibt es kein Konto"
    assert confirmation.subject == "Bestätigen Sie Ihre E-Mail-Adresse"
    assert known.subject == "Sie haben schon ein Konto"
    assert [find_english(letter.body) for letter in (unknown, confirmation, known)] == [[], [], []]


def test_what_was_done_is_said_in_the_language_of_who_did_it(alice: User) -> None:
    response = signed_in(alice).post(reverse("name"), {"name": "Alice"}, headers=GERMAN, follow=True)
    assert "Gespeichert." in response.text
