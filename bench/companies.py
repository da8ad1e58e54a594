"""People with sessions and proven credentials, in companies with a number of their own, made at once.

As if each had signed in a moment ago, and their owners had just connected.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

AUTH_TOKEN = uuid.uuid4().hex
API_KEY_SECRET = uuid.uuid4().hex
# A number that companies have, and one that they call, in the same country.
NUMBER, CALLED = "+1415555{:04}", "+1650555{:04}"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0"


@dataclass(frozen=True)
class Caller:
    """A person as the load has to know them."""

    session: str
    identity: str
    account_sid: str
    webhook_key: str


def make_callers(number: int, *, company: int) -> list[Caller]:
    """So many people, `company` of them on each account."""
    users = make_people(number)
    accounts = [account for account in connect(users, company=company) for _ in range(company)]
    return [
        Caller(session, user.identity, account.account_sid, account.webhook_key)
        for session, user, account in zip(sign_in(users), users, accounts, strict=False)
    ]


def make_people(number: int) -> list[Any]:
    from accounts.people import User

    first = User.objects.count()
    return User.objects.bulk_create(build_person(first + place) for place in range(number))


def build_person(place: int) -> Any:
    from accounts.people import User

    # No password of theirs is ever typed.
    return User(
        email=f"person{place}@example.com",
        name=f"Person {place}",
        password="!" + uuid.uuid4().hex,
        last_language="en",
    )


def connect(users: Sequence[Any], *, company: int) -> list[Any]:
    """The accounts of their companies, on which each has a phone; the first of a company owns it."""
    from django.utils import timezone

    from accounts.company.memberships import Membership
    from accounts.twilio.credentials import PhoneNumber, TwilioAccount, TwilioCredentials
    from phone.calling_limits.calling_limits import CallingLimits

    companies = [users[first : first + company] for first in range(0, len(users), company)]
    accounts = TwilioAccount.objects.bulk_create(
        TwilioAccount(account_sid=f"AC{uuid.uuid4().hex}", account_type="Full") for _ in companies
    )
    PhoneNumber.objects.bulk_create(
        PhoneNumber(
            account=account, sid=f"PN{uuid.uuid4().hex}", kind="owned", phone_number=NUMBER.format(place)
        )
        for place, account in enumerate(accounts)
    )
    # A new account has them, but for one that is made with others at once.
    CallingLimits.objects.bulk_create(CallingLimits(account=account) for account in accounts)
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


def sign_in(users: Sequence[Any]) -> list[str]:
    """The keys of their sessions, which are noted as sign-ins are (`accounts/sign_ins/noting.py`)."""
    from allauth.usersessions.models import UserSession
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    store = import_module(settings.SESSION_ENGINE).SessionStore()
    ends_at = timezone.now() + timedelta(days=7)
    sessions = [
        Session(
            session_key=store._get_new_session_key(),
            session_data=store.encode(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                }
            ),
            expire_date=ends_at,
        )
        for user in users
    ]
    # Each new key is looked for above, and none of these is there yet: they are random.
    Session.objects.bulk_create(sessions)
    UserSession.objects.bulk_create(
        UserSession(user=user, session_key=session.session_key, ip="127.0.0.1", user_agent=BROWSER)
        for user, session in zip(users, sessions, strict=True)
    )
    return [session.session_key for session in sessions]
