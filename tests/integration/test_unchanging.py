"""Parts of pages that are kept for everybody, in each language."""

import pytest
from django.template import engines
from django.test import Client
from django.utils import translation

from accounts.people import User
from accounts.templatetags.unchanging import render_once, unchanging
from accounts.twilio.credentials import TwilioCredentials
from tests.conftest import signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio

PART = "phone/dialogs.html"


def test_each_language_has_its_own() -> None:
    english = unchanging(PART)
    with translation.override("de"):
        german = unchanging(PART)
        assert unchanging(PART) is german
    assert unchanging(PART) is english
    assert english != german


def test_a_part_is_told_nothing_of_who_asks() -> None:
    # A template that would say it, were it told.
    template = engines["django"].from_string('{% load unchanging %}{% unchanging "fragment.html" %}')
    render_once.cache_clear()
    try:
        said = template.render({"link": "alice@example.com"})
    finally:
        render_once.cache_clear()
    assert "data-pane" in said and "alice" not in said


@pytest.fixture
def credentials(fake_twilio: FakeTwilio, alice: User, bob: User) -> TwilioCredentials:
    connect(bob)
    return connect(alice)


def test_two_people_have_the_same_parts_and_pages_of_their_own(
    credentials: TwilioCredentials, alice: User, bob: User
) -> None:
    pages: list[tuple[User, Client]] = [(one, signed_in(one)) for one in (alice, bob)]
    for person, client in pages:
        page = client.get("/").content.decode()
        assert person.email in page
        assert unchanging(PART) in page
