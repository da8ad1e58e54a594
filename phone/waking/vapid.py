"""The server's own key for Web Push, by which push services know who sends: RFC 8292.

Without VAPID_PRIVATE_KEY nobody is offered to be woken.
"""

import base64
from email.utils import parseaddr
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from py_vapid import Vapid

# Of the raw private key, RFC 7518 6.2.2.1.
KEY_BYTES = 32


class BadVapidKey(ValueError):
    """VAPID_PRIVATE_KEY is no such key."""


def make_vapid_key() -> str:
    """A new private key, as VAPID_PRIVATE_KEY holds it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return encode(number.to_bytes(KEY_BYTES, "big"))


def is_offered() -> bool:
    return bool(settings.VAPID_PRIVATE_KEY)


def get_public_key() -> str:
    """What a page subscribes with, its `applicationServerKey`; "" where nobody is woken.

    Raises BadVapidKey.
    """
    if not is_offered():
        return ""
    public = read_key(settings.VAPID_PRIVATE_KEY).public_key
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return encode(point)


def build_authorization(audience: str) -> dict[str, str]:
    """The header that says to a push service, named by its origin, who sends. Raises BadVapidKey."""
    claims: dict[str, str | int] = {"aud": audience, "sub": get_contact()}
    header: dict[str, str] = read_key(settings.VAPID_PRIVATE_KEY).sign(claims)
    return header


def get_contact() -> str:
    """Where a push service reaches whoever runs this server: RFC 8292 section 2.1."""
    if settings.PUBLIC_URL.startswith("https://"):
        return str(settings.PUBLIC_URL)
    return f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"


@lru_cache(maxsize=2)
def read_key(encoded: str) -> Vapid:
    try:
        raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        if len(raw) != KEY_BYTES:
            raise ValueError(f"{len(raw)} bytes, where {KEY_BYTES} are expected")
        return Vapid.from_raw(encoded.rstrip("=").encode())
    except ValueError as error:
        raise BadVapidKey(str(error)) from None


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
