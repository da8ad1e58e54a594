from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit.retention import BATCH, Kind, count_leaving, get_kinds, prune


class Command(BaseCommand):
    help = (
        "Deletes what is older than its age; the only way in which rows of the audit trail leave. "
        "Run it daily."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for kind in get_kinds():
            option = f"--{kind.name.replace('_', '-')}"
            days = kind.kept_for.days
            parser.add_argument(
                option, type=int, default=days, metavar="DAYS", dest=kind.name, help=f"Default: {days}."
            )
        parser.add_argument(
            "--only", choices=[kind.name for kind in get_kinds()], help="Prune this kind alone."
        )
        parser.add_argument("--batch", type=int, default=BATCH, help="Rows in one transaction.")
        parser.add_argument("--dry-run", action="store_true", help="Count, and delete nothing.")

    def handle(self, **options: Any) -> None:
        kinds = [kind for kind in get_kinds() if options["only"] in (None, kind.name)]
        for kind in kinds:
            if options[kind.name] < kind.least_days:
                option = f"--{kind.name.replace('_', '-')}"
                raise CommandError(f"{option} must be {kind.least_days} days at least.")
        for kind in kinds:
            self.stdout.write(self.prune(kind, options[kind.name], options))

    def prune(self, kind: Kind, days: int, options: dict[str, Any]) -> str:
        if options["dry_run"]:
            count = count_leaving(kind, days=days)
            return f"{kind.name}: {count} rows are older than {days} days"
        count = prune(kind, days=days, batch=options["batch"])
        return f"{kind.name}: {count} rows older than {days} days deleted"
