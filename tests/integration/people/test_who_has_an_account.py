"""Nobody learns who has an account: not by an answer, where it can be kept, nor by the work it takes."""

import re
from typing import Any
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts.audit.refusals import Refusal
from accounts.entrance import limits
from accounts.people import User
from accounts.rate_limits import RateLimit
from tests.conftest import signed_in
from tests.tasks import read_outbox

SIGNUP, RESET, LOGIN = "/accounts/signup/", "/accounts/password/reset/", "/accounts/login/"
HERS, NOBODYS = "alice@example.com", "ellen@example.com"
ELSEWHERE = "198.51.100.7"


@pytest.fixture
def owner(alice: User) -> User:
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    return alice


def sign_up(email: str, address: str = "127.0.0.1") -> tuple[Client, Any]:
    client = Client()
    passwords = dict.fromkeys(("password1", "password2"), "a-fresh-password")
    return client, client.post(SIGNUP, {"email": email, **passwords}, REMOTE_ADDR=address)


def shape(client: Client, response: Any) -> tuple[Any, ...]:
    """All that a stranger sees of an answer and of the page that it leads to, but for what is random."""
    page = client.get(response.url).content.decode() if response.status_code == 302 else ""
    shown = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", response.content.decode() + page)
    for email in (HERS, NOBODYS):
        shown = shown.replace(email, "somebody")
    passing = ("Content-Length", "Expires")
    headers = {name: value for name, value in response.headers.items() if name not in passing}
    cookies = {name: (one["max-age"], len(one.value)) for name, one in response.cookies.items()}
    return response.status_code, headers, sorted(cookies.items()), shown


@pytest.mark.parametrize("email", [HERS, "ALICE@example.com", "\u00a0alice@example.com\u200b"])
def test_where_addresses_are_confirmed_a_sign_up_looks_the_same_for_all(
    email: str, owner: User, settings: Any
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    assert shape(*sign_up(email)) == shape(*sign_up(NOBODYS))
    to_owner, to_stranger = sorted(read_outbox(), key=lambda letter: letter.to)
    assert to_owner.to == [HERS] and "already" in to_owner.body
    assert to_stranger.to == [NOBODYS]


def test_where_they_are_not_a_fresh_person_is_in_at_once_and_the_owner_is_written_to(owner: User) -> None:
    client, fresh = sign_up(NOBODYS)
    assert (fresh.status_code, fresh.url) == (302, "/")
    assert client.session.get("_auth_user_id")
    assert client.get("/accounts/twilio/").status_code == 200
    stranger, answer = sign_up(HERS)
    assert answer.status_code == 302 and HERS not in str(answer.url)
    assert stranger.get("/accounts/twilio/").status_code == 302, "nobody is let in as another"
    assert [letter.to for letter in read_outbox() if "already" in letter.body] == [[HERS]]


@pytest.mark.parametrize("verification", ["mandatory", "optional"])
def test_a_password_is_hashed_once_whether_or_not_somebody_is_there(
    verification: str, owner: User, settings: Any
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    hashed = {}
    encode = MD5PasswordHasher.encode
    for email in (HERS, NOBODYS):
        with patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=encode) as hashing:
            sign_up(email)
        hashed[email] = hashing.call_count
    assert hashed == {HERS: 1, NOBODYS: 1}


def test_nor_does_a_sign_in_hash_less_for_nobody(owner: User) -> None:
    encode, hashed = MD5PasswordHasher.encode, []
    for email in (HERS, NOBODYS):
        with patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=encode) as hashing:
            Client().post(LOGIN, {"login": email, "password": "wrong"})
        hashed.append(hashing.call_count)
    assert hashed[0] == hashed[1] == 1


def test_a_reset_looks_the_same_for_all_and_writes_to_each(owner: User) -> None:
    answers = []
    for email in (HERS, NOBODYS):
        client = Client()
        answers.append(shape(client, client.post(RESET, {"email": email})))
    assert answers[0] == answers[1]
    assert sorted(letter.to[0] for letter in read_outbox()) == [HERS, NOBODYS]


def test_another_address_of_ones_own_looks_the_same_whosever_it_is(owner: User, mallory: User) -> None:
    answers = []
    for email in (HERS, NOBODYS):
        EmailAddress.objects.filter(user=mallory).delete()
        EmailAddress.objects.create(user=mallory, email=mallory.email, primary=True, verified=True)
        client = signed_in(mallory)
        *outside, page = shape(client, client.post("/accounts/email/", {"action_add": "", "email": email}))
        answers.append((outside, re.sub(r"\d+", "0", page)))
    assert answers[0][0] == answers[1][0]
    assert answers[0][1] == answers[1][1]


def test_a_bad_link_looks_the_same_for_all(owner: User) -> None:
    pages = []
    for person in (owner.pk, owner.pk + 4000):
        client = Client()
        answer = client.get(f"/accounts/password/reset/key/{person}-cq1x7f-0a1b2c3d4e5f60718293a4b5c6d7/")
        pages.append((answer.status_code, answer.content))
    assert pages[0] == pages[1]


def test_who_asks_sign_up_who_is_here_is_soon_told_nothing(owner: User) -> None:
    """From another network it goes on; what was taken and what was not are refused alike."""
    for number in range(5):
        assert sign_up(HERS, ELSEWHERE)[1].status_code == 302, number
    taken, fresh = sign_up(HERS, ELSEWHERE), sign_up(NOBODYS, ELSEWHERE)
    assert taken[1].status_code == fresh[1].status_code == 429
    assert 0 < int(taken[1]["Retry-After"]) <= 3600
    assert "Too many sign-ups came from this network" in fresh[1].content.decode()
    assert not User.objects.filter(email=NOBODYS).exists()
    assert sign_up(NOBODYS, "203.0.113.9")[1].status_code == 302
    refusal = Refusal.objects.get(what="sign_up")
    assert (refusal.count, refusal.about, refusal.email) == (2, "sign-up-taken-from-address", "")


def test_so_many_sign_up_from_an_address_and_no_more(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SIGN_UPS_FROM_ADDRESS", RateLimit("few", limit=2, seconds=3600))
    answers = [sign_up(f"p{number}@example.com", "2001:db8::1")[1].status_code for number in range(3)]
    assert answers == [302, 302, 429]
    assert sign_up("q@example.com", "2001:db8::2")[1].status_code == 429, "the same /64"
    assert User.objects.count() == 2
    # A form that was not filled in right is no sign-up.
    assert Client().post(SIGNUP, {"email": "x"}, REMOTE_ADDR="203.0.113.9").status_code == 200
