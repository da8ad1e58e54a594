from typing import Any

from django.core.management.base import BaseCommand

from phone.waking.vapid import make_vapid_key


class Command(BaseCommand):
    help = "Prints a new key for VAPID_PRIVATE_KEY; its public half is made of it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(make_vapid_key())
