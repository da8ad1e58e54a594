"""Signing up, in and out, resetting a password, and what is recorded when it fails."""

import re

import pytest
from allauth.account.models import EmailAddress

from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from tests.conftest import PASSWORD, signed_in
from tests.tasks import read_outbox

LOGIN, SIGNUP, LOGOUT = "/accounts/login/", "/accounts/signup/", "/accounts/logout/"
NEW = {"email": "carol@example.com", "password1": "a-fresh-password", "password2": "a-fresh-password"}


def sign_in(client, email="alice@example.com", password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


@pytest.mark.django_db
def test_the_fields_are_named_as_promised(client):
    page = client.get(SIGNUP).content.decode()
    for label in ("Email", "Password", "Password (again)"):
        assert re.search(rf"<label[^>]*>\s*{re.escape(label)}\s*:?\s*</label>", page), label
    page = client.get(LOGIN).content.decode()
    for label in ("Email", "Password"):
        assert re.search(rf"<label[^>]*>\s*{re.escape(label)}\s*:?\s*</label>", page), label


@pytest.mark.django_db
def test_who_signs_up_is_signed_in_and_sent_on_to_connect_twilio(client):
    response = client.post(SIGNUP, NEW, follow=True)
    person = User.objects.get()
    assert person.email == NEW["email"]
    assert re.fullmatch("[A-Za-z0-9_]{1,121}", person.identity)
    assert response.request["PATH_INFO"] == "/accounts/twilio/"


def test_two_people_never_have_the_same_identity(alice, bob):
    assert alice.identity != bob.identity
    assert "alice" not in alice.identity


def test_a_person_signs_in_and_out(alice, client):
    assert sign_in(client).url == "/"
    assert client.post(LOGOUT).status_code == 302
    assert client.get("/").url.startswith(LOGIN)
    assert not LoginFailure.objects.exists()


def test_the_address_is_the_same_in_capitals(alice, client):
    assert sign_in(client, "Alice@Example.COM").url == "/"


def test_what_surrounds_an_address_unseen_keeps_nobody_out(alice, client):
    assert sign_in(client, "\u00a0alice@example.com\u200b").url == "/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("jörg@example.com", "“ö” cannot stand before the @"),
        ("caro\u200bl@example.com", "ZERO WIDTH SPACE"),
    ],
)
def test_an_address_that_is_not_taken_is_answered_with_the_reason_also_by_the_browser(client, email, said):
    for page, field in ((SIGNUP, "email"), (LOGIN, "login"), ("/accounts/password/reset/", "email")):
        form = re.search(r"<form[^>]*>", client.get(page).content.decode())[0]
        assert "novalidate" in form, "or the browser would say less, and send nothing"
        refused = client.post(page, {**NEW, "password": PASSWORD, field: email}).content.decode()
        assert said in refused
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_domain_in_other_letters_signs_in_however_the_browser_writes_it(client):
    client.post(SIGNUP, {**NEW, "email": "carol@bücher.example"})
    client.post(LOGOUT)
    assert sign_in(client, "carol@xn--bcher-kva.example", NEW["password1"]).status_code == 302


def test_signing_out_is_no_link(alice, alice_client):
    assert alice_client.get(LOGOUT).status_code == 200
    assert alice_client.get("/").url == "/accounts/twilio/"


def test_a_password_is_reset_by_mail(alice, client):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client.post("/accounts/password/reset/", {"email": alice.email})
    (letter,) = read_outbox()
    path = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", letter.body)[1]
    response = client.get(path, follow=True)
    new = {"password1": "another-password-1", "password2": "another-password-1"}
    client.post(response.request["PATH_INFO"], new)
    assert sign_in(client, password="another-password-1").url == "/"


@pytest.mark.django_db
def test_a_reset_for_somebody_unknown_looks_the_same(client):
    response = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert response.url == "/accounts/password/reset/done/"


