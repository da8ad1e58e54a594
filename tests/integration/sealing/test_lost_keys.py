"""A key that is lost for good: what it sealed is listed, and goes, and nothing else does."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.people import User
from accounts.sealing.encryption import CredentialKey, make_credential_key
from accounts.twilio.credentials import TwilioCredentials
from dognbone import checks
from tests.integration.sealing.test_sealed_fields import make_row


def forget(*arguments: str) -> str:
    out = io.StringIO()
    call_command("forget_key", *arguments, stdout=out)
    return out.getvalue()


def name(key: str) -> str:
    return CredentialKey(key).key_id.hex()


@pytest.fixture
def lost(alice: User, bob: User, settings) -> str:
    """The id of the key that sealed alice's login; bob's is sealed with the one that is there."""
    gone, kept = make_credential_key(), make_credential_key()
    settings.CREDENTIAL_KEYS = [gone]
    make_row(alice)
    settings.CREDENTIAL_KEYS = [kept]
    make_row(bob)
    return name(gone)


def test_a_lost_key_stops_the_start_by_its_id_until_it_is_forgotten(lost: str) -> None:
    (fault,) = checks.check_sealed_rows(databases=["default"])
    assert lost in fault.msg
    forget(lost, "--yes")
    assert checks.check_sealed_rows(databases=["default"]) == []


def test_what_it_sealed_is_listed_with_whom_to_tell_and_stays(lost: str) -> None:
    said = forget(lost)
    assert "of alice@example.com" in said and "bob" not in said
    assert "1 rows would be deleted" in said
    assert TwilioCredentials.objects.count() == 2


def test_nothing_goes_but_what_it_sealed(lost: str, bob: User, alice: User) -> None:
    assert "1 rows deleted" in forget(lost, "--yes")
    (left,) = TwilioCredentials.objects.all()
    assert left.user == bob and left.auth_token.reveal()
    assert User.objects.filter(pk=alice.pk).exists()


def test_a_key_that_is_there_is_not_forgotten(lost: str, settings) -> None:
    with pytest.raises(CommandError, match="is in CREDENTIAL_KEYS"):
        forget(name(settings.CREDENTIAL_KEYS[0]), "--yes")
    assert TwilioCredentials.objects.count() == 2


@pytest.mark.parametrize("key_id", ["nonsense", "0" * 16])
def test_another_id_forgets_nothing(lost: str, key_id: str) -> None:
    if key_id == "nonsense":
        with pytest.raises(CommandError, match="hexadecimal"):
            forget(key_id, "--yes")
    else:
        assert "0 rows deleted" in forget(key_id, "--yes")
    assert TwilioCredentials.objects.count() == 2
