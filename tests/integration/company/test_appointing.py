"""A company whose owner cannot act: what goes on, what is said, and how staff make another one the owner."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from accounts.audit.admin_actions import AdminAction
from accounts.company.changes import CompanyChange
from accounts.company.memberships import Membership, is_owner
from accounts.people import User
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials, get_connection
from accounts.twilio.recheck import find_used
from tests.conftest import signed_in
from tests.integration.company.test_memberships import add_invited, of
from tests.integration.company.test_people import PEOPLE, read_link, send
from tests.integration.twilio.test_confirming import age_sign_in
from tests.tasks import run_tasks
from tests.webhook_requests import add_number, make_member, post

NOTE = "Alice has left; her company's letter of today."


@pytest.fixture
def account(alice: User, bob: User) -> TwilioAccount:
    """Alice's, with Bob on her credentials."""
    account = make_member(alice)
    add_invited(bob, alice)
    return account


def deactivate(person: User) -> None:
    person.is_active = False
    person.save()


def address(person: User) -> str:
    return f"/admin/accounts/membership/{of(person).pk}/make-owner/"


def test_phones_go_on_and_members_are_told_that_nobody_decides(
    account: TwilioAccount, alice: User, bob: User
) -> None:
    client = signed_in(bob)
    assert 'data-part="owner-away"' not in client.get(PEOPLE).content.decode()
    deactivate(alice)
    shown = client.get(PEOPLE).content.decode()
    assert 'data-part="owner-away"' in shown and "ask them about what you may do" not in shown
    assert "deactivated" in client.get("/accounts/twilio/").content.decode()
    assert client.get("/").status_code == 200
    add_number(account, "+12025550100")
    rung = {"From": f"client:{bob.identity}", "To": "+12025550123"}
    assert "+12025550123" in post("voice_webhook", account, **rung).content.decode()
    # The phone is still looked after by night.
    assert list(find_used()) == [TwilioCredentials.objects.get(user=alice)]
    deactivate(bob)
    assert list(find_used()) == []


def test_whom_to_ask_is_somebody_who_can_act(fake_twilio: Any, alice: User, bob: User) -> None:
    make_member(alice, auth_token="0" * 32)
    add_invited(bob, alice)
    deactivate(alice)
    remedy = signed_in(bob).post("/phone/token/").json()["verdict"]["remedy"]
    assert "Ask whoever runs Dog n Bone" in remedy and "Ask Alice" not in remedy


def test_an_invitation_of_who_cannot_act_waits(
    alice_client: Client, account: TwilioAccount, alice: User, bob: User, admin_user: User
) -> None:
    send(alice_client)
    link = read_link()
    deactivate(alice)
    assert Client().get(link).status_code == 410
    signed_in(admin_user).post(address(bob), {"note": NOTE})
    assert Client().get(link).status_code == 200


def test_staff_make_a_member_the_owner_and_all_of_it_is_kept_and_told(
    account: TwilioAccount, alice: User, bob: User, mallory: User, admin_user: User
) -> None:
    add_invited(mallory, alice)
    credentials = get_connection(bob)
    deactivate(alice)
    client = signed_in(admin_user)
    listed = client.get("/admin/accounts/membership/?owner=away").content.decode()
    assert bob.email in listed and mallory.email in listed
    assert address(bob) in client.get(f"/admin/accounts/membership/{of(bob).pk}/change/").content.decode()
    asked = client.get(address(bob)).content.decode()
    assert bob.email in asked and alice.email in asked
    assert client.post(address(bob), {"note": ""}).status_code == 422
    assert is_owner(alice, account), "without a reason nothing is done"
    assert client.post(address(bob), {"note": NOTE}).status_code == 302
    assert is_owner(bob, account) and not is_owner(alice, account)
    for person in (bob, mallory):
        assert get_connection(person) == credentials
    assert TwilioCredentials.objects.get().user == bob
    change = CompanyChange.objects.get(kind="handed_over")
    assert (change.by, change.about_email, change.facts) == (admin_user, bob.email, {"by_staff": True})
    action = AdminAction.objects.get(action="appoint_owner")
    assert (action.actor, action.note) == (admin_user, NOTE)
    assert action.detail == {"before": alice.email, "after": bob.email}
    run_tasks()
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        ([bob.email], "You are the owner now")
    ], "nobody writes to whoever is deactivated"
    assert signed_in(bob).post(f"{PEOPLE}invite/", {"email": "x@example.com"}).status_code == 302
    # Whoever comes back is a member.
    alice.is_active = True
    alice.save()
    assert get_connection(alice) == credentials and not of(alice).is_owner


