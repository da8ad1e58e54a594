"""Judges the tokens that Devices show to the gateway, as strictly as Twilio does.

Two kinds exist: access tokens, signed with an API key's secret, and the older capability tokens,
signed with the Auth Token (US1 only). The codes are the gateway's own, as the SDK receives them:
https://www.twilio.com/docs/api/errors (312xx) and https://www.twilio.com/docs/iam/access-tokens.
Written with `hmac` alone, so that it shares no mistake with the libraries that mint tokens.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard
from urllib.parse import parse_qs, parse_qsl

from fake_twilio.store import REGIONS, Account, ApiKey, Region, Store

ACCESS_CONTENT_TYPE = "twilio-fpa;v=1"
MAX_LIFE_SECONDS = 24 * 60 * 60
# https://www.twilio.com/docs/voice/sdks/javascript/twiliodevice: letters, digits and underscore.
IDENTITY = re.compile(r"[A-Za-z0-9_]{1,121}")
APPLICATION_SID = re.compile(r"AP[0-9a-f]{32}")

MESSAGES = {
    31102: "Token missing from request",
    31105: "Invalid client name",
    31202: "JWT signature validation failed",
    31203: "No valid account",
    31204: "JWT is invalid",
    31205: "JWT Token Expired",
    31206: "Rate exceeded authorized limit",
    31207: "JWT token expiration too long",
}


class TokenRefused(Exception):
    """`code` and `message` go to the browser as they are; `reason` is for the fake's own tests."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        self.message = MESSAGES[code]


@dataclass(frozen=True)
class Bearer:
    """Whom a good token speaks for and what it permits. `expires_at` is in seconds since 1970."""

    account_sid: str
    kind: Literal["access", "capability"]
    identity: str
    expires_at: float
    region: Region = "us1"
    application_sid: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    may_receive: bool = False


@dataclass(frozen=True)
class Jwt:
    """A token taken apart; its signature is not checked yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def is_signed_with(self, secret: str) -> bool:
        expected = hmac.new(secret.encode(), self.signed, hashlib.sha256).digest()
        return hmac.compare_digest(expected, self.signature)


def verify_token(store: Store, token: object, now: float) -> Bearer:
    """Who bears `token`, judged at `now` (seconds since 1970); raises `TokenRefused`."""
    if token is None:
        raise TokenRefused(31102, "no token")
    jwt = parse_jwt(token)
    if "cty" not in jwt.header and "scope" in jwt.claims:
        return verify_capability_token(store, jwt, now)
    return verify_access_token(store, jwt, now)


def parse_jwt(token: object) -> Jwt:
    if not isinstance(token, str):
        raise TokenRefused(31204, "not a string")
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenRefused(31204, "not three parts")
    try:
        header, claims = (json.loads(decode_part(part)) for part in parts[:2])
        signature = decode_part(parts[2])
        signed = f"{parts[0]}.{parts[1]}".encode("ascii")
    except (binascii.Error, ValueError) as error:
        raise TokenRefused(31204, "not base64url JSON") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise TokenRefused(31204, "not JSON objects")
    if header.get("alg") != "HS256" or header.get("typ") != "JWT":
        raise TokenRefused(31204, "not an HS256 JWT")
    return Jwt(header, claims, signed, signature)


def decode_part(part: str) -> bytes:
    """base64url without padding (RFC 7515 §2); raises ValueError for anything else."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", part):
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verify_access_token(store: Store, jwt: Jwt, now: float) -> Bearer:
    if jwt.header.get("cty") != ACCESS_CONTENT_TYPE:
        raise TokenRefused(31204, "content type")
    account, key = find_signer(store, jwt)
    if not jwt.is_signed_with(key.secret):
        raise TokenRefused(31202, "signature")
    region = jwt.header.get("twr", "us1")
    if region not in REGIONS or region != key.region:
        raise TokenRefused(31204, "key of another region")
    if key.kind == "restricted":
        raise TokenRefused(31204, "restricted keys sign no tokens")
    expires_at = verify_times(jwt, now)
    verify_account(account)
    identity, voice = read_grants(jwt)
    outgoing = voice.get("outgoing") or {}
    incoming = voice.get("incoming") or {}
    application_sid = read_application_sid(outgoing.get("application_sid"))
    params = {str(name): str(value) for name, value in (outgoing.get("params") or {}).items()}
    may_receive = incoming.get("allow") is True
    return Bearer(
        account.sid, "access", identity, expires_at, key.region, application_sid, params, may_receive
    )


