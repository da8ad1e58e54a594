from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.leases import LeaseTaken
from accounts.twilio.recheck import UNREADABLE, TwilioIll, recheck_credentials
from accounts.verdicts.verdict import NOT_JUDGED

RUNNING, NOT_ALL_JUDGED = 1, 2


class Command(BaseCommand):
    help = (
        "Checks everybody's stored Twilio credentials, and tells the owners of those that stopped working, "
        "by e-mail and on their open pages. Run it nightly. Exit status: 0 all were judged, good or bad; "
        "1 another one is running; 2 some were not judged, as in an outage."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rate", type=float, default=2.0, help="Checks a second at most; 2 by default.")

    def handle(self, **options: Any) -> None:
        if options["rate"] <= 0:
            raise CommandError("--rate must be more than nothing.")
        try:
            counts = recheck_credentials(rate=options["rate"])
        except LeaseTaken as error:
            raise CommandError("Another one is running.", returncode=RUNNING) from error
        except TwilioIll as ill:
            self.tell(ill.counts)
            raise CommandError(f"{ill}; the rest was left for later.", returncode=NOT_ALL_JUDGED) from ill
        self.tell(counts)
        if open_ones := sum(counts[slug] for slug in (*NOT_JUDGED, UNREADABLE)):
            raise CommandError(f"{open_ones} were not judged.", returncode=NOT_ALL_JUDGED)

    def tell(self, counts: "Counter[str]") -> None:
        self.stdout.write(f"{sum(counts.values())} checked.")
        for slug, count in counts.most_common():
            self.stdout.write(f"  {slug}: {count}")
