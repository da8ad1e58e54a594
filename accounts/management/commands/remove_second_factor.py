from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.audit.journal import AccountEvent, record_account_event
from accounts.people import User


class Command(BaseCommand):
    help = (
        "Takes away the second factors of somebody who has lost them all, and their recovery codes: for the "
        "only administrator. Others ask one, in the admin, which also writes them a letter."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="Whose.")

    @transaction.atomic
    def handle(self, *args: Any, email: str, **options: Any) -> None:
        person = User.objects.filter(email=email.lower()).first()
        if person is None:
            raise CommandError(f"Nobody has the address {email}.")
        _, deleted = Authenticator.objects.filter(user_id=person.pk).delete()
        if not deleted:
            raise CommandError(f"{person.email} has no second factor.")
        record_account_event(kind=AccountEvent.Kind.FACTOR_REMOVED, user=person)
        self.stdout.write(f"{person.email} signs in with the password alone now.")
