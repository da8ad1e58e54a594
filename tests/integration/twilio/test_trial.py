"""A trial account that may have no key and no app: connected, called, and told what does not work."""

import re

import pytest
from django.test import Client

from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from accounts.twilio.proof import verify_again
from fake_twilio import catalogue
from tests.check_situations import key, key_alone, typed
from tests.connections import BROWSER, connect
from tests.fake_control import FakeTwilio

PAGES = ["/", "/accounts/twilio/"]
TRIAL_SID = catalogue.account_sid("trial")


def read_shown(client: Client, address: str) -> str:
    """The page without the data of its scripts: those have the words of every cause."""
    page = client.get(address).content.decode()
    return re.sub(r'<script id="page-data"[^>]*>.*?</script>', "", page, flags=re.DOTALL)


@pytest.mark.parametrize("address", PAGES)
def test_the_word_trial_and_what_does_not_work_stand_on_the_page(
    address: str, alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    connect(alice, "trial")
    page = alice_client.get(address).content.decode()
    assert "This is a Twilio trial account." in page
    assert "can be called, but cannot call" in page
    assert "has no API key" in page
    assert "can be called from the numbers that are verified" in page
    assert "It can call" not in page
    assert "Twilio’s billing page" in page


@pytest.mark.parametrize("address", PAGES)
def test_with_a_key_and_an_app_only_the_rules_of_the_trial_are_left(
    address: str, alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    login = {**key("trial standard"), "twiml_app_sid": catalogue.app_sid("trial app")}
    assert alice_client.post("/accounts/twilio/", typed("trial", **login)).status_code == 302
    page = alice_client.get(address).content.decode()
    assert "trial account" in page and "cannot call" not in page and "no API key" not in page


def test_a_key_alone_is_told_of_the_trial_by_its_app(
    alice_client: Client, fake_twilio: FakeTwilio, alice: User
) -> None:
    login = key_alone("trial standard", "trial", twiml_app_sid=catalogue.app_sid("trial app"))
    assert alice_client.post("/accounts/twilio/", login).status_code == 302
    assert TwilioAccount.objects.get().account_type == "Trial"
    assert "trial account" in alice_client.get("/").content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_a_full_account_reads_nothing_of_it(
    address: str, alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    page = read_shown(alice_client, address)
    assert "trial" not in page.lower() and 'data-part="limits"' not in page


def test_without_an_app_a_full_account_reads_that_it_cannot_call(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    connect(alice)
    TwilioCredentials.objects.update(twiml_app_sid="")
    page = read_shown(alice_client, "/")
    assert "cannot call" in page and "trial" not in page.lower()


def test_an_upgrade_ends_the_words_with_the_next_check(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    credentials = connect(alice, "trial")
    fake_twilio.change_account(TRIAL_SID, type="Full")
    assert verify_again(credentials, client=BROWSER).is_ok
    assert "Twilio trial account" not in alice_client.get("/").content.decode()


def test_an_upgrade_is_seen_by_a_key_alone_as_well(
    alice: User, alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    login = key_alone("trial standard", "trial", twiml_app_sid=catalogue.app_sid("trial app"))
    assert alice_client.post("/accounts/twilio/", login).status_code == 302
    fake_twilio.change_account(TRIAL_SID, type="Full")
    verify_again(TwilioCredentials.objects.get(), client=BROWSER)
    assert TwilioAccount.objects.get().account_type == ""
