"""Connecting people of the cast to accounts of the fake, through the product's own path."""

from typing import Any

from accounts.clients import ClientInfo
from accounts.people import User
from accounts.sealing.fields import Secret
from accounts.twilio.candidate import Candidate
from accounts.twilio.connection import connect_twilio, disconnect_twilio
from accounts.twilio.credentials import TwilioCredentials
from accounts.twilio.errands import Errand
from fake_twilio import catalogue
from tests.tasks import run_tasks

BROWSER = ClientInfo(ip_address="127.0.0.1", user_agent="pytest")


def build_candidate(name: str = catalogue.DEMO, **fields: str) -> Candidate:
    """What a person would type for the catalogue's account `name`, changed by `fields`."""
    typed: dict[str, Any] = {
        "account_sid": catalogue.account_sid(name),
        "auth_token": catalogue.auth_token(name),
        "api_key_sid": "",
        "api_key_secret": "",
        "twiml_app_sid": "",
        "region": "us1",
        **fields,
    }
    for secret in ("auth_token", "api_key_secret"):
        typed[secret] = Secret(typed[secret])
    return Candidate(**typed)


def connect(user: User, name: str = catalogue.DEMO, **fields: str) -> TwilioCredentials:
    """Connects `user` to the catalogue's account `name`, down to what a worker does of it.

    Fails the test if Twilio says no.
    """
    connection = connect_twilio(user=user, candidate=build_candidate(name, **fields), client=BROWSER)
    if not connection.verdict.is_ok:
        raise AssertionError(f"not connected: {connection.verdict.code}")
    run_tasks()
    user.refresh_from_db()
    return TwilioCredentials.objects.get(user=user)


def disconnect(user: User) -> list[str]:
    """Removes `user`'s credentials, down to what a worker clears away; what was said of it in the end."""
    disconnect_twilio(user=user)
    run_tasks()
    errand = Errand.objects.filter(user=user, kind="clearing").last()
    return errand.words if errand else []
