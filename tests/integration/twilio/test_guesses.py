"""Stolen credentials are not tried here; whoever owns an account connects it all the same."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.audit.refusals import Refusal
from accounts.people import User
from accounts.twilio import guesses
from fake_twilio import catalogue
from tests.conftest import signed_in
from tests.fake_control import FakeTwilio

PAGE = "/accounts/twilio/"


def stolen(number: int, token: int = 0) -> dict[str, str]:
    """A pair that Twilio does not know."""
    return {"account_sid": f"AC{number:032x}", "auth_token": f"{number * 7 + token:032x}", "region": "us1"}


def own() -> dict[str, str]:
    return {
        "account_sid": catalogue.account_sid(catalogue.DEMO),
        "auth_token": catalogue.auth_token(catalogue.DEMO),
        "region": "us1",
    }


def sign_up(number: int) -> User:
    return User.objects.create_user(f"fresh{number}@example.com", "dog-and-bone")


def try_out(person: User, form: dict[str, str], address: str = "127.0.0.1") -> int:
    return int(signed_in(person).post(PAGE, form, REMOTE_ADDR=address).status_code)


def count_asked(fake_twilio: FakeTwilio) -> int:
    return len({one["who"] for one in fake_twilio.requests()})


def test_forty_stolen_pairs_from_four_sign_ups_are_mostly_not_judged(
    db: None, fake_twilio: FakeTwilio
) -> None:
    people = [sign_up(number) for number in range(4)]
    answers = Counter(
        try_out(people[number % 4], stolen(number + 1), f"198.51.100.{number % 4}") for number in range(40)
    )
    assert answers == {422: 16, 429: 24}
    assert count_asked(fake_twilio) == 16
    rows = Refusal.objects.filter(what="connect")
    assert sum(rows.values_list("count", flat=True)) == 24
    assert set(rows.values_list("about", flat=True)) == {guesses.BAD_OF_PERSON.name}


def test_many_people_at_one_address_have_its_limit_together(db: None, fake_twilio: FakeTwilio) -> None:
    answers = [try_out(sign_up(number), stolen(number + 1), "2001:db8::1") for number in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert try_out(sign_up(20), stolen(20), "2001:db8::ffff:2") == 429, "the same /64"
    assert try_out(sign_up(21), stolen(21), "2001:db8:0:1::2") == 422


def test_a_brake_for_all_who_are_new_leaves_each_two_tries(db: None, fake_twilio: FakeTwilio) -> None:
    addresses = iter(f"198.51.{number}.7" for number in range(250))
    for number in range(20):
        assert try_out(sign_up(number), stolen(number + 1), next(addresses)) == 422
    late = sign_up(99)
    answers = [try_out(late, stolen(100 + number), next(addresses)) for number in range(3)]
    assert answers == [422, 422, 429]
    # Whoever is right needs no more than one.
    assert try_out(sign_up(98), own(), next(addresses)) == 302


def test_who_is_not_new_is_not_braked_by_those_who_are(
    alice: User, fake_twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "CEILING", guesses.RateLimit("low", limit=1, seconds=60))
    User.objects.filter(pk=alice.pk).update(date_joined=timezone.now() - timedelta(days=8))
    assert [try_out(sign_up(number), stolen(number + 1)) for number in range(2)] == [422, 429]
    assert try_out(alice, stolen(9)) == 422


def test_mistakes_with_one_account_are_one_account(alice: User, fake_twilio: FakeTwilio) -> None:
    answers = [try_out(alice, {**own(), "auth_token": f"{number:032x}"}) for number in range(9)]
    assert answers == [422] * 9
    assert try_out(alice, own()) == 302


def test_what_was_right_counts_as_no_bad_one(alice: User, fake_twilio: FakeTwilio) -> None:
    for number in range(3):
        assert try_out(alice, stolen(number + 1)) == 422
    for _ in range(3):
        assert try_out(alice, own()) == 302
    assert try_out(alice, stolen(4)) == 422
    assert try_out(alice, stolen(5)) == 429
    assert try_out(alice, own()) == 302, "an account connected before"


def test_an_account_that_others_are_tried_for_is_still_its_owners(
    alice: User, bob: User, fake_twilio: FakeTwilio
) -> None:
    assert try_out(bob, own()) == 302
    wrong = {**own(), "auth_token": "0" * 32}
    answers = [try_out(sign_up(number), wrong, f"198.51.{number}.7") for number in range(22)]
    assert answers[:20] == [422] * 20 and answers[20:] == [429] * 2
    assert try_out(bob, own()) == 302


def test_the_accounts_of_a_thief_who_is_right_are_counted_too(
    alice: User, fake_twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "ACCOUNTS_OF_PERSON", guesses.RateLimit("few", limit=1, seconds=60))
    other = {"account_sid": catalogue.account_sid("other"), "auth_token": catalogue.auth_token("other")}
    assert try_out(alice, own()) == 302
    assert try_out(alice, {**other, "region": "us1"}) == 429
    assert try_out(alice, own()) == 302


def test_what_was_not_judged_is_not_counted(alice: User, fake_twilio: FakeTwilio, settings: Any) -> None:
    address, settings.TWILIO_BASE_URL = settings.TWILIO_BASE_URL, "http://127.0.0.1:9"
    assert [try_out(alice, stolen(number + 1)) for number in range(8)] == [503] * 8
    settings.TWILIO_BASE_URL = address
    assert try_out(alice, own()) == 302


@pytest.mark.parametrize(
    "change",
    [{"account_sid": ""}, {"account_sid": "AC1"}, {"auth_token": "x"}, {"auth_token": "\u200b" * 32}],
)
def test_what_has_no_shape_is_no_attempt(
    change: dict[str, str], alice: User, fake_twilio: FakeTwilio
) -> None:
    for number in range(12):
        assert try_out(alice, {**stolen(number + 1), **change}) == 422
    assert fake_twilio.requests() == []
    assert try_out(alice, own()) == 302


def test_those_at_once_are_not_let_in_together(transactional_db: None, fake_twilio: FakeTwilio) -> None:
    person = sign_up(1)
    browsers: list[Client] = [signed_in(person) for _ in range(9)]

    def attempt(number: int) -> int:
        try:
            return int(browsers[number].post(PAGE, stolen(number + 1)).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(browsers)) as threads:
        answers = Counter(threads.map(attempt, range(len(browsers))))
    assert answers == {422: 4, 429: 5}


def test_the_refusal_says_what_to_do(
    alice: User, fake_twilio: FakeTwilio, pass_time: Callable[[timedelta], None]
) -> None:
    for number in range(4):
        try_out(alice, stolen(number + 1))
    answer = signed_in(alice).post(PAGE, stolen(5))
    assert answer.status_code == 429 and 0 < int(answer["Retry-After"]) <= 24 * 3600
    assert 'data-verdict="rate_limited"' in answer.text and "4 different Twilio accounts" in answer.text
    assert not answer.context["verdict"].blames_credentials
    pass_time(timedelta(days=1, seconds=1))
    assert try_out(alice, stolen(5)) == 422
