"""Whose session opened a socket, whether it still stands, and how the person's credentials do."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from accounts.company.memberships import Membership
from accounts.people import User
from accounts.second_factor.requirement import is_factor_missing
from phone.device.origins import get_headers

# What a page shows of its credentials rests on these; all of them None where nothing is connected.
Standing = tuple[Any, ...]
STANDING = ("credentials", "credentials__updated_at", "credentials__verdict")


def read_session_key(scope: dict[str, Any]) -> str | None:
    """The key in a socket's cookie, whether or not there is such a session."""
    cookies = parse_cookie("; ".join(get_headers(scope, b"cookie")))
    return cookies.get(settings.SESSION_COOKIE_NAME)


def get_signed_in_user(session_key: str | None) -> User | None:
    """The person of a session: not signed out, not expired, not deactivated, password unchanged.

    Nor one who has to set up a second factor first: a socket would give them what no page does.
    """
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    return user if isinstance(user, User) and not is_factor_missing(user) else None


def is_still_signed_in(session_key: str, user: User) -> bool:
    """Whether the session that was just read stands, for as long as it takes to hear of its end."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    as_before = User.objects.filter(pk=user.pk, is_active=True, password=user.password)
    return bool(store.exists(session_key)) and as_before.exists()


def get_standing(user: User) -> Standing | None:
    """How a person's credentials stand, to be compared with how they stood."""
    return Membership.objects.filter(user=user).values_list(*STANDING).first()
