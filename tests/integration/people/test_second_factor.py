"""A second factor: set up, asked for, required, limited, sealed, told of, and taken away by staff."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.audit.admin_actions import AdminAction
from accounts.audit.journal import AccountEvent
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from accounts.sealing.encryption import make_credential_key
from accounts.second_factor.secrets import FactorSecret
from dognbone.checks import check_second_factor
from tests.conftest import PASSWORD, signed_in
from tests.integration.people.test_sign_in import sign_in
from tests.tasks import read_outbox

FACTORS, ACTIVATE, ASKED = "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/authenticate/"
CODES, ASKED_AGAIN = "/accounts/2fa/recovery-codes/", "/accounts/2fa/reauthenticate/"
PASSKEY = Path(__file__).resolve().parents[2] / "passkey.json"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
A_WHILE = timedelta(minutes=20)
PassTime = Callable[[timedelta], None]


@pytest.fixture
def protected(alice: User) -> User:
    """alice, with an authenticator app and recovery codes."""
    protect(alice, with_passkey=False)
    return alice


def protect(person: User, *, with_passkey: bool = True) -> Authenticator:
    """Gives somebody an app and recovery codes; and a passkey, which is returned, else the app."""
    app: Authenticator = TOTP.activate(person, SECRET).instance
    RecoveryCodes.activate(person)
    return add_passkey(person) if with_passkey else app


def show_code(secret: str = SECRET) -> str:
    """What an app shows now."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))


def list_recovery_codes(person: User) -> list[str]:
    found = Authenticator.objects.get(user=person, type=Authenticator.Type.RECOVERY_CODES)
    return list(found.wrap().get_unused_codes())


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def read_secret(page: str) -> str:
    found = re.search(r"qr-key[^>]*>([A-Z2-7]{32})<", page)
    assert found
    return found[1]


def add_passkey(person: User, name: str = "Work laptop") -> Authenticator:
    """One that Chromium's authenticator of `tests/browser/test_second_factor.py` has made, and forgotten."""
    return WebAuthn.add(person, name, json.loads(PASSKEY.read_text())).instance


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_and_its_codes_are_shown_once(alice: User, alice_client: Client) -> None:
    secret = read_secret(alice_client.get(ACTIVATE).content.decode())
    assert read_secret(alice_client.get(ACTIVATE).content.decode()) == secret, "loaded anew"
    wrong = alice_client.post(ACTIVATE, {"code": "000000"})
    assert "This is not right, or no longer." in wrong.content.decode()
    done = alice_client.post(ACTIVATE, {"code": show_code(secret)}, follow=True)
    assert done.request["PATH_INFO"] == CODES and "no-store" in done["Cache-Control"]
    page = done.content.decode()
    assert all(code in page for code in list_recovery_codes(alice))
    again = alice_client.get(CODES).content.decode()
    assert not any(code in again for code in list_recovery_codes(alice))
    assert alice_client.get(f"{CODES}download/").status_code == 403
    kinds = AccountEvent.objects.filter(user=alice).values_list("kind", flat=True)
    assert {"factor_added", "codes_made"} < set(kinds)
    (letter,) = read_outbox()
    assert letter.subject == "Authenticator app set up" and letter.to == [alice.email]


def test_the_secret_is_sealed_wherever_it_is_kept(alice: User, alice_client: Client, settings: Any) -> None:
    secret = read_secret(alice_client.get(ACTIVATE).content.decode())
    assert secret not in json.dumps(dict(alice_client.session.items()))
    alice_client.post(ACTIVATE, {"code": show_code(secret)})
    kept = [json.dumps(factor.data) for factor in Authenticator.objects.all()]
    assert len(kept) == 2 and not any(secret in one for one in kept)
    assert FactorSecret.objects.count() == 2
    settings.CREDENTIAL_KEYS = [make_credential_key(), *settings.CREDENTIAL_KEYS]
    call_command("reseal_credentials")
    settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS[:1]
    client = Client()
    sign_in(client)
    client.post(ASKED, {"code": show_code(secret)})
    assert is_signed_in(client), "sealed with the new key"
    Authenticator.objects.all().delete()
    assert not FactorSecret.objects.exists()


