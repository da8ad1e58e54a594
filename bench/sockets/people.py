"""Many people with sessions, in companies, made at once: as if each had signed in a moment ago."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from typing import Any

from bench.sockets.load import Seat

# So many use one Twilio account, and see of each other whether they are there.
COMPANY = 20
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0"


def make_seats(number: int) -> list[Seat]:
    """A person for each, signed in, with a page that was never open."""
    from accounts.people import User

    first = User.objects.count()
    users = User.objects.bulk_create(build_person(first + place) for place in range(number))
    connect(users)
    return [Seat(key, str(uuid.uuid4())) for key in sign_in(users)]


def build_person(place: int) -> Any:
    from accounts.people import User

    # No password of theirs is ever typed.
    return User(
        email=f"person{place}@example.com",
        name=f"Person {place}",
        password="!" + uuid.uuid4().hex,
        last_language="en",
    )


def connect(users: Sequence[Any]) -> None:
    """Their company's account, its owner's credentials, and everybody's part in it."""
    from accounts.company.memberships import Membership
    from accounts.twilio.credentials import TwilioAccount, TwilioCredentials

    companies = [users[first : first + COMPANY] for first in range(0, len(users), COMPANY)]
    accounts = TwilioAccount.objects.bulk_create(
        TwilioAccount(account_sid=f"AC{uuid.uuid4().hex}") for _ in companies
    )
    credentials = TwilioCredentials.objects.bulk_create(
        TwilioCredentials(user=people[0], account=account, auth_token="", api_key_secret="", verdict="ok")
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
