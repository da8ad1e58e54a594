"""Whoever sits down at a browser that was left signed in does not change where its person's letters go."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.people import User

PAGE = "/accounts/email/"
A_WHILE = timedelta(minutes=20)


def list_addresses(person: User) -> list[tuple[str, bool]]:
    return sorted(EmailAddress.objects.filter(user=person).values_list("email", "primary"))


@pytest.mark.parametrize(
    "typed",
    [
        {"action_add": "", "email": "mallory@example.com"},
        {"action_remove": "", "email": "old@example.com"},
        {"action_primary": "", "email": "old@example.com"},
    ],
    ids=["add", "remove", "make the first"],
)
def test_who_signed_in_a_while_ago_is_asked_before_an_address_changes(
    typed: dict[str, str], alice: User, alice_client: Client, pass_time: Callable[[timedelta], None]
) -> None:
    alice_client.get(PAGE)
    EmailAddress.objects.create(user=alice, email="old@example.com", verified=True)
    before = list_addresses(alice)
    pass_time(A_WHILE)
    asks = alice_client.post(PAGE, typed)
    assert asks.headers["Location"].startswith("/accounts/reauthenticate/")
    assert list_addresses(alice) == before


def test_who_has_just_signed_in_is_not(alice: User, alice_client: Client) -> None:
    alice_client.post(PAGE, {"action_add": "", "email": "second@example.com"})
    assert "second@example.com" in dict(list_addresses(alice))
