from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from phone.calls.reconciling import reconcile_calls


class Command(BaseCommand):
    help = (
        "Asks Twilio what became of the calls that it has told nothing more about, a bounded number at a "
        "time. To be run every half minute."
    )

    def handle(self, **options: Any) -> None:
        counts = asdict(reconcile_calls())
        self.stdout.write(", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in counts.items()))
