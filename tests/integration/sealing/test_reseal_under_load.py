"""Keys change while the service runs: what is saved meanwhile counts, and a run that broke off goes on."""

import io
import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.management.commands import reseal_credentials
from accounts.people import User
from accounts.sealing.encryption import CredentialKey, get_key_id, make_credential_key
from accounts.sealing.fields import Secret
from accounts.twilio.credentials import TwilioAccount, TwilioCredentials

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 12


@pytest.fixture
def rows(settings: Any) -> list[TwilioCredentials]:
    """Sealed with an old key, behind which a new one stands by now."""
    settings.CREDENTIAL_KEYS = [make_credential_key()]
    account = TwilioAccount.objects.create(account_sid="AC" + "0" * 32)
    made = []
    for number in range(ROWS):
        user = User.objects.create_user(f"{number}@example.com", "dog-and-bone")
        secret = Secret(f"secret 0 of {number}")
        made.append(TwilioCredentials.objects.create(user=user, account=account, auth_token=secret))
    settings.CREDENTIAL_KEYS = [make_credential_key(), *settings.CREDENTIAL_KEYS]
    return made


def reseal() -> None:
    call_command("reseal_credentials", stdout=io.StringIO(), stderr=io.StringIO())


def read_newest(settings: Any) -> bytes:
    return CredentialKey(settings.CREDENTIAL_KEYS[0]).key_id


def test_what_is_saved_while_everything_is_resealed_is_what_counts(
    rows: list[TwilioCredentials], settings: Any
) -> None:
    is_over, saved = threading.Event(), {row.pk: 0 for row in rows}

    def keep_saving() -> None:
        try:
            times = 0
            while not is_over.is_set():
                times += 1
                for number, row in enumerate(rows):
                    row.auth_token = Secret(f"secret {times} of {number}")
                    row.save(update_fields=["auth_token"])
                    saved[row.pk] = times
        finally:
            connection.close()

    saving = threading.Thread(target=keep_saving)
    saving.start()
    try:
        for _ in range(4):
            reseal()
    finally:
        is_over.set()
        saving.join()
    for number, row in enumerate(TwilioCredentials.objects.order_by("user__pk")):
        assert row.auth_token.reveal() == f"secret {saved[row.pk]} of {number}"
        assert get_key_id(bytes(row.__dict__["auth_token"])) == read_newest(settings)


def test_a_run_that_broke_off_goes_on_where_it_was(
    rows: list[TwilioCredentials], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = reseal_credentials.Command.reseal_row
    done: list[Any] = []

    def break_off(command: Any, model: Any, pk: Any, names: Any) -> bool:
        if len(done) == ROWS // 2:
            raise KeyboardInterrupt
        done.append(pk)
        return whole(command, model, pk, names)

    monkeypatch.setattr(reseal_credentials.Command, "reseal_row", break_off)
    with pytest.raises(KeyboardInterrupt):
        reseal()
    monkeypatch.setattr(reseal_credentials.Command, "reseal_row", whole)
    out = io.StringIO()
    call_command("reseal_credentials", stdout=out)
    assert f"{ROWS - ROWS // 2} rows resealed" in out.getvalue()
    settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS[:1]
    assert {row.auth_token.reveal()[:8] for row in TwilioCredentials.objects.all()} == {"secret 0"}
