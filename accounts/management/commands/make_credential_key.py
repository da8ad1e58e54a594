from typing import Any

from django.core.management.base import BaseCommand

from accounts.sealing.encryption import make_credential_key


class Command(BaseCommand):
    help = "Prints a new key for CREDENTIAL_KEYS."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(make_credential_key())