def test_a_wrong_password_is_recorded_without_the_password(alice, client):
    sign_in(client, password="not-her-password", HTTP_USER_AGENT="Firefox", REMOTE_ADDR="192.0.2.7")
    failure = LoginFailure.objects.get()
    assert (failure.shown_by, failure.verdict) == ("sign_in", "sign_in_failed")
    assert (failure.user, failure.email) == (alice, alice.email)
    assert (failure.ip_address, failure.user_agent) == ("192.0.2.7", "Firefox")
    assert "not-her-password" not in repr(vars(failure))


@pytest.mark.django_db
def test_an_unknown_address_is_recorded_as_it_was_typed(client):
    sign_in(client, "Nobody@example.com")
    failure = LoginFailure.objects.get()
    assert failure.user is None
    assert failure.email.lower() == "nobody@example.com"


def test_a_forwarded_address_is_not_believed(alice, client):
    sign_in(client, password="wrong", HTTP_X_FORWARDED_FOR="203.0.113.9", REMOTE_ADDR="192.0.2.7")
    assert LoginFailure.objects.get().ip_address == "192.0.2.7"


def test_attempts_that_are_turned_away_unread_are_counted_in_one_row(alice, client):
    for _ in range(9):
        sign_in(client, password="wrong")
    failed = LoginFailure.objects.filter(verdict="sign_in_failed")
    throttled = LoginFailure.objects.get(verdict="sign_in_throttled")
    assert failed.count() == 5
    assert throttled.count == 4
    assert (throttled.user, throttled.shown_by) == (alice, "sign_in")


@pytest.mark.django_db
def test_a_flood_of_made_up_names_stays_a_small_table(client):
    for number in range(130):
        sign_in(client, f"nobody{number}@example.com", "wrong")
    assert LoginFailure.objects.filter(verdict="sign_in_throttled").count() == 1
    assert sum(LoginFailure.objects.values_list("count", flat=True)) == 130


def test_who_is_not_active_cannot_sign_in(alice, client):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    sign_in(client)
    assert client.get("/").url.startswith(LOGIN)


def test_the_admins_door_is_the_same_door(admin_user, client):
    response = client.get("/admin/login/")
    assert response.status_code == 302 and LOGIN in response.url
    assert sign_in(client, admin_user.email).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_who_is_in_the_admin_tries_no_passwords_at_its_own_door(admin_user, alice, client):
    client.force_login(admin_user, backend="allauth.account.auth_backends.AuthenticationBackend")
    for _ in range(8):
        response = client.post("/admin/login/", {"username": alice.email, "password": "wrong"})
        assert response.url == "/admin/"
    assert not LoginFailure.objects.exists()
    client.post("/admin/login/", {"username": alice.email, "password": PASSWORD})
    assert client.get("/admin/").context["user"] == admin_user


def test_the_admin_changes_passwords_where_everybody_does(admin_user, client):
    assert "/login/" in client.get("/admin/password_change/").url
    client.force_login(admin_user, backend="allauth.account.auth_backends.AuthenticationBackend")
    for method in (client.get, client.post):
        assert method("/admin/password_change/", {"old_password": "x"}).url == "/accounts/password/change/"


def test_a_person_says_what_colleagues_call_them(alice, alice_client):
    alice_client.post("/accounts/name/", {"name": "  Alice Liddell "})
    alice.refresh_from_db()
    assert alice.name == alice.display_name == "Alice Liddell"


def test_without_a_name_the_address_says_it(alice, alice_client):
    alice_client.post("/accounts/name/", {"name": ""})
    alice.refresh_from_db()
    assert alice.display_name == "Alice"


def test_a_name_that_is_too_long_is_refused(alice, alice_client):
    assert alice_client.post("/accounts/name/", {"name": "x" * 81}).status_code == 422


def test_nobody_changes_more_than_their_own_name(alice, bob):
    signed_in(bob).post("/accounts/name/", {"name": "Bobby", "email": "x@example.com", "is_staff": "1"})
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.name, bob.name, bob.email, bob.is_staff) == ("Alice", "Bobby", "bob@example.com", False)
