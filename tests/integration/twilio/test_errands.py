"""The connection's page says what is being done at Twilio, and what came of it, to its owner alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.people import User
from accounts.twilio.candidate import Candidate
from accounts.twilio.check import best_login
from accounts.twilio.connection import disconnect_twilio
from accounts.twilio.credentials import PhoneNumber, TwilioAccount
from accounts.twilio.errands import (
    BAD_NEWS_SHOWN_FOR,
    GOOD_NEWS_SHOWN_FOR,
    KEPT_FOR,
    SECRETS_KEPT_FOR,
    UNDER_WAY,
    Errand,
    forget_old_errands,
)
from accounts.twilio.news import SENTENCES
from accounts.twilio.numbers import SILENCES, NumbersNotRead, answer_unanswered
from fake_twilio import catalogue
from tests.conftest import signed_in
from tests.connections import connect
from tests.fake_control import FakeTwilio
from tests.tasks import run_tasks

PassTime = Callable[[timedelta], None]
PAGE = "/accounts/twilio/"
TYPED = {
    "account_sid": catalogue.account_sid(catalogue.DEMO),
    "auth_token": catalogue.auth_token(catalogue.DEMO),
    "region": "us1",
}


def read(client: Client) -> str:
    return client.get(PAGE).content.decode()


def test_connecting_says_what_is_being_done_and_then_what_was_done(
    alice_client: Client, bob: User, fake_twilio: FakeTwilio
) -> None:
    alice_client.post(PAGE, TYPED)
    for _ in range(2):
        page = read(alice_client)
        assert str(UNDER_WAY["numbers"]) in page and "errands.js" in page
        assert catalogue.DEMO_NUMBER not in page
    assert str(UNDER_WAY["numbers"]) not in read(signed_in(bob))
    run_tasks()
    page = read(alice_client)
    assert f"Calls to {catalogue.DEMO_NUMBER}, which nobody answered, now ring here." in page
    assert str(UNDER_WAY["numbers"]) not in page and "errands.js" not in page


def test_connecting_waits_for_nothing_that_the_numbers_take(
    alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    alice_client.post(PAGE, TYPED)
    paths = {one["path"] for one in fake_twilio.requests()}
    assert paths and not any("PhoneNumbers" in path or "CallerIds" in path for path in paths)


def test_removing_says_that_it_is_being_cleared_away_and_then_what_was(
    alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    alice_client.post(PAGE, TYPED)
    run_tasks()
    fake_twilio.control("DELETE", "requests")
    alice_client.post(reverse("disconnect_twilio"))
    assert fake_twilio.requests() == []
    page = read(alice_client)
    assert "Dog n Bone has forgotten your Twilio credentials." in page and str(UNDER_WAY["clearing"]) in page
    run_tasks()
    page = read(alice_client)
    assert "The API key that Dog n Bone made was removed" in page and str(UNDER_WAY["clearing"]) not in page


def test_connecting_the_same_again_leaves_nothing_to_clear_away(
    alice_client: Client, fake_twilio: FakeTwilio
) -> None:
    own = {
        "api_key_sid": catalogue.key_sid("demo standard"),
        "api_key_secret": catalogue.key_secret("demo standard"),
        "twiml_app_sid": "",
    }
    alice_client.post(PAGE, {**TYPED, **own})
    run_tasks()
    alice_client.post(PAGE, {**TYPED, **own})
    assert not Errand.objects.filter(kind="clearing").exists()


@pytest.fixture
def account(db: None) -> TwilioAccount:
    return TwilioAccount.objects.create(account_sid=TYPED["account_sid"])


def make_errand(user: User, account: TwilioAccount, **fields: object) -> Errand:
    return Errand.objects.create(kind="clearing", user=user, account=account, **fields)


def test_good_news_is_shown_for_minutes_and_bad_news_for_days(
    alice: User, alice_client: Client, account: TwilioAccount, pass_time: PassTime
) -> None:
    make_errand(alice, account).end(["It went well."])
    make_errand(alice, account).end(["It went badly."], has_failed=True)
    assert "It went well." in read(alice_client)
    pass_time(GOOD_NEWS_SHOWN_FOR)
    assert "It went well." not in read(alice_client) and "It went badly." in read(alice_client)
    pass_time(BAD_NEWS_SHOWN_FOR)
    assert "It went badly." not in read(alice_client)


def test_an_errand_that_everybody_forgot_ends_and_keeps_no_secret(
    alice: User, account: TwilioAccount, pass_time: PassTime
) -> None:
    errand = make_errand(alice, account, auth_token=TYPED["auth_token"])
    pass_time(SECRETS_KEPT_FOR)
    forget_old_errands.func()
    errand.refresh_from_db()
    assert not errand.auth_token and errand.words == [SENTENCES["not_cleared"]] and errand.has_failed
    pass_time(KEPT_FOR)
    forget_old_errands.func()
    assert not Errand.objects.exists()


def add_numbers(account: TwilioAccount) -> list[dict[str, str]]:
    """Numbers that point here, as Twilio would list them; the fake has none of them."""
    rows = [{"sid": f"PN{number:032x}", "phone_number": f"+120255502{number:02}"} for number in range(6)]
    PhoneNumber.objects.bulk_create(
        PhoneNumber(account=account, kind=PhoneNumber.Kind.OWNED, points_here=True, **row) for row in rows
    )
    return rows


def count_asked(fake: FakeTwilio) -> int:
    return sum("/IncomingPhoneNumbers/" in one["path"] for one in fake.requests())


def test_a_twilio_that_is_ill_is_not_asked_for_each_number_while_letters_wait(
    alice: User, fake_twilio: FakeTwilio
) -> None:
    credentials = connect(alice)
    rows = add_numbers(credentials.account)
    fake_twilio.add_fault("unavailable")
    fake_twilio.control("DELETE", "requests")
    with pytest.raises(NumbersNotRead):
        answer_unanswered(best_login(Candidate.of(credentials)), credentials.account, rows)
    assert count_asked(fake_twilio) == SILENCES
    fake_twilio.control("DELETE", "requests")
    disconnect_twilio(user=alice)
    run_tasks()
    assert count_asked(fake_twilio) == SILENCES
    assert Errand.objects.under_way().filter(kind="clearing").exists()


def test_one_number_that_cannot_be_changed_now_keeps_nobody_from_the_others(
    alice: User, fake_twilio: FakeTwilio
) -> None:
    credentials = connect(alice)
    rows = add_numbers(credentials.account)
    fake_twilio.add_fault("unavailable", path=rows[2]["sid"])
    fake_twilio.control("DELETE", "requests")
    with pytest.raises(NumbersNotRead):
        answer_unanswered(best_login(Candidate.of(credentials)), credentials.account, rows)
    assert count_asked(fake_twilio) == len(rows)
