"""Who is of an account, whose it is, and on what a phone runs."""

from typing import Any

import pytest

from accounts.company.memberships import (
    Membership,
    RefusedMember,
    get_membership,
    get_owner,
    is_owner,
    list_without_membership,
    may_manage,
)
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials, get_connection
from accounts.twilio.recheck import recheck_by_night
from fake_twilio import catalogue
from tests.conftest import signed_in
from tests.webhook_requests import make_member


def of(user: User) -> Membership:
    return Membership.objects.get(user=user)


def add_invited(user: User, owner: User) -> Membership:
    whose = of(owner)
    return Membership.objects.create(user=user, account=whose.account, credentials=whose.credentials)


def test_whoever_proves_an_account_first_is_its_owner_and_the_second_asks(alice: User, bob: User) -> None:
    account = make_member(alice)
    make_member(bob)
    assert (is_owner(alice, account), is_owner(bob, account)) == (True, False)
    assert of(alice).asked_at is None
    assert of(bob).asked_at is not None
    assert of(bob).account == account
    assert may_manage(bob, account)


def test_an_invited_phone_runs_on_the_owners_credentials(alice: User, bob: User) -> None:
    account = make_member(alice)
    add_invited(bob, alice)
    connection = get_connection(bob)
    assert connection is not None
    assert (connection.user, connection.person) == (alice, bob)
    assert not may_manage(bob, account)


def test_nobody_without_a_membership_has_a_phone(alice: User, mallory: User) -> None:
    account = make_member(alice)
    assert get_connection(mallory) is None
    assert not is_owner(mallory, account)
    assert not is_owner(mallory, None)


def test_whoever_has_been_refused_is_nobodys_colleague_and_keeps_their_phone(alice: User, bob: User) -> None:
    account = make_member(alice)
    RefusedMember.objects.create(account=account, user=bob, refused_by=alice)
    make_member(bob)
    assert of(bob).account is None
    assert not User.objects.filter(membership__account=account, pk=bob.pk).exists()
    connection = get_connection(bob)
    assert connection is not None and connection.user == bob
    assert list(Membership.objects.of_account(None)) == []
    # Neither a save nor connecting anew takes them in again.
    connection.save()
    TwilioCredentials.objects.filter(user=bob).delete()
    make_member(bob)
    assert of(bob).account is None


def test_an_owner_who_goes_is_followed_by_who_has_proven_it_next(
    alice: User, bob: User, mallory: User
) -> None:
    account = make_member(alice)
    add_invited(mallory, alice)
    make_member(bob)
    TwilioCredentials.objects.get(user=alice).delete()
    assert is_owner(bob, account)
    assert of(bob).asked_at is None
    assert get_connection(mallory) is None


def test_those_on_an_owners_credentials_come_along_to_another_account(alice: User, bob: User) -> None:
    make_member(alice)
    add_invited(bob, alice)
    elsewhere = make_member(User.objects.create_user("x@example.com"), "trial")
    TwilioCredentials.objects.filter(account=elsewhere).delete()
    credentials = TwilioCredentials.objects.get(user=alice)
    credentials.account = elsewhere
    credentials.save()
    assert (of(alice).account, of(bob).account) == (elsewhere, elsewhere)
    assert is_owner(alice, elsewhere)


def test_nobody_comes_along_into_somebody_elses_company(alice: User, bob: User, mallory: User) -> None:
    before = make_member(alice)
    add_invited(bob, alice)
    other = make_member(mallory, "trial")
    credentials = TwilioCredentials.objects.get(user=alice)
    credentials.account = other
    credentials.save()
    assert of(alice).asked_at is not None
    assert get_connection(bob) is None
    assert get_owner(before) is None


def test_an_invited_member_who_proves_the_account_stays_what_they_were(alice: User, bob: User) -> None:
    make_member(alice)
    invited = add_invited(bob, alice)
    Membership.objects.filter(pk=invited.pk).update(may_call_abroad=False)
    make_member(bob)
    assert of(bob).has_own_credentials
    assert of(bob).asked_at is None
    assert not of(bob).may_call_abroad


@pytest.mark.django_db(transaction=True)
def test_the_earliest_proven_of_each_account_becomes_its_owner(alice: User, bob: User) -> None:
    """What the migration made of people who had connected before there were companies."""
    from importlib import import_module

    from django.apps import apps

    account = make_member(bob)
    make_member(alice)
    Membership.objects.all().delete()
    import_module("accounts.migrations.0013_companies").make_memberships(apps, None)
    assert is_owner(bob, account)
    assert of(alice).asked_at is None
    assert get_connection(alice) == TwilioCredentials.objects.get(user=alice)


def store_as_before(user: User, name: str = catalogue.DEMO) -> TwilioCredentials:
    """As code of before memberships does, which runs on beside this one during an upgrade."""
    account, _ = TwilioAccount.objects.get_or_create(account_sid=catalogue.account_sid(name))
    [stored] = TwilioCredentials.objects.bulk_create(
        [TwilioCredentials(user=user, account=account, auth_token="x", auth_token_is_set=True)]
    )
    return stored


def test_credentials_that_old_code_has_stored_have_a_phone_as_soon_as_they_are_met(
    alice: User, bob: User
) -> None:
    credentials = store_as_before(alice)
    assert get_connection(alice) == credentials
    assert is_owner(alice, credentials.account)
    store_as_before(bob)
    assert signed_in(bob).get("/phone/colleagues/").status_code == 200
    assert not of(bob).is_owner and of(bob).asked_at is not None
    assert [member.user for member in Membership.objects.order_by("since")] == [alice, bob]


def test_an_account_that_old_code_has_put_in_place_of_another_is_the_phones(
    alice: User, bob: User, mallory: User
) -> None:
    before = make_member(alice)
    add_invited(bob, alice)
    make_member(mallory)
    elsewhere = TwilioAccount.objects.create(account_sid=catalogue.account_sid("trial"))
    TwilioCredentials.objects.filter(user=alice).update(account=elsewhere)
    assert get_connection(alice) is not None
    assert (of(alice).account, of(bob).account) == (elsewhere, elsewhere)
    assert is_owner(alice, elsewhere) and is_owner(mallory, before)


def test_the_night_finds_those_that_nobody_has_met(alice: User, bob: User, mallory: User) -> None:
    make_member(alice)
    add_invited(bob, alice)
    store_as_before(bob)
    store_as_before(mallory, "other")
    recheck_by_night.call()
    assert of(bob).has_own_credentials and of(bob).account == of(alice).account
    assert is_owner(mallory, of(mallory).account)
    assert list_without_membership() == []


def test_who_has_no_phone_costs_one_question_more(alice: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        assert get_membership(alice) is None
    make_member(alice)
    with django_assert_num_queries(1):
        assert get_membership(alice) is not None
