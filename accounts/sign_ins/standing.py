"""Whose sessions several keys are, asked in one go, for whoever answers many at once.

It says of a session no more than what Django does, and asks the database, as a session's end is there first.
Whoever is not found here may still be signed in: as with a key of `SECRET_KEY_FALLBACKS`, which Django has
renewed. So nobody may be refused by it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.people import User


@dataclass(frozen=True)
class SignedIn:
    """What a session that has not ended says of its person."""

    user_id: int
    password_hash: str = field(repr=False)

    def is_of(self, user: User) -> bool:
        """Whether the session stands: the person is active, and their password is what it was."""
        return (
            user.pk == self.user_id
            and user.is_active
            and constant_time_compare(self.password_hash, user.get_session_auth_hash())
        )


def find_signed_in(session_keys: Collection[str]) -> dict[str, SignedIn]:
    """By the key; without those that have ended, and those in which nobody is signed in."""
    if not session_keys:
        return {}
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    rows = store.get_model_class().objects.filter(
        session_key__in=session_keys, expire_date__gt=timezone.now()
    )
    found = {}
    for key, data in rows.values_list("session_key", "session_data"):
        session = store.decode(data)
        if (
            session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
            and HASH_SESSION_KEY in session
        ):
            found[key] = SignedIn(int(session[SESSION_KEY]), session[HASH_SESSION_KEY])
    return found