def test_a_secret_whose_key_is_lost_fits_no_code_and_breaks_no_page(
    protected: User, client: Client, settings: Any
) -> None:
    code = list_recovery_codes(protected)[0]
    for lose in (
        lambda: setattr(settings, "CREDENTIAL_KEYS", [make_credential_key()]),
        FactorSecret.objects.all().delete,
    ):
        lose()
        sign_in(client)
        for typed in (show_code(), code):
            assert client.post(ASKED, {"code": typed}).status_code == 200
        assert not is_signed_in(client)
    assert signed_in(protected).get(FACTORS).status_code == 200


def test_the_password_alone_signs_nobody_in_also_in_a_known_browser(protected: User, client: Client) -> None:
    assert sign_in(client).url == ASKED
    assert not is_signed_in(client) and client.get("/").url.startswith("/accounts/login/")
    client.post(ASKED, {"code": show_code()})
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert sign_in(client).url == ASKED, "its cookie says that it is known"


def test_a_code_is_good_once_and_so_is_a_recovery_code(protected: User, pass_time: PassTime) -> None:
    code = show_code()
    for signs_in in (True, False):
        client = Client()
        sign_in(client)
        client.post(ASKED, {"code": code})
        assert is_signed_in(client) is signs_in
        pass_time(timedelta(seconds=31))
    one = list_recovery_codes(protected)[0]
    for signs_in in (True, False):
        client = Client()
        sign_in(client)
        client.post(ASKED, {"code": one})
        assert is_signed_in(client) is signs_in


def test_wrong_codes_are_kept_and_limited_and_nobody_in_a_known_browser_is_kept_out(protected: User) -> None:
    known = Client()
    sign_in(known)
    known.post(ASKED, {"code": list_recovery_codes(protected)[0]})
    known.post("/accounts/logout/")
    other = Client()
    sign_in(other)
    for _ in range(5):
        assert other.post(ASKED, {"code": "000000"}).status_code == 200
    refused = other.post(ASKED, {"code": show_code()})
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    assert "Too many wrong codes." in refused.content.decode() and not is_signed_in(other)
    failures = LoginFailure.objects.filter(user=protected)
    assert failures.filter(verdict="second_factor_failed", shown_by="sign_in").count() == 5
    assert failures.filter(verdict="sign_in_throttled").count() == 1
    sign_in(known)
    known.post(ASKED, {"code": show_code()})
    assert is_signed_in(known)


def test_codes_for_an_account_are_limited_wherever_they_come_from(protected: User) -> None:
    answers = []
    for address in range(5):
        client = Client(REMOTE_ADDR=f"192.0.2.{address + 1}")
        sign_in(client)
        answers += [client.post(ASKED, {"code": "000000"}).status_code for _ in range(5)]
    assert answers == [200] * 20 + [429] * 5


def test_a_passkey_is_offered_to_those_alone_who_have_one(protected: User, client: Client) -> None:
    sign_in(client)
    assert "passkey-options" not in client.get(ASKED).content.decode()
    add_passkey(protected)
    assert "passkey-options" in client.get(ASKED).content.decode()


def test_a_passkey_that_does_not_fit_is_refused_and_kept(protected: User, client: Client) -> None:
    key = {"credential": json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}})}
    client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert client.post("/accounts/2fa/webauthn/login/", key).url == "/accounts/login/"
    sign_in(client)
    assert client.post(ASKED, key).status_code == 200
    assert not is_signed_in(client)
    failed = LoginFailure.objects.filter(verdict="second_factor_failed")
    assert sorted(failure.email for failure in failed) == ["", protected.email]


# What is no passkey: not JSON, not readable as such, not an object, and one with something odd in each place.
NO_PASSKEYS = [
    "",
    "{",
    "[" * 100_000,
    "9" * 5000,
    '{"id": ' + "9" * 5000 + "}",
    "[]",
    "null",
    '"x"',
    "{}",
    '{"id": "\\udfd5"}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": []}',
    '{"id": "AAAA", "rawId": "AAAA", "type": 18446744073709551616, "response": {"clientDataJSON": "e30",'
    ' "attestationObject": "o2M", "authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "MQ"}}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "W10",'
    ' "attestationObject": "o2M", "authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "_w"}}',
    '{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON":'
    ' "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiQUEiLCJvcmlnaW4iOiJ4In0",'
    ' "attestationObject": "o2M", "authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "MQ"}}',
]


