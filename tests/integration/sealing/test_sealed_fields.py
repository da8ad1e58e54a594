"""Secrets at rest: sealed for their row and field, shown nowhere, opened only when asked by name."""

import copy
import io
import pickle
import pprint
import uuid

import pytest
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection, transaction
from django.forms import model_to_dict

from accounts.sealing.encryption import UnsealError, make_credential_key
from accounts.sealing.fields import Secret
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from fake_twilio.store import make_secret, make_sid

TOKEN, KEY_SECRET = make_secret("an Auth Token"), make_secret("a key secret")


def make_row(user, **fields):
    account, _ = TwilioAccount.objects.get_or_create(account_sid=make_sid("AC", "sealed"))
    return TwilioCredentials.objects.create(
        **{"user": user, "account": account, "auth_token": TOKEN, "api_key_secret": KEY_SECRET, **fields}
    )


@pytest.fixture
def row(alice):
    return make_row(alice)


def load(row):
    return TwilioCredentials.objects.get(pk=row.pk)


def read_columns(row):
    with connection.cursor() as cursor:
        cursor.execute("SELECT auth_token, api_key_secret FROM accounts_twiliocredentials")
        return [bytes(column) for column in cursor.fetchone()]


def test_a_secret_is_read_by_name_before_and_after_it_is_saved(alice, row):
    new = TwilioCredentials(user=alice, auth_token=TOKEN)
    assert new.auth_token.reveal() == TOKEN
    assert row.auth_token.reveal() == TOKEN
    assert load(row).auth_token.reveal() == TOKEN
    assert load(row).api_key_secret == Secret(KEY_SECRET)


def test_the_columns_hold_nothing_of_the_secrets(row):
    for column in read_columns(row):
        assert column
        assert TOKEN.encode() not in column and KEY_SECRET.encode() not in column


def test_no_secret_is_stored_as_nothing_and_reads_as_empty(alice):
    row = make_row(alice, auth_token="", api_key_secret="")
    assert read_columns(row) == [b"", b""]
    assert not load(row).auth_token
    assert load(row).auth_token.reveal() == ""


@pytest.mark.parametrize(
    "show", [repr, str, vars, model_to_dict, pprint.pformat, lambda row: f"{row.auth_token}"]
)
def test_nothing_that_shows_a_row_shows_its_secrets(row, show):
    for one in (
        row,
        load(row),
        TwilioCredentials(pk=row.pk, auth_token=TOKEN, user=row.user, account=row.account),
    ):
        shown = repr(show(one))
        assert TOKEN not in shown and KEY_SECRET not in shown


def test_dumpdata_shows_no_secret(row):
    out = io.StringIO()
    call_command("dumpdata", "accounts", stdout=out)
    assert "<sealed>" in out.getvalue()
    assert TOKEN not in out.getvalue() and KEY_SECRET not in out.getvalue()


def test_a_pickle_holds_no_secret(row):
    assert TOKEN.encode() not in pickle.dumps(load(row))
    with pytest.raises(TypeError):
        pickle.dumps(load(row).auth_token)
    with pytest.raises(TypeError):
        pickle.dumps(TwilioCredentials(auth_token=TOKEN))


def test_a_copy_of_a_row_keeps_its_secrets(row):
    assert copy.deepcopy(load(row)).auth_token.reveal() == TOKEN
    assert copy.copy(row).auth_token.reveal() == TOKEN


@pytest.mark.parametrize(
    "look_up",
    [
        {"auth_token": TOKEN},
        {"auth_token__in": [TOKEN]},
        {"auth_token__isnull": True},
        {"api_key_secret__contains": "a"},
    ],
)
def test_a_secret_cannot_be_searched_by(look_up):
    with pytest.raises(FieldError, match="sealed"):
        TwilioCredentials.objects.filter(**look_up)


@pytest.mark.parametrize("value", [TOKEN, Secret(TOKEN), TOKEN.encode()], ids=["text", "secret", "bytes"])
def test_a_secret_cannot_be_stored_around_the_seal(row, value):
    with pytest.raises(FieldError, match="sealed"), transaction.atomic():
        TwilioCredentials.objects.filter(pk=row.pk).update(auth_token=value)
    row.__dict__["auth_token"] = Secret(KEY_SECRET)
    with pytest.raises(FieldError, match="sealed"), transaction.atomic():
        TwilioCredentials.objects.bulk_update([row], ["auth_token"])
    assert load(row).auth_token.reveal() == TOKEN


def test_many_rows_at_once_are_sealed_too(alice):
    account = TwilioAccount.objects.create(account_sid=make_sid("AC", "bulk"))
    TwilioCredentials.objects.bulk_create([TwilioCredentials(user=alice, account=account, auth_token=TOKEN)])
    row = TwilioCredentials.objects.get()
    assert TOKEN.encode() not in read_columns(row)[0]
    assert row.auth_token.reveal() == TOKEN


def test_a_secret_moved_to_another_field_or_row_does_not_open(alice, bob, row):
    other = make_row(bob, auth_token=make_secret("bob's"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_twiliocredentials SET api_key_secret = auth_token")
    with pytest.raises(UnsealError):
        load(row).api_key_secret.reveal()
    stolen = read_columns(row)[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_twiliocredentials SET auth_token = %s", [stolen])
    readable = []
    for one in (row, other):
        try:
            readable.append(load(one).auth_token.reveal())
        except UnsealError as error:
            assert "does not open" in str(error)
    assert len(readable) == 1


def test_a_row_that_does_not_open_can_still_be_listed_and_changed(row, settings):
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    one = load(row)
    assert bool(one.auth_token) and repr(one.auth_token) == "<sealed>"
    one.verdict = "ok"
    one.save()
    one.refresh_from_db()
    call_command("dumpdata", "accounts", stdout=io.StringIO())
    with pytest.raises(UnsealError, match="not configured"):
        one.auth_token.reveal()


def test_saving_what_was_not_changed_keeps_it(row):
    before = read_columns(row)
    one = load(row)
    assert one.auth_token.reveal() == TOKEN
    one.save()
    assert read_columns(row) == before


def test_a_deferred_secret_is_fetched_when_asked_for_and_not_lost_on_save(row):
    one = TwilioCredentials.objects.defer("auth_token").get()
    one.verdict = "ok"
    one.save()
    assert one.auth_token_is_set
    assert one.auth_token.reveal() == TOKEN
    assert load(row).auth_token_is_set


def test_whether_there_is_a_token_is_known_without_opening_it(row):
    one = load(row)
    one.auth_token = ""
    one.save(update_fields=["auth_token"])
    assert not load(row).auth_token_is_set
    assert not TwilioCredentials.objects.with_auth_token().exists()


def test_a_secret_read_from_one_row_is_sealed_anew_for_another(bob, row):
    other = make_row(bob, auth_token=load(row).auth_token)
    assert load(other).auth_token.reveal() == TOKEN


def test_refreshing_a_row_brings_the_stored_secret_back(row):
    row.auth_token = make_secret("not saved")
    row.refresh_from_db()
    assert row.auth_token.reveal() == TOKEN
    row.save()
    assert load(row).auth_token.reveal() == TOKEN


def test_a_row_that_gets_another_key_does_not_take_its_secrets_along(row):
    one = load(row)
    one.pk = uuid.uuid4()
    with pytest.raises(UnsealError):
        one.auth_token.reveal()
