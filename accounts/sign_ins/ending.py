"""Ending a sign-in from elsewhere: its session goes, and its open pages in two seconds, on every worker."""

from collections.abc import Iterable

from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.dispatch import Signal

from accounts.push import SIGNED_OUT, push_to_session

# Arguments: session_key. Within the transaction.
sign_in_ended = Signal()


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    """allauth ends sessions through here, its own pages' included."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        for session in sessions:
            end_sign_in(session)


@transaction.atomic
def end_sign_in(session: UserSession) -> None:
    key = session.session_key
    session.end()
    sign_in_ended.send(sender=UserSession, session_key=key)
    push_to_session(key, SIGNED_OUT)
