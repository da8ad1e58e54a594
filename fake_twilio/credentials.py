"""Whose credentials a REST request carries: the answer to HTTP basic authentication."""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass, field

from fake_twilio.store import Account, ApiKey, Region, Store

ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
KEY_SID = re.compile(r"SK[0-9a-fA-F]{32}")


class CredentialsMissing(Exception):
    """No `Authorization`, none of the basic kind, or one without a user name."""


class UsernameInvalid(Exception):
    """The user name is no Account SID that exists, and not of an API key's shape."""


class SecretWrong(Exception):
    """The user name may exist, but the secret is not its secret in this region."""


@dataclass(frozen=True)
class BasicCredentials:
    """What was sent, believed or not."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Credential:
    """What was proven: an account, by its Auth Token or by one of its API keys."""

    account: Account
    key: ApiKey | None = None

    @property
    def is_like_auth_token(self) -> bool:
        """A Main key may do whatever the Auth Token may (Twilio, "API keys overview")."""
        return self.key is None or self.key.kind == "main"


def read_basic(authorization: str | None) -> BasicCredentials:
    """The user name and password of an `Authorization` header. Raises `CredentialsMissing`."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        raise CredentialsMissing
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error as error:
        raise CredentialsMissing from error
    # Basic authentication ends the user name at the first colon (RFC 7617).
    username, _, password = decoded.decode("utf-8", "replace").partition(":")
    if not username:
        raise CredentialsMissing
    return BasicCredentials(username, password)


def prove(store: Store, region: Region, sent: BasicCredentials) -> Credential:
    """The credential that was sent, proven. Raises `UsernameInvalid` or `SecretWrong`.

    A key that is not there, of another region, or with another secret is one and the same answer.
    """
    if KEY_SID.fullmatch(sent.username):
        found = store.find_key(sent.username)
        if found is None or found[1].region != region or not is_same(found[1].secret, sent.password):
            raise SecretWrong
        return Credential(*found)
    account = store.accounts.get(sent.username)
    if account is None:
        raise UsernameInvalid
    if not any(is_same(token, sent.password) for token in living_tokens(account, region)):
        raise SecretWrong
    return Credential(account)


def living_tokens(account: Account, region: Region) -> list[str]:
    """The Auth Tokens that open REST in `region`; the secondary one is US1's."""
    tokens = [account.auth_tokens.get(region, "")]
    if region == "us1":
        tokens.append(account.secondary_auth_token)
    return [token for token in tokens if token]


def is_same(secret: str, sent: str) -> bool:
    return hmac.compare_digest(secret.encode(), sent.encode())
