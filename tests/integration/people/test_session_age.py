"""A sign-in ends two weeks after it began, used or not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.people import User
from phone.device.sessions import find_signed_in
from tests.conftest import PASSWORD

PAGE = "/accounts/email/"
PassTime = Callable[[timedelta], None]


@pytest.fixture
def hers(alice: User) -> Client:
    hers = Client()
    hers.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    return hers


def write(hers: Client) -> None:
    """As a page does that keeps something in the session."""
    session = hers.session
    session["kept"] = str(session.get_expiry_date())
    session.save()


def test_what_is_written_to_a_session_does_not_lengthen_it(hers: Client, pass_time: PassTime) -> None:
    began = Session.objects.get().expire_date
    pass_time(timedelta(days=13))
    write(hers)
    assert abs(Session.objects.get().expire_date - began) < timedelta(seconds=5)
    key = hers.session.session_key
    assert hers.get(PAGE).status_code == 200 and key in find_signed_in([key])
    pass_time(timedelta(days=1, minutes=1))
    assert hers.get(PAGE).status_code == 302 and key not in find_signed_in([key])


def test_the_cookie_lives_no_longer(hers: Client, pass_time: PassTime) -> None:
    lives = hers.cookies["sessionid"]["max-age"]
    assert settings.SESSION_COOKIE_AGE - 60 < lives <= settings.SESSION_COOKIE_AGE
    pass_time(timedelta(days=13))
    assert hers.session.get_expiry_age() <= 86_400


def test_a_new_sign_in_has_all_of_it(hers: Client, alice: User, pass_time: PassTime) -> None:
    pass_time(timedelta(days=13))
    hers.post("/accounts/logout/")
    hers.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    pass_time(timedelta(days=13))
    assert hers.get(PAGE).status_code == 200
