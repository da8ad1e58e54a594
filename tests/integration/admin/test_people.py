"""A person's page in the admin: no hash, what they may do in words, and nobody made more than they may be."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.people import User
from tests.conftest import PASSWORD, signed_in


def page(person: User, part: str = "change") -> str:
    return f"/admin/accounts/user/{person.pk}/{part}/"


def staff_with(*codenames: str) -> Client:
    person = User.objects.create_user("staff@example.com", PASSWORD, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return signed_in(person)


@pytest.mark.parametrize("may", [("view_user",), ("view_user", "change_user"), ()])
def test_no_page_of_a_person_shows_a_hash_or_how_it_was_made(
    alice: User, admin_user: User, may: tuple[str, ...]
) -> None:
    client = staff_with(*may) if may else signed_in(admin_user)
    html = client.get(page(alice)).content.decode()
    algorithm, *_, digest = alice.password.split("$")
    assert digest not in html
    assert algorithm not in html
    assert "Set." in html


def test_the_password_is_changed_on_a_page_of_its_own(alice: User, admin_user: User) -> None:
    client = signed_in(admin_user)
    assert "../password/" in client.get(page(alice)).content.decode()
    new = {
        "password1": "a-better-pass-phrase",
        "password2": "a-better-pass-phrase",
        "usable_password": "true",
    }
    assert client.post(page(alice, "password"), new).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password("a-better-pass-phrase")


def test_whoever_has_been_in_the_admin_for_long_is_asked_before_they_change_a_password(
    alice: User, admin_user: User, pass_time: Callable[[timedelta], None]
) -> None:
    client = signed_in(admin_user)
    pass_time(timedelta(hours=1))
    new = {"password1": "a-better-pass-phrase", "password2": "a-better-pass-phrase"}
    for answer in (client.get(page(alice, "password")), client.post(page(alice, "password"), new)):
        assert answer.url.startswith("/accounts/reauthenticate/")
    assert client.get("/admin/accounts/user/nobody/password/").status_code in (302, 404)
    alice.refresh_from_db()
    assert not alice.check_password("a-better-pass-phrase")


def test_permissions_are_told_in_words_to_those_who_may_not_change_them(alice: User) -> None:
    alice.groups.add(Group.objects.create(name="Front desk"))
    alice.user_permissions.set(Permission.objects.filter(codename="review_loginfailure"))
    html = staff_with("view_user").get(page(alice)).content.decode()
    assert "<li>Group Front desk</li><li>Can review login failures</li>" in html
    assert "review_loginfailure" not in html
    assert "../password/" not in html


def test_a_superuser_ticks_what_somebody_may_do(alice: User, admin_user: User) -> None:
    group = Group.objects.create(name="Front desk")
    review = Permission.objects.get(codename="review_loginfailure")
    odd = Permission.objects.get(codename="add_loginfailure")
    alice.user_permissions.set([odd])
    client = signed_in(admin_user)
    html = client.get(page(alice)).content.decode()
    assert "Can review login failures" in html
    assert "Can add admin action" not in html
    sent = {
        "email": alice.email,
        "name": "Alice",
        "is_active": "on",
        "groups": [group.pk],
        "user_permissions": [review.pk, odd.pk],
    }
    assert client.post(page(alice), sent).status_code == 302
    assert set(alice.user_permissions.all()) == {review, odd}
    assert list(alice.groups.all()) == [group]
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_staff_who_change_people_do_not_change_other_staff(alice: User) -> None:
    """A password that they set, or a second factor less, would be a way to what those may do."""
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client = staff_with("view_user", "change_user")
    for path in ("change/", "password/", "remove-factors/"):
        answer = client.post(f"/admin/accounts/user/{alice.pk}/{path}", {"password1": "x", "note": "x"})
        assert answer.status_code == 403, path


def test_staff_who_change_people_hand_out_nothing(alice: User) -> None:
    group = Group.objects.create(name="Front desk")
    client = staff_with("view_user", "change_user")
    every = list(Permission.objects.values_list("pk", flat=True))
    sent = {"email": alice.email, "name": "Al", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    assert (
        client.post(page(alice), {**sent, "groups": [group.pk], "user_permissions": every}).status_code == 302
    )
    alice.refresh_from_db()
    assert (alice.name, alice.is_staff, alice.is_superuser) == ("Al", False, False)
    assert not alice.groups.exists()
    assert not alice.user_permissions.exists()


def test_a_group_is_made_of_permissions_in_words(admin_user: User) -> None:
    client = signed_in(admin_user)
    html = client.get("/admin/auth/group/add/").content.decode()
    assert "Can see full phone numbers of calls" in html
    assert "unmask_call" not in html
    unmask = Permission.objects.get(codename="unmask_call")
    client.post("/admin/auth/group/add/", {"name": "Auditors", "permissions": [unmask.pk]})
    assert list(Group.objects.get(name="Auditors").permissions.all()) == [unmask]


def test_every_permission_that_guards_something_can_be_given(admin_user: User) -> None:
    html = signed_in(admin_user).get("/admin/auth/group/add/").content.decode()
    custom = Permission.objects.filter(content_type__app_label__in=("accounts", "phone")).exclude(
        codename__regex="^(add|change|delete|view)_"
    )
    assert custom.count() >= 8
    for permission in custom:
        assert permission.name in html, permission
