"""Nobody locks out another: wrong passwords of some, the right one of others, from many addresses."""

import itertools
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from tests.conftest import PASSWORD
from tests.tasks import read_outbox

LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"
HOME, OFFICE, CAFE = "192.0.2.7", "198.51.100.20", "203.0.113.90"


@pytest.fixture(autouse=True)
def clock_that_stands(time_machine: Any) -> None:
    """A hundred attempts take a busy machine minutes; what is to pass, a test lets pass."""
    time_machine.move_to(timezone.now(), tick=False)


def try_password(email: str, password: str, address: str, browser: Client | None = None) -> Any:
    browser = browser or Client()
    return browser.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=address)


def gets_in(person: User, address: str, browser: Client | None = None) -> bool:
    return bool(try_password(person.email, PASSWORD, address, browser).status_code == 302)


def read_refusal(response: Any) -> str:
    """The words of a refused attempt, which say when to come back as its header does."""
    assert response.status_code == 429
    minutes = -(-int(response["Retry-After"]) // 60)
    (words,) = re.findall(r'role="alert">.*?<span>(.*?)</span>', response.content.decode(), re.DOTALL)
    assert f"Try again in {minutes} minute" in words
    return str(words)


def attack_from_everywhere(email: str, times: int) -> None:
    """One wrong password from each of so many addresses."""
    for number in range(times):
        try_password(email, "wrong", f"10.{number // 60000}.{number // 250 % 250}.{number % 250 + 1}")


def attack_from(address: str, accounts: int) -> Any:
    """One wrong password for each of so many accounts; the last answer."""
    for number in range(accounts):
        response = try_password(f"somebody{number}@example.com", "wrong", address)
    return response


def test_who_types_wrong_passwords_for_another_locks_out_only_that_address(bob: User) -> None:
    for _ in range(6):
        response = try_password(bob.email, "wrong", CAFE)
    assert read_refusal(response) == (
        "Too many failed attempts. Try again in 5 minutes, or reset your password: that works at once."
    )
    assert not gets_in(bob, CAFE)
    assert gets_in(bob, HOME)


def test_the_wait_ends_when_it_was_said_to(bob: User, pass_time: Any) -> None:
    for _ in range(6):
        response = try_password(bob.email, "wrong", CAFE)
    pass_time(timedelta(seconds=100))
    later = try_password(bob.email, "wrong", CAFE)
    assert "Try again in 4 minutes" in read_refusal(later)
    assert abs(int(response["Retry-After"]) - 100 - int(later["Retry-After"])) <= 1
    pass_time(timedelta(seconds=int(later["Retry-After"])))
    assert gets_in(bob, CAFE)


@pytest.mark.parametrize("mistaken", [["alice@example.com"] * 4, ["bob@example.com"] * 60, []])
def test_an_office_behind_one_address_is_not_locked_out_by_one_person(
    mistaken: list[str], alice: User, bob: User
) -> None:
    """By typos of hers, by one who tries a colleague's account on and on, or by twelve who each err."""
    for email in mistaken or [f"colleague{number}@example.com" for number in range(12)]:
        try_password(email, "wrong", OFFICE)
    assert gets_in(alice, OFFICE)


def test_one_address_that_tries_many_accounts_is_slowed(alice: User) -> None:
    assert attack_from(CAFE, 100).status_code == 200
    assert "5 minutes" in read_refusal(attack_from(CAFE, 101))
    assert not gets_in(alice, CAFE)
    assert gets_in(alice, HOME)


def test_known_people_of_an_address_are_let_in_whatever_others_try_from_it(alice: User, bob: User) -> None:
    hers = Client()
    assert gets_in(alice, OFFICE, hers)
    read_refusal(attack_from(OFFICE, 101))
    hers.post("/accounts/logout/")
    assert gets_in(alice, OFFICE, hers)
    assert gets_in(alice, OFFICE), "in another browser at the same address"
    assert not gets_in(bob, OFFICE), "who was never there"


def test_guessing_from_a_thousand_addresses_is_slowed_and_the_owner_signs_in_where_known(
    bob: User, alice: User
) -> None:
    his = Client()
    assert gets_in(bob, HOME, his)
    his.post("/accounts/logout/")
    attack_from_everywhere(bob.email, 1000)
    judged = LoginFailure.objects.filter(verdict="sign_in_failed", user=bob)
    assert judged.count() == 50
    assert gets_in(bob, HOME), "at the address where he has been"
    assert not gets_in(bob, CAFE)
    assert gets_in(bob, CAFE, his), "in the browser where he has been"
    assert gets_in(alice, CAFE)


def test_a_right_password_makes_no_room_for_more_guesses(alice: User, mallory: User) -> None:
    """Mallory signs in with her own password in between."""
    answers = []
    for _ in range(7):
        answers.append(try_password(alice.email, "wrong", CAFE).status_code)
        assert gets_in(mallory, CAFE)
    assert answers == [200] * 5 + [429] * 2


def test_nobody_at_the_same_address_locks_out_a_browser_that_is_known(alice: User) -> None:
    hers = Client()
    assert gets_in(alice, OFFICE, hers)
    hers.post("/accounts/logout/")
    for _ in range(9):
        try_password(alice.email, "wrong", OFFICE)
    assert gets_in(alice, OFFICE, hers)


def test_a_known_browser_guesses_no_faster(alice: User) -> None:
    hers = Client()
    assert gets_in(alice, OFFICE, hers)
    hers.post("/accounts/logout/")
    addresses = itertools.cycle((OFFICE, HOME, CAFE))
    answers = [try_password(alice.email, "wrong", next(addresses), hers).status_code for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2


@pytest.mark.parametrize("forged", ["", "x", "eyJhIjoxfQ:1:x"])
def test_a_cookie_of_ones_own_making_or_of_another_person_makes_nobody_known(
    forged: str, alice: User, mallory: User
) -> None:
    hers = Client()
    assert gets_in(mallory, CAFE, hers)
    hers.post("/accounts/logout/")
    if forged:
        hers.cookies["dnb_device"] = forged
    attack_from_everywhere(alice.email, 51)
    assert not gets_in(alice, CAFE, hers)


def test_the_cookie_is_signed_and_out_of_a_scripts_reach(alice: User) -> None:
    cookie = try_password(alice.email, PASSWORD, HOME).cookies["dnb_device"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert bool(cookie["secure"]) == settings.SESSION_COOKIE_SECURE
    assert alice.email not in cookie.value


def test_neighbouring_ipv6_addresses_are_one_and_mapped_ipv4_addresses_are_many(
    alice: User, bob: User
) -> None:
    for number in range(6):
        response = try_password(alice.email, "wrong", f"2001:db8:1:2::{number + 1:x}")
    assert response.status_code == 429
    assert gets_in(alice, "2001:db8:1:3::1")
    for _ in range(6):
        response = try_password(bob.email, "wrong", "::ffff:192.0.2.50")
    assert response.status_code == 429
    assert not gets_in(bob, "192.0.2.50")
    assert gets_in(bob, "::ffff:192.0.2.51")


def test_a_refusal_tells_nothing_of_the_account_and_costs_no_hash(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for email in (alice.email, "nobody@example.com"):
        for _ in range(5):
            try_password(email, "wrong", CAFE)
    hashed: list[str] = []
    hasher = hashers.get_hasher()
    monkeypatch.setattr(type(hasher), "encode", lambda self, password, salt: hashed.append(password) or "x")
    pages = [
        try_password(email, PASSWORD, CAFE).content.decode().replace(email, "")
        for email in (alice.email, "nobody@example.com")
    ]
    assert not hashed
    without_csrf = [re.sub(r'value="[^"]{64}"', "", page) for page in pages]
    assert without_csrf[0] == without_csrf[1]


def test_what_was_turned_away_is_recorded_as_one_row(bob: User) -> None:
    for _ in range(12):
        try_password(bob.email, "wrong", CAFE)
    throttled = LoginFailure.objects.get(verdict="sign_in_throttled")
    assert (throttled.user, throttled.ip_address, throttled.count) == (bob, CAFE, 7)


# Resetting


def ask_for_reset(email: str, address: str) -> Any:
    return Client().post(RESET, {"email": email}, REMOTE_ADDR=address)


def follow(letter: Any, password: str, address: str, browser: Client) -> None:
    path = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", letter.body)[1]  # type: ignore[index]
    page = browser.get(path, follow=True, REMOTE_ADDR=address)
    new = {"password1": password, "password2": password}
    assert browser.post(page.request["PATH_INFO"], new, REMOTE_ADDR=address).status_code == 302


@pytest.mark.parametrize("address", [CAFE, HOME])
def test_a_reset_works_while_the_account_is_under_attack_and_while_one_is_throttled(
    address: str, bob: User
) -> None:
    attack_from_everywhere(bob.email, 60)
    for _ in range(6):
        try_password(bob.email, "wrong", address)
    assert not gets_in(bob, address)
    assert ask_for_reset(bob.email, address).url == RESET + "done/"
    browser = Client()
    follow(read_outbox()[0], "another-password-1", address, browser)
    attack_from_everywhere(bob.email, 60)
    assert try_password(bob.email, "another-password-1", address, browser).status_code == 302


def test_the_link_in_the_letter_cannot_be_kept_from_working(bob: User) -> None:
    ask_for_reset(bob.email, OFFICE)
    for number in range(40):
        Client().post(f"{RESET}key/{number}-set-password/", {"password1": "x"}, REMOTE_ADDR=OFFICE)
    browser = Client()
    follow(read_outbox()[0], "another-password-1", OFFICE, browser)
    assert try_password(bob.email, "another-password-1", OFFICE, browser).status_code == 302


@pytest.mark.parametrize("email", ["bob@example.com", "nobody@example.com"])
def test_one_letter_a_minute_is_sent_and_the_page_says_the_same(
    email: str, bob: User, pass_time: Any
) -> None:
    for number in range(6):
        assert ask_for_reset(email, f"192.0.2.{number + 1}").url == RESET + "done/"
    assert len(read_outbox()) == 1
    pass_time(timedelta(seconds=61))
    ask_for_reset(email, HOME)
    assert len(read_outbox()) == 2


def test_a_letter_whose_link_has_ended_does_not_stand_in_the_way_of_the_next(bob: User) -> None:
    """Mallory asks for bob's letter all the time; he has signed in since, and then forgets his password."""
    ask_for_reset(bob.email, CAFE)
    assert gets_in(bob, HOME)
    ask_for_reset(bob.email, HOME)
    letters = read_outbox()
    assert len(letters) == 2
    follow(letters[1], "another-password-1", HOME, Client())


def test_a_flood_of_resets_from_one_address_ends_and_stops_nobody_who_is_known_there(
    bob: User, alice: User
) -> None:
    assert gets_in(bob, OFFICE)
    for number in range(31):
        response = ask_for_reset(f"somebody{number}@example.com", OFFICE)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 300
    assert "Try again in 5 minutes here, or now from another network." in response.content.decode()
    assert ask_for_reset(alice.email, OFFICE).status_code == 429
    assert ask_for_reset(alice.email, HOME).status_code == 302
    assert ask_for_reset(bob.email, OFFICE).status_code == 302
    assert {letter.to[0] for letter in read_outbox()} >= {alice.email, bob.email}


@pytest.mark.django_db
def test_the_limits_that_are_allauths_say_when_to_come_back_too() -> None:
    for number in range(21):
        new = {"email": f"new{number}@example.com", "password1": "x", "password2": "y"}
        response = Client().post("/accounts/signup/", new, REMOTE_ADDR=CAFE)
    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert "Try again in 1 minute." in response.content.decode()


def test_no_address_stands_in_the_cache(alice: User) -> None:
    try_password(alice.email, "wrong", HOME)
    kept = str(getattr(cache, "_cache", ""))
    assert alice.email not in kept
