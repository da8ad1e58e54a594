"""What the server asks before it takes the first request."""

from typing import Any

import pytest

from accounts.people import User
from accounts.sealing.encryption import make_credential_key
from accounts.sealing.fields import Secret
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials
from dognbone.lifespan import lifespan

pytestmark = pytest.mark.django_db(transaction=True)


async def start_and_stop() -> list[dict[str, Any]]:
    """Everything the application answers to a server that starts and, if it may, ends."""
    asked = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(asked)

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    await lifespan({"type": "lifespan"}, receive, send)
    return answers


@pytest.fixture
def sealed_row(alice: User) -> TwilioCredentials:
    account = TwilioAccount.objects.create(account_sid="AC" + "0" * 32)
    return TwilioCredentials.objects.create(
        user=alice, account=account, auth_token=Secret("sealed in a test")
    )


async def test_a_server_whose_keys_open_every_secret_starts(sealed_row: TwilioCredentials) -> None:
    answers = await start_and_stop()
    assert [answer["type"] for answer in answers] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def test_a_server_whose_keys_do_not_open_them_refuses_by_name(
    sealed_row: TwilioCredentials, settings: Any
) -> None:
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    (answer,) = await start_and_stop()
    assert answer["type"] == "lifespan.startup.failed"
    assert "CREDENTIAL_KEYS" in answer["message"]
    assert settings.CREDENTIAL_KEYS[0] not in answer["message"]
