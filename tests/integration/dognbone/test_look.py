"""Every page that people see outside the admin is one of ours, and obeys the strict policy."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client

from accounts.people import User
from tests.conftest import PASSWORD
from tests.tasks import read_outbox

OUTSIDE = ("login", "signup", "password/reset", "password/reset/done", "password/reset/key/done", "inactive")
INSIDE = ("logout", "email", "password/change", "name", "twilio", "reauthenticate")
FORBIDDEN = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*(?:\ssrc=|application/json))")

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    person = User.objects.create_user("carol@example.com", PASSWORD)
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=False)
    return person


def check_look(page: str) -> None:
    assert "bundles/site.css" in page
    assert "<title>Dog n Bone</title>" not in page
    assert FORBIDDEN.search(page) is None


def read(response: Any) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_page_for_the_signed_out_is_one_of_ours(client: Client, path: str) -> None:
    response = client.get(f"/accounts/{path}/")

    assert response.status_code == 200
    check_look(read(response))


@pytest.mark.parametrize("path", INSIDE)
def test_a_page_for_the_signed_in_is_one_of_ours(client: Client, person: User, path: str) -> None:
    client.force_login(person)

    response = client.get(f"/accounts/{path}/")

    assert response.status_code == 200
    check_look(read(response))


@pytest.mark.parametrize("name", ["403", "403_csrf", "404", "500"])
def test_an_error_page_needs_nothing_but_itself(name: str) -> None:
    check_look(render_to_string(f"{name}.html"))


def test_an_unknown_address_is_answered_in_our_look(client: Client) -> None:
    response = client.get("/nothing/here/")

    assert response.status_code == 404
    check_look(read(response))


def test_a_password_is_reset_by_the_link_in_our_mail(client: Client, person: User) -> None:
    client.post("/accounts/password/reset/", {"email": person.email})
    [message] = read_outbox()
    found = re.search(r"https?://[^/\s]+(/\S+)", str(message.body))
    assert found is not None

    page = client.get(found[1], follow=True)
    check_look(read(page))
    changed = {"password1": "an-other-bone-9", "password2": "an-other-bone-9"}
    client.post(page.redirect_chain[-1][0], changed)

    assert message.subject == "Choose a new password"
    assert client.login(email=person.email, password="an-other-bone-9")


def test_a_link_that_was_used_says_so(client: Client) -> None:
    page = read(client.get("/accounts/password/reset/key/1-set-password/"))

    assert "This link does not work any more" in page
    check_look(page)


def test_an_address_is_confirmed_by_the_link_in_our_mail(client: Client, person: User) -> None:
    client.force_login(person)
    client.post("/accounts/email/", {"action_send": "", "email": person.email})
    found = re.search(r"https?://[^/\s]+(/\S+)", str(read_outbox()[-1].body))
    assert found is not None

    check_look(read(client.get(found[1])))
    client.post(found[1])

    assert EmailAddress.objects.get(email=person.email).verified


def test_nobody_is_told_that_they_have_signed_in(client: Client, person: User) -> None:
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})

    assert "signed in" not in read(client.get("/accounts/twilio/")).lower()
