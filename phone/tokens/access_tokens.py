"""Builds the token a Device registers with. Pure: nothing is asked of Twilio or the database.

Shapes and limits: https://www.twilio.com/docs/iam/access-tokens and
https://www.twilio.com/docs/voice/sdks/javascript/twiliodevice.
"""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.jwt.client import ClientCapabilityToken

from accounts.regions import Region
from accounts.twilio.credentials import TwilioCredentials
from phone.tokens.issued_tokens import IssuedToken

# Twilio's ceiling is 24 hours; a token cannot be revoked, so it lives shorter.
LIFETIME = timedelta(hours=1)


class NothingToSignWith(Exception):
    """Credentials with neither an API key and its secret nor an Auth Token."""


@dataclass(frozen=True)
class Token:
    """A signed token; `jwt` is a secret and hides in its repr."""

    jwt: str = field(repr=False)
    kind: str
    identity: str
    jti: str
    issued_at: datetime
    expires_at: datetime


class UniqueAccessToken(AccessToken):
    """Twilio's access token with an identifier of its own: the package repeats one within a second."""

    def __init__(self, *args: Any, jti: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.jti = jti

    def _generate_payload(self) -> dict[str, Any]:
        return {**super()._generate_payload(), "jti": self.jti}


def build_token(credentials: TwilioCredentials) -> Token:
    """An access token signed by the API key, or a capability token where there is only an Auth Token.

    Neither says `nbf`: with a server clock that runs ahead it would not be valid yet.
    Raises NothingToSignWith.
    """
    if credentials.api_key_sid and credentials.api_key_secret:
        return build_access_token(credentials)
    if credentials.auth_token:
        return build_capability_token(credentials)
    raise NothingToSignWith("These credentials hold neither an API key nor an Auth Token.")


def build_access_token(credentials: TwilioCredentials) -> Token:
    issued_at = datetime.now(UTC).replace(microsecond=0)
    expires_at = issued_at + LIFETIME
    identity = credentials.person.identity
    jti = f"{credentials.api_key_sid}-{uuid.uuid4().hex}"
    # The package leaves the grant empty unless incoming_allow is exactly True.
    grant = VoiceGrant(incoming_allow=True, outgoing_application_sid=credentials.twiml_app_sid or None)
    token = UniqueAccessToken(
        credentials.account.account_sid,
        credentials.api_key_sid,
        credentials.api_key_secret.reveal(),
        grants=[grant],
        identity=identity,
        nbf=None,
        valid_until=int(expires_at.timestamp()),
        region=credentials.region if credentials.region != Region.US1 else None,
        jti=jti,
    )
    return Token(token.to_jwt(), IssuedToken.Kind.ACCESS, identity, jti, issued_at, expires_at)


def build_capability_token(credentials: TwilioCredentials) -> Token:
    """The older token, signed with the Auth Token; it has no `jti` of its own."""
    issued_at = datetime.now(UTC).replace(microsecond=0)
    identity = credentials.person.identity
    token = ClientCapabilityToken(
        credentials.account.account_sid,
        credentials.auth_token.reveal(),
        nbf=None,
        ttl=int(LIFETIME.total_seconds()),
    )
    if credentials.twiml_app_sid:
        token.allow_client_outgoing(credentials.twiml_app_sid)
    token.allow_client_incoming(identity)
    return Token(token.to_jwt(), IssuedToken.Kind.CAPABILITY, identity, "", issued_at, issued_at + LIFETIME)
