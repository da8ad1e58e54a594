"""Whether the session that opened a socket still stands."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from accounts.people import User


def get_signed_in_user(session_key: str | None) -> User | None:
    """The person of a session: not signed out, not expired, not deactivated, password unchanged."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    return user if isinstance(user, User) else None
