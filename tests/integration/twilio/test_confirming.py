"""Whoever signed in a while ago says once more that it is them before a connection is changed."""

import json
from collections.abc import Callable
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.entrance.asking_again import SIGNED_IN_AT
from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials
from fake_twilio import catalogue
from tests.conftest import PASSWORD
from tests.connections import connect
from tests.fake_control import FakeTwilio
from tests.integration.people.test_second_factor import SECRET, list_recovery_codes

PAGE, ASKS = "/accounts/twilio/", "/accounts/twilio/confirm/"
A_WHILE = timedelta(minutes=20)
PassTime = Callable[[timedelta], None]
TYPED = {
    "account_sid": catalogue.account_sid(catalogue.DEMO),
    "auth_token": catalogue.auth_token(catalogue.DEMO),
}


def age_sign_in(client: Client) -> None:
    """As if it had been a while ago, at this time of day: Twilio's clock is not put forward."""
    session = client.session
    session[SIGNED_IN_AT] -= A_WHILE.total_seconds()
    session.save()


def test_the_first_connection_is_never_asked_about(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    age_sign_in(alice_client)
    assert 'name="account_sid"' in alice_client.get(PAGE).content.decode()
    assert alice_client.post(PAGE, TYPED).url == PAGE
    assert TwilioCredentials.objects.filter(user=alice).exists()


def test_who_has_just_signed_in_is_not_asked(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    assert 'name="account_sid"' in alice_client.get(PAGE).content.decode()
    assert alice_client.post(PAGE, TYPED).url == PAGE
    assert alice_client.post("/accounts/twilio/disconnect/").url == PAGE
    assert not TwilioCredentials.objects.filter(user=alice).exists()


def test_after_a_while_the_page_asks_before_it_shows_a_form(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio, pass_time: PassTime
) -> None:
    connect(alice)
    pass_time(A_WHILE)
    page = alice_client.get(PAGE).content.decode()
    assert 'name="account_sid"' not in page and "Remove it" not in page and ASKS in page
    for path in ("disconnect/", "make-key/"):
        alice_client.post(f"{PAGE}{path}")
    assert TwilioCredentials.objects.filter(user=alice).exists()
    pane = alice_client.get(ASKS, headers={"hx-request": "true"})
    assert pane["X-Pane"] == "yes" and 'name="password"' in pane.content.decode()
    wrong = alice_client.post(ASKS, {"password": "wrong"})
    assert wrong.status_code == 422 and 'name="account_sid"' not in alice_client.get(PAGE).content.decode()
    assert alice_client.post(ASKS, {"password": PASSWORD}).url == PAGE
    assert 'name="account_sid"' in alice_client.get(PAGE).content.decode()


def test_passwords_are_not_guessed_there_either(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio, pass_time: PassTime
) -> None:
    connect(alice)
    pass_time(A_WHILE)
    answers = [alice_client.post(ASKS, {"password": "wrong"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_what_was_typed_into_a_page_that_stood_open_is_tried_once_they_have_said_so(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    before = TwilioCredentials.objects.get(user=alice).updated_at
    age_sign_in(alice_client)
    assert alice_client.post(PAGE, TYPED).url == ASKS
    assert TwilioCredentials.objects.get(user=alice).updated_at == before
    assert TYPED["auth_token"] not in json.dumps(dict(alice_client.session.items()))
    assert TYPED["auth_token"] not in alice_client.get(ASKS).content.decode()
    assert alice_client.post(ASKS, {"password": PASSWORD}).url == PAGE
    assert TwilioCredentials.objects.get(user=alice).updated_at > before
    assert "twilio_unconfirmed" not in alice_client.session


def test_what_is_wrong_with_it_is_said_then(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio, pass_time: PassTime
) -> None:
    connect(alice)
    pass_time(A_WHILE)
    alice_client.post(PAGE, {**TYPED, "auth_token": "0" * 32})
    answer = alice_client.post(ASKS, {"password": PASSWORD})
    assert answer.status_code == 422 and 'data-verdict="wrong_auth_token"' in answer.content.decode()


def test_it_is_kept_for_minutes_and_for_its_person(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio, pass_time: PassTime
) -> None:
    connect(alice)
    before = TwilioCredentials.objects.get(user=alice).updated_at
    pass_time(A_WHILE)
    alice_client.post(PAGE, TYPED)
    pass_time(A_WHILE)
    assert alice_client.post(ASKS, {"password": PASSWORD}).url == PAGE
    assert TwilioCredentials.objects.get(user=alice).updated_at == before


def test_who_has_a_second_factor_says_so_by_that(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio, pass_time: PassTime
) -> None:
    connect(alice)
    TOTP.activate(alice, SECRET)
    RecoveryCodes.activate(alice)
    pass_time(A_WHILE)
    assert 'name="code"' in alice_client.get(ASKS).content.decode()
    assert alice_client.post(ASKS, {"password": PASSWORD}).status_code == 422
    code = list_recovery_codes(alice)[0]
    assert alice_client.post(ASKS, {"code": code}).url == PAGE
    assert 'name="account_sid"' in alice_client.get(PAGE).content.decode()
    assert Authenticator.objects.get(type="recovery_codes").last_used_at is not None
