"""Tokens as the official library mints them, good ones and every kind of bad one."""

from typing import Any

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.jwt.client import ClientCapabilityToken

from fake_twilio import catalogue
from fake_twilio.store import make_sid

DEMO_SID = catalogue.account_sid(catalogue.DEMO)
APPLICATION_SID = make_sid("AP", "a test's own")


def build_access_token(
    identity: str | None = "alice",
    *,
    account_sid: str = DEMO_SID,
    key: str = "demo standard",
    key_sid: str | None = None,
    secret: str | None = None,
    application_sid: str | None = APPLICATION_SID,
    incoming: bool = True,
    voice: bool = True,
    params: dict[str, str] | None = None,
    **fields: Any,
) -> str:
    token = AccessToken(
        account_sid,
        key_sid or catalogue.key_sid(key),
        secret or catalogue.key_secret(key),
        identity=identity,
        **fields,
    )
    if voice:
        token.add_grant(
            VoiceGrant(
                incoming_allow=incoming or None,
                outgoing_application_sid=application_sid,
                outgoing_application_params=params,
            )
        )
    return str(token.to_jwt())


def build_capability_token(
    identity: str = "alice",
    *,
    account: str = catalogue.DEMO,
    auth_token: str | None = None,
    **fields: Any,
) -> str:
    token = ClientCapabilityToken(
        catalogue.account_sid(account), auth_token or catalogue.auth_token(account), **fields
    )
    token.allow_client_outgoing(APPLICATION_SID, color="blue")
    token.allow_client_incoming(identity)
    return str(token.to_jwt())
