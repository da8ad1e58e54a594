import io

import pytest
from django.core.management import CommandError, call_command

from accounts.sealing.encryption import CredentialKey, make_credential_key
from accounts.twilio.credentials import TwilioCredentials
from tests.integration.sealing.test_sealed_fields import KEY_SECRET, TOKEN, make_row


def reseal():
    out, err = io.StringIO(), io.StringIO()
    call_command("reseal_credentials", stdout=out, stderr=err)
    return out.getvalue()


def key_id(encoded):
    return CredentialKey(encoded).key_id.hex()


@pytest.fixture
def rotated(alice, bob, settings):
    """Two rows sealed with the old key, and a new key before it; old and new."""
    old, new = make_credential_key(), make_credential_key()
    settings.CREDENTIAL_KEYS = [old]
    make_row(alice)
    make_row(bob, api_key_secret="")
    settings.CREDENTIAL_KEYS = [new, old]
    return old, new


def test_everything_is_sealed_with_the_newest_key(rotated, settings):
    _, new = rotated
    assert "2 rows resealed" in reseal()
    settings.CREDENTIAL_KEYS = [new]
    rows = list(TwilioCredentials.objects.order_by("user__email"))
    assert [row.auth_token.reveal() for row in rows] == [TOKEN, TOKEN]
    assert [row.api_key_secret.reveal() for row in rows] == [KEY_SECRET, ""]


def test_it_says_which_key_may_go(rotated):
    old, new = rotated
    said = reseal()
    assert f"Key {key_id(new)}: 3 secrets; the newest." in said
    assert f"Key {key_id(old)}: 0 secrets; no longer used" in said
    assert TOKEN not in said and old not in said and new not in said


def test_a_second_run_changes_nothing(rotated):
    reseal()
    before = list(TwilioCredentials.objects.order_by("pk").values())
    assert "0 rows resealed" in reseal()
    assert list(TwilioCredentials.objects.order_by("pk").values()) == before


def test_sealing_anew_is_no_change_of_the_credentials(rotated):
    before = list(TwilioCredentials.objects.order_by("pk").values_list("updated_at", "auth_token_is_set"))
    reseal()
    after = list(TwilioCredentials.objects.order_by("pk").values_list("updated_at", "auth_token_is_set"))
    assert after == before


def test_a_row_that_does_not_open_is_named_and_left_and_the_rest_is_done(rotated, settings, alice):
    old, new = rotated
    settings.CREDENTIAL_KEYS = [lost := make_credential_key()]
    row = TwilioCredentials.objects.get(user=alice)
    row.auth_token, row.api_key_secret = TOKEN, KEY_SECRET
    row.save()
    settings.CREDENTIAL_KEYS = [new, old]
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="1 rows do not open"):
        call_command("reseal_credentials", stdout=out, stderr=err)
    assert "1 rows resealed" in out.getvalue()
    assert f"Key {key_id(lost)}: 2 secrets; NOT in CREDENTIAL_KEYS" in out.getvalue()
    assert str(row.pk) in err.getvalue()


def test_a_new_key_is_printed_that_can_be_used():
    out = io.StringIO()
    call_command("make_credential_key", stdout=out)
    assert CredentialKey(out.getvalue().strip())