def find_signer(store: Store, jwt: Jwt) -> tuple[Account, ApiKey]:
    """The account in `sub` and its key in `iss`."""
    account = store.accounts.get(str(jwt.claims.get("sub")))
    if account is None:
        raise TokenRefused(31204, "unknown account")
    key = account.keys.get(str(jwt.claims.get("iss")))
    if key is None:
        raise TokenRefused(31204, "no such key in the account")
    return account, key


def read_grants(jwt: Jwt) -> tuple[str, dict[str, Any]]:
    grants = jwt.claims.get("grants")
    if not isinstance(grants, dict):
        raise TokenRefused(31204, "no grants")
    voice = grants.get("voice")
    if not isinstance(voice, dict):
        raise TokenRefused(31204, "no voice grant")
    for name in ("outgoing", "incoming"):
        if not isinstance(voice.get(name, {}), dict):
            raise TokenRefused(31204, f"{name} grant")
    if not isinstance(voice.get("outgoing", {}).get("params", {}), dict):
        raise TokenRefused(31204, "outgoing params")
    return verify_identity(grants.get("identity")), voice


def read_application_sid(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not APPLICATION_SID.fullmatch(value):
        raise TokenRefused(31204, "application SID")
    return value


def verify_identity(identity: object) -> str:
    if not isinstance(identity, str) or not identity:
        raise TokenRefused(31204, "no identity")
    if not IDENTITY.fullmatch(identity):
        raise TokenRefused(31105, "identity")
    return identity


def verify_times(jwt: Jwt, now: float) -> float:
    """The token's end, once it is neither over, nor too long, nor still to begin."""
    expires_at, starts_at = jwt.claims.get("exp"), jwt.claims.get("nbf", now)
    if not is_number(expires_at) or not is_number(starts_at):
        raise TokenRefused(31204, "exp or nbf")
    if expires_at <= now:
        raise TokenRefused(31205, "expired")
    if starts_at > now:
        raise TokenRefused(31204, "not valid yet")
    if expires_at - starts_at > MAX_LIFE_SECONDS:
        raise TokenRefused(31207, "lives longer than a day")
    return float(expires_at)


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def verify_account(account: Account) -> None:
    if account.status != "active":
        raise TokenRefused(31203, f"account {account.status}")
    if account.is_test:
        raise TokenRefused(31203, "test credentials serve no Device")


def verify_capability_token(store: Store, jwt: Jwt, now: float) -> Bearer:
    account = store.accounts.get(str(jwt.claims.get("iss")))
    if account is None:
        raise TokenRefused(31204, "unknown account")
    if not jwt.is_signed_with(account.auth_tokens["us1"]):
        raise TokenRefused(31202, "signature")
    expires_at = verify_times(jwt, now)
    verify_account(account)
    scopes = parse_scopes(jwt.claims["scope"])
    if not scopes:
        raise TokenRefused(31204, "no scope for a Device")
    outgoing, incoming = scopes.get("outgoing", {}), scopes.get("incoming")
    identity = verify_identity((incoming or {}).get("clientName") or outgoing.get("clientName"))
    return Bearer(
        account.sid,
        "capability",
        identity,
        expires_at,
        application_sid=read_application_sid(outgoing.get("appSid")),
        params=dict(parse_qsl(outgoing.get("appParams", ""))),
        may_receive=incoming is not None,
    )


def parse_scopes(scope: object) -> dict[str, dict[str, str]]:
    """`scope:client:outgoing?appSid=AP…&clientName=alice scope:client:incoming?…` by privilege."""
    scopes = {}
    for part in str(scope).split():
        match = re.fullmatch(r"scope:client:(incoming|outgoing)(?:\?(.*))?", part)
        if match:
            query = parse_qs(match[2] or "")
            scopes[match[1]] = {name: values[0] for name, values in query.items()}
    return scopes
