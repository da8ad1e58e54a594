"""People with sessions and proven credentials, in companies with a number of their own, made at once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench.sockets.people import build_person, sign_in

COMPANY = 20
AUTH_TOKEN = uuid.uuid4().hex
API_KEY_SECRET = uuid.uuid4().hex
# A number that companies have, and one that they call, in the same country.
NUMBER, CALLED = "+1415555{:04}", "+1650555{:04}"


@dataclass(frozen=True)
class Caller:
    """A person as the load has to know them."""

    session: str
    identity: str
    account_sid: str
    webhook_key: str


def make_callers(number: int) -> list[Caller]:
    from accounts.people import User

    first = User.objects.count()
    users = User.objects.bulk_create(build_person(first + place) for place in range(number))
    accounts = [account for account in connect(users) for _ in range(COMPANY)]
    return [
        Caller(session, user.identity, account.account_sid, account.webhook_key)
        for session, user, account in zip(sign_in(users), users, accounts, strict=False)
    ]


def connect(users: Sequence[Any]) -> list[Any]:
    """The accounts of their companies."""
    from django.utils import timezone

    from accounts.company.memberships import Membership
    from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials

    companies = [users[first : first + COMPANY] for first in range(0, len(users), COMPANY)]
    accounts = TwilioAccount.objects.bulk_create(
        TwilioAccount(account_sid=f"AC{uuid.uuid4().hex}", account_type="Full") for _ in companies
    )
    PhoneNumber.objects.bulk_create(
        PhoneNumber(
            account=account, sid=f"PN{uuid.uuid4().hex}", kind="owned", phone_number=NUMBER.format(place)
        )
        for place, account in enumerate(accounts)
    )
    now = timezone.now()
    credentials = TwilioCredentials.objects.bulk_create(
        TwilioCredentials(
            user=people[0],
            account=account,
            auth_token=AUTH_TOKEN,
            auth_token_is_set=True,
            api_key_sid=f"SK{uuid.uuid4().hex}",
            api_key_secret=API_KEY_SECRET,
            twiml_app_sid=f"AP{uuid.uuid4().hex}",
            verdict="ok",
            checked_at=now,
            # Twilio is not asked: what is timed is ours.
            proven_until=now + timedelta(hours=2),
        )
        for people, account in zip(companies, accounts, strict=True)
    )
    Membership.objects.bulk_create(
        Membership(
            user=person,
            account=of.account,
            credentials=of,
            role=Membership.Role.OWNER if person is people[0] else Membership.Role.MEMBER,
        )
        for people, of in zip(companies, credentials, strict=True)
        for person in people
    )
    return accounts
