"""In which language somebody is spoken to."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.languages import read_asked, speaking_to
from accounts.people import User
from accounts.verdicts.words import describe_verdict

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
