"""Authenticated encryption of the secrets a person entrusts to Dog n Bone.

A sealed value is `version | key-id length | key id | 12-byte nonce | ciphertext and tag`, made
with AES-256-GCM (NIST SP 800-38D). Header and place (model, field, row) are authenticated too, so
a sealed value copied to another row or field does not open.

Keys come from the setting `CREDENTIAL_KEYS`, newest first: the first seals, all of them open.
"""

import base64
import binascii
import hashlib
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 8


class UnsealError(Exception):
    """A sealed value that cannot be opened: key missing, place wrong, or bytes altered."""


class CredentialKey:
    """One key of `CREDENTIAL_KEYS`; shows its id, never itself."""

    def __init__(self, encoded: str) -> None:
        """`encoded`: 32 random bytes in URL-safe base64, as `manage.py make_credential_key` prints.

        Raises ImproperlyConfigured, without the value, for anything else.
        """
        try:
            raw = base64.urlsafe_b64decode(encoded.strip().encode("ascii"))
        except (binascii.Error, UnicodeEncodeError):
            # Without the cause, which carries the key along.
            raise ImproperlyConfigured("A key in CREDENTIAL_KEYS is not URL-safe base64.") from None
        if len(raw) != KEY_BYTES:
            raise ImproperlyConfigured(
                f"A key in CREDENTIAL_KEYS decodes to {len(raw)} bytes; {KEY_BYTES} are expected."
            )
        self.key_id = hashlib.sha256(b"dognbone credential key id" + raw).digest()[:KEY_ID_BYTES]
        self.cipher = AESGCM(raw)

    def __repr__(self) -> str:
        return f"<CredentialKey {self.key_id.hex()}>"


def make_credential_key() -> str:
    """A new key, in the form that `CREDENTIAL_KEYS` takes."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode("ascii")


# Those of the settings, and in tests a few more: each is worked out once.
make_key = lru_cache(maxsize=32)(CredentialKey)


def get_credential_keys() -> list[CredentialKey]:
    """The configured keys, newest first. Raises ImproperlyConfigured when there is none."""
    keys = [make_key(encoded) for encoded in settings.CREDENTIAL_KEYS if encoded.strip()]
    if not keys:
        raise ImproperlyConfigured(
            "CREDENTIAL_KEYS is empty; `manage.py make_credential_key` prints a key for it."
        )
    return keys


def seal(plaintext: str, *, place: str) -> bytes:
    """`plaintext`, sealed with the newest key for `place` ("app.Model:field:pk")."""
    key = get_credential_keys()[0]
    header = bytes([VERSION, len(key.key_id)]) + key.key_id
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + key.cipher.encrypt(nonce, plaintext.encode(), header + place.encode())


def open_sealed(sealed: bytes, *, place: str) -> str:
    """The plaintext of `sealed`. Raises UnsealError, which never contains the value."""
    key_id = get_key_id(sealed)
    header = sealed[: 2 + len(key_id)]
    body = sealed[len(header) :]
    for key in get_credential_keys():
        if key.key_id == key_id:
            break
    else:
        raise UnsealError(f"{place} was sealed with key {key_id.hex()}, which is not configured.")
    try:
        return key.cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], header + place.encode()).decode()
    except InvalidTag as error:
        raise UnsealError(f"{place} does not open: altered, or moved from another row.") from error


def get_key_id(sealed: bytes) -> bytes:
    """The id of the key that sealed a value, readable without the key."""
    if len(sealed) < 2 or sealed[0] != VERSION or len(sealed) < 2 + sealed[1] + NONCE_BYTES:
        raise UnsealError("This is not a sealed value.")
    return sealed[2 : 2 + sealed[1]]
