import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.masking import mask_sid
from accounts.people import User
from accounts.twilio.credentials import TwilioCredentials, get_connection
from phone.doctor.examination import examine
from phone.doctor.findings import Finding, count_words

BAD, CANNOT_TELL = 1, 2


class Command(BaseCommand):
    help = (
        "Examines stored Twilio credentials line by line, and writes nothing. Exit status: 0 all is good, "
        "1 something is bad, 2 nothing is bad but something could not be told, as in an outage. What an "
        "account may never be asked, such as a trial account's kind of key, does not count."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--user", action="append", default=[], metavar="EMAIL", help="May be given again.")
        who.add_argument("--all", action="store_true", help="Everybody who is connected and active.")

    def handle(self, **options: Any) -> None:
        people = list(self.find(options["user"], everybody=options["all"]))
        status = max((self.tell(credentials) for credentials in people), key=rank, default=0)
        if status:
            sys.exit(status)

    def find(self, emails: list[str], *, everybody: bool) -> Any:
        people = User.objects.filter(membership__isnull=False).order_by("email")
        if everybody:
            return map(get_connection, people.filter(is_active=True))
        wanted = {email.lower() for email in emails}
        found = people.filter(email__in=wanted)
        if missing := wanted - set(found.values_list("email", flat=True)):
            raise CommandError(f"Not connected to Twilio: {', '.join(sorted(missing))}", returncode=BAD)
        return map(get_connection, found)

    def tell(self, credentials: TwilioCredentials) -> int:
        self.stdout.write(f"{credentials.person.email}, account {mask_sid(credentials.account.account_sid)}")
        findings = []
        for finding in examine(credentials):
            findings.append(finding)
            self.tell_line(finding)
        self.stdout.write(f"  {count_words(findings)}\n")
        return judge(findings)

    def tell_line(self, finding: Finding) -> None:
        style = {"good": self.style.SUCCESS, "bad": self.style.ERROR, "cannot_tell": self.style.WARNING}
        outcome = style[finding.outcome](f"{finding.outcome_words:<12}")
        self.stdout.write(f"  {outcome}{finding.label:<17}{finding.words}")
        if finding.fix:
            self.stdout.write(f"{'':<31}→ {finding.fix}")
        self.stdout.flush()


def judge(findings: list[Finding]) -> int:
    """The exit status for one person."""
    if any(finding.outcome == "bad" for finding in findings):
        return BAD
    if any(finding.outcome == "cannot_tell" and not finding.is_lasting for finding in findings):
        return CANNOT_TELL
    return 0


def rank(status: int) -> int:
    """Bad outweighs what cannot be told."""
    return {0: 0, CANNOT_TELL: 1, BAD: 2}[status]