def test_an_owner_who_will_not_act_is_told_who_is_it_now(
    account: TwilioAccount, alice: User, bob: User, admin_user: User
) -> None:
    make_member(bob)
    signed_in(admin_user).post(address(bob), {"note": NOTE})
    assert is_owner(bob, account) and of(alice).has_own_credentials
    run_tasks()
    assert sorted(letter.subject for letter in mail.outbox) == [
        "Somebody else is the owner now",
        "You are the owner now",
    ]


def test_who_asks_to_join_may_be_made_the_owner_and_is_shown_to_be_nobody_known(
    alice: User, bob: User, admin_user: User
) -> None:
    account = make_member(alice)
    make_member(bob)
    deactivate(alice)
    client = signed_in(admin_user)
    assert "Nobody has accepted this person yet" in client.get(address(bob)).content.decode()
    client.post(address(bob), {"note": NOTE})
    assert is_owner(bob, account) and of(bob).asked_at is None


def test_nobody_is_made_the_owner_who_cannot_act_or_was_refused(
    account: TwilioAccount, alice: User, bob: User, mallory: User, admin_user: User
) -> None:
    make_member(mallory)
    Membership.objects.filter(user=mallory).update(account=None)
    deactivate(bob)
    client = signed_in(admin_user)
    for person in (alice, bob, mallory):
        assert client.post(address(person), {"note": NOTE}).status_code == 302
    assert is_owner(alice, account)
    assert not AdminAction.objects.exists()


def test_who_may_not_makes_nobody_the_owner(
    account: TwilioAccount, alice: User, bob: User, admin_user: User
) -> None:
    assert signed_in(alice).post(address(bob), {"note": NOTE}).status_code == 302
    bob.is_staff = True
    bob.save()
    assert signed_in(bob).post(address(bob), {"note": NOTE}).status_code == 403
    stale = signed_in(admin_user)
    age_sign_in(stale)
    assert "reauthenticate" in stale.post(address(bob), {"note": NOTE})["Location"]
    assert is_owner(alice, account)
    bob.user_permissions.add(Permission.objects.get(codename="change_membership"))
    assert signed_in(bob).post(address(bob), {"note": NOTE}).status_code == 302
    assert is_owner(bob, account)


def test_staff_are_told_what_hangs_on_an_owner(
    account: TwilioAccount, alice: User, bob: User, admin_user: User
) -> None:
    client = signed_in(admin_user)
    page = f"/admin/accounts/user/{alice.pk}/"
    refused = client.post(f"{page}delete/", {"post": "yes"}).content.decode()
    assert "make somebody else the owner of the company first" in refused
    assert User.objects.filter(pk=alice.pk).exists() and get_connection(bob) is not None
    selected = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
    client.post("/admin/accounts/user/", selected)
    assert User.objects.filter(pk=alice.pk).exists()
    form = {"email": alice.email, "name": "", "home_country": ""}
    told = client.post(f"{page}change/", form, follow=True).content.decode()
    assert "nobody decides there until somebody else is made the owner" in told
    assert "/admin/accounts/membership/?owner=away" in told
    client.post(address(bob), {"note": NOTE})
    client.post(f"{page}delete/", {"post": "yes"})
    assert not User.objects.filter(pk=alice.pk).exists()
    assert is_owner(bob, account) and get_connection(bob) is not None


def test_whoever_follows_an_owner_who_has_gone_is_somebody_who_can_act(
    alice: User, bob: User, mallory: User
) -> None:
    account = make_member(alice)
    make_member(bob)
    make_member(mallory)
    deactivate(bob)
    TwilioCredentials.objects.get(user=alice).delete()
    assert is_owner(mallory, account)
