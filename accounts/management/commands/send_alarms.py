from typing import Any

from django.core.management.base import BaseCommand

from accounts.failures.alarms import send_waiting_alarms


class Command(BaseCommand):
    help = "E-mails the alarms that could not be e-mailed when they were raised. Run it every few minutes."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{send_waiting_alarms()} alarms e-mailed")