@pytest.mark.parametrize("credential", NO_PASSKEYS, ids=range(len(NO_PASSKEYS)))
def test_what_no_browser_says_of_a_passkey_is_no_passkey_anywhere(protected: User, credential: str) -> None:
    add_passkey(protected)
    said = {"credential": credential}
    client = signed_in(protected)
    client.get("/accounts/2fa/webauthn/add/")
    assert client.post("/accounts/2fa/webauthn/add/", said).status_code == 200
    client.get("/accounts/2fa/webauthn/reauthenticate/")
    assert client.post("/accounts/2fa/webauthn/reauthenticate/", said).status_code in (200, 302)
    asked = Client()
    assert sign_in(asked, protected.email).url == ASKED
    asked.get(ASKED)
    assert asked.post(ASKED, said).status_code == 200
    stranger = Client()
    stranger.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert stranger.post("/accounts/2fa/webauthn/login/", said).url == "/accounts/login/"
    assert Authenticator.objects.filter(user=protected, type="webauthn").count() == 1
    assert not is_signed_in(asked) and not is_signed_in(stranger)


@pytest.mark.parametrize(
    ("required", "staff_may", "others_may"),
    [("nobody", True, True), ("staff", False, True), ("everybody", False, False)],
)
def test_it_is_required_of_whom_the_setting_says(
    required: str, staff_may: bool, others_may: bool, alice: User, admin_user: User, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = required
    for person, may in ((admin_user, staff_may), (alice, others_may)):
        client = signed_in(person)
        for path in ("/", "/accounts/name/", "/accounts/twilio/", "/phone/settings/", "/admin/"):
            answer = client.get(path)
            assert (answer.status_code == 302 and answer.url == FACTORS) is not may, (person, path)
        fragment = client.get("/phone/settings/", headers={"hx-request": "true"})
        assert (fragment.get("HX-Redirect") == FACTORS) is not may
        asked = client.post("/phone/token/", headers={"accept": "*/*"})
        assert (asked.status_code == 401) is not may
        shown = client.get(FACTORS)
        assert shown.status_code == 200
        assert ("requires one of you" in shown.content.decode()) is not may
        for path in (ACTIVATE, "/accounts/sessions/", "/accounts/email/", "/accounts/logout/"):
            assert client.get(path).status_code == 200, path


def test_who_has_set_one_up_gets_everywhere(protected: User, admin_user: User, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = "everybody"
    add_passkey(admin_user)
    assert signed_in(admin_user).get("/admin/").status_code == 200
    assert signed_in(protected).get("/accounts/name/").status_code == 200
    Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES).delete()
    assert signed_in(protected).get("/accounts/name/").url == FACTORS, "recovery codes are none"


def test_a_word_that_is_none_stops_the_start(settings: Any) -> None:
    assert check_second_factor() == []
    settings.REQUIRE_SECOND_FACTOR = "Staff"
    assert [fault.id for fault in check_second_factor()] == ["dognbone.E017"]


def test_the_admin_has_no_door_of_its_own(protected: User, client: Client) -> None:
    User.objects.filter(pk=protected.pk).update(is_staff=True, is_superuser=True)
    for path in ("/admin/", "/admin/login/"):
        assert client.get(path, follow=True).request["PATH_INFO"] == "/accounts/login/"
        typed = {"username": protected.email, "password": PASSWORD}
        client.post(path, typed)
        assert not is_signed_in(client)
    entered = client.post("/accounts/login/?next=/admin/", {"login": protected.email, "password": PASSWORD})
    assert entered.url == ASKED
    assert client.post(ASKED, {"code": show_code()}, follow=True).request["PATH_INFO"] == "/admin/"


def test_who_signed_in_a_while_ago_is_asked_before_a_factor_is_changed(
    alice: User, alice_client: Client, pass_time: PassTime
) -> None:
    assert alice_client.get(ACTIVATE).status_code == 200, "just signed in"
    pass_time(A_WHILE)
    asks = alice_client.get(ACTIVATE)
    assert asks.url == f"/accounts/reauthenticate/?next={ACTIVATE.replace('/', '%2F')}"
    sent = alice_client.post(ACTIVATE, {"code": "123456"})
    assert sent.url == asks.url
    assert "123456" not in json.dumps(dict(alice_client.session.items())), "nothing that was sent is kept"
    assert alice_client.post(asks.url, {"password": "wrong"}).status_code == 200
    assert alice_client.post(asks.url, {"password": PASSWORD}).url == ACTIVATE
    assert alice_client.get(ACTIVATE).status_code == 200


def test_who_has_a_factor_is_asked_for_that_and_not_for_the_password(
    protected: User, pass_time: PassTime
) -> None:
    client = signed_in(protected)
    pass_time(A_WHILE)
    for path in ("/accounts/2fa/totp/deactivate/", f"{CODES}generate/", CODES, "/accounts/2fa/webauthn/add/"):
        assert client.get(path).url.startswith(ASKED_AGAIN), path
    past = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert past.url.startswith(ASKED_AGAIN)
    assert client.get(f"{CODES}generate/").url.startswith(ASKED_AGAIN)
    client.post(f"{ASKED_AGAIN}?next={CODES}", {"code": show_code()})
    assert client.get(f"{CODES}generate/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("language", "subjects"),
    [
        ("en", ["Authenticator app removed", "New recovery codes", "Passkey removed"]),
        ("de", ["Authenticator-App entfernt", "Neue Notfallcodes", "Passkey entfernt"]),
    ],
)
def test_its_person_is_told_of_each_change(protected: User, language: str, subjects: list[str]) -> None:
    User.objects.filter(pk=protected.pk).update(language=language)
    key = add_passkey(protected)
    client = signed_in(protected)
    client.post(f"{CODES}generate/")
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists(), "the codes go with the last factor"
    letters = read_outbox()
    assert sorted(letter.subject for letter in letters) == subjects
    assert all("127.0.0.1" in letter.body for letter in letters)


def test_an_address_that_is_not_confirmed_has_no_factor(alice: User, alice_client: Client) -> None:
    """Whoever signs up with another's address could keep it from its owner otherwise."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=False)
    assert alice_client.get(ACTIVATE).url == FACTORS
    assert "has to be confirmed" in alice_client.get(FACTORS).content.decode()


def test_staff_see_that_there_is_one_and_take_it_away(protected: User, admin_user: User) -> None:
    client, page = signed_in(admin_user), f"/admin/accounts/user/{protected.pk}/"
    shown = client.get(f"{page}change/").content.decode()
    assert "Authenticator app, since" in shown and SECRET not in shown
    asked = client.get(f"{page}remove-factors/").content.decode()
    assert protected.email in asked and SECRET not in asked
    assert client.post(f"{page}remove-factors/", {"note": ""}).status_code == 200
    assert Authenticator.objects.filter(user=protected).count() == 2, "without a reason nothing is done"
    client.post(f"{page}remove-factors/", {"note": "Telephone lost; called her back."})
    assert not Authenticator.objects.exists() and not FactorSecret.objects.exists()
    action = AdminAction.objects.get(action="reset_factor")
    assert (action.actor, action.target_id, action.note) == (
        admin_user,
        str(protected.pk),
        "Telephone lost; called her back.",
    )
    (letter,) = read_outbox()
    assert letter.to == [protected.email] and FACTORS in letter.body and "127.0.0.1" not in letter.body
    assert AccountEvent.objects.filter(user=protected, kind="factor_removed").exists()


def test_the_only_administrator_is_helped_on_the_server(protected: User) -> None:
    call_command("remove_second_factor", "Alice@example.com")
    assert not Authenticator.objects.exists() and not FactorSecret.objects.exists()
    assert AccountEvent.objects.filter(user=protected, kind="factor_removed").exists()
    for email in (protected.email, "nobody@example.com"):
        with pytest.raises(CommandError):
            call_command("remove_second_factor", email)


def test_nobody_else_takes_one_away(
    protected: User, bob: User, admin_user: User, pass_time: PassTime
) -> None:
    path = f"/admin/accounts/user/{protected.pk}/remove-factors/"
    typed = {"note": "Because."}
    assert signed_in(bob).post(path, typed).status_code == 302
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.refresh_from_db()
    assert signed_in(bob).post(path, typed).status_code == 403
    stale = signed_in(admin_user)
    pass_time(A_WHILE)
    assert stale.post(path, typed).url.startswith("/accounts/reauthenticate/")
    assert Authenticator.objects.filter(user=protected).count() == 2


def test_the_admin_has_no_page_of_secrets_or_sessions(protected: User, admin_user: User) -> None:
    client = signed_in(admin_user)
    for path in ("mfa/authenticator", "usersessions/usersession", "accounts/factorsecret"):
        assert client.get(f"/admin/{path}/").status_code == 404
