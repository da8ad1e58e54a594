from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models, transaction

from accounts.management.commands.reseal_credentials import find_sealed_models, read_key_id
from accounts.sealing.encryption import CredentialKey
from accounts.twilio.credentials import TwilioCredentials


class Command(BaseCommand):
    help = (
        "For a key of CREDENTIAL_KEYS that is lost for good: lists what it sealed, and with --yes deletes "
        "those rows, which nobody can open any more, so that the server starts. Whose Twilio login was "
        "among them connects again by typing it."
    )
    # The check of what is sealed is what this is for.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key_id", help="as the server's refusal to start names it: 16 hexadecimal digits")
        parser.add_argument("--yes", action="store_true", help="delete them, instead of listing them only")

    def handle(self, *, key_id: str, yes: bool, **options: Any) -> None:
        try:
            lost = bytes.fromhex(key_id)
        except ValueError:
            raise CommandError("A key's id has hexadecimal digits alone.") from None
        if lost in {CredentialKey(one).key_id for one in settings.CREDENTIAL_KEYS if one.strip()}:
            raise CommandError(f"Key {key_id} is in CREDENTIAL_KEYS, and opens what it sealed.")
        found = sum(self.forget(model, names, lost, yes) for model, names in find_sealed_models())
        self.stdout.write(f"{found} rows {'deleted' if yes else 'would be deleted, with --yes'}.")

    def forget(self, model: type[models.Model], names: list[str], lost: bytes, is_meant: bool) -> int:
        """How many rows of a table the key has sealed something of."""
        found = 0
        for pk in find_sealed_by(model, names, lost):
            with transaction.atomic():
                # Again, under its lock: its owner may have typed it anew meanwhile.
                row = model._default_manager.select_for_update().filter(pk=pk).first()
                if row is None or not is_sealed_by(read_values(row, names), lost):
                    continue
                found += 1
                self.stdout.write(describe(row))
                if is_meant:
                    row.delete()
        return found


def find_sealed_by(model: type[models.Model], names: list[str], key_id: bytes) -> list[Any]:
    rows = model._default_manager.order_by("pk").values_list("pk", *names)
    return [pk for pk, *values in rows.iterator(chunk_size=2000) if is_sealed_by(values, key_id)]


def read_values(row: models.Model, names: list[str]) -> list[Any]:
    return [row.__dict__[name] for name in names]


def is_sealed_by(values: list[Any], key_id: bytes) -> bool:
    return any(read_key_id(bytes(value)) == key_id for value in values if value)


def describe(row: models.Model) -> str:
    """Whom to tell: the person whose login it was."""
    whose = f" of {row.user.email}" if isinstance(row, TwilioCredentials) else ""
    return f"{row._meta.label} {row.pk}{whose}"
