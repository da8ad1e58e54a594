import base64

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.sealing.encryption import (
    CredentialKey,
    UnsealError,
    get_credential_keys,
    make_credential_key,
    open_sealed,
    seal,
)
from fake_twilio.store import make_secret

SECRET = make_secret("sealed in a test")
PLACE = "accounts.TwilioCredentials:auth_token:1"


@pytest.fixture
def keys(settings):
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    return settings.CREDENTIAL_KEYS


def test_what_is_sealed_opens_in_its_place(keys):
    assert open_sealed(seal(SECRET, place=PLACE), place=PLACE) == SECRET


def test_a_sealed_value_holds_nothing_of_the_secret(keys):
    sealed = seal(SECRET, place=PLACE)
    assert SECRET.encode() not in sealed
    assert seal(SECRET, place=PLACE) != sealed


@pytest.mark.parametrize("place", [PLACE + "0", PLACE.replace("auth_token", "api_key_secret")])
def test_a_sealed_value_does_not_open_in_another_row_or_field(keys, place):
    sealed = seal(SECRET, place=PLACE)
    with pytest.raises(UnsealError):
        open_sealed(sealed, place=place)


def test_no_byte_of_a_sealed_value_can_be_changed(keys):
    sealed = seal(SECRET, place=PLACE)
    for index in range(len(sealed)):
        altered = bytearray(sealed)
        altered[index] ^= 1
        with pytest.raises(UnsealError):
            open_sealed(bytes(altered), place=PLACE)


def test_no_shortened_value_opens(keys):
    sealed = seal(SECRET, place=PLACE)
    for length in range(len(sealed)):
        with pytest.raises(UnsealError):
            open_sealed(sealed[:length], place=PLACE)


def test_the_newest_key_seals_and_older_ones_open(settings, keys):
    old = seal(SECRET, place=PLACE)
    settings.CREDENTIAL_KEYS = [make_credential_key(), *keys]
    new = seal(SECRET, place=PLACE)
    assert open_sealed(old, place=PLACE) == open_sealed(new, place=PLACE) == SECRET
    settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS[:1]
    assert open_sealed(new, place=PLACE) == SECRET
    with pytest.raises(UnsealError, match="not configured"):
        open_sealed(old, place=PLACE)


def test_a_failure_to_open_names_the_place_and_not_the_value(keys):
    with pytest.raises(UnsealError) as raised:
        open_sealed(seal(SECRET, place=PLACE), place="elsewhere")
    assert "elsewhere" in str(raised.value)
    assert SECRET not in repr(raised.value)


@pytest.mark.parametrize(
    "encoded", ["short", "not base64 at all!", "ключ", base64.b64encode(b"x" * 31).decode()]
)
def test_a_malformed_key_is_refused_without_being_shown(encoded):
    with pytest.raises(ImproperlyConfigured) as raised:
        CredentialKey(encoded)
    assert encoded not in str(raised.value)
    assert raised.value.__cause__ is None


def test_no_key_is_a_clear_error(settings):
    settings.CREDENTIAL_KEYS = ["", " "]
    with pytest.raises(ImproperlyConfigured, match="make_credential_key"):
        get_credential_keys()


def test_a_key_shows_its_id_and_never_itself():
    encoded = make_credential_key()
    assert encoded not in repr(CredentialKey(encoded))
    assert CredentialKey(encoded).key_id.hex() in repr(CredentialKey(encoded))
