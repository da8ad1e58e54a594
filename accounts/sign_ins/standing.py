"""Whose several sessions are, asked in one go, for whoever answers many at once.

It says of a session what Django does, and asks the database itself: a session that has ended is gone for
every worker, whatever becomes of Redis.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.people import User
from accounts.statements import Given, GivenMany, Question


@dataclass(frozen=True)
class Claim:
    """Whose a session says it is; `auth_hash` goes with the password that they had as they signed in."""

    user_id: int
    auth_hash: str = field(repr=False)

    def is_of(self, user: User) -> bool:
        """Whether the session stands: the person is active, and their password is what it was."""
        if user.pk != self.user_id or not user.is_active:
            return False
        # As Django: also by a key of SECRET_KEY_FALLBACKS.
        own = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
        return any(constant_time_compare(self.auth_hash, one) for one in own)


def read_claims(session_keys: Collection[str]) -> dict[str, Claim]:
    """By the key, what those of the sessions say that are there and have not expired."""
    if not session_keys:
        return {}
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    rows = SESSIONS.ask_values(keys=session_keys, now=timezone.now())
    claims = {key: read_claim(store.decode(data)) for key, data in rows}
    return {key: claim for key, claim in claims.items() if claim is not None}


def read_claim(session: Mapping[str, Any]) -> Claim | None:
    """None where nobody is signed in, or by a way that is none any more."""
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    return Claim(int(session[SESSION_KEY]), session.get(HASH_SESSION_KEY) or "")


def find_standing(session_keys: Collection[str]) -> set[str]:
    """Those of the sessions that are there and have not expired."""
    return {key for (key,) in KEYS.ask_values(keys=session_keys, now=timezone.now())}


def build_sessions() -> "models.QuerySet[Any]":
    model = import_module(settings.SESSION_ENGINE).SessionStore.get_model_class()
    there: models.QuerySet[Any] = model.objects.filter(expire_date__gt=Given("now", models.DateTimeField()))
    return there.filter(session_key__among=GivenMany("keys", models.CharField()))


SESSIONS: "Question[Any]" = Question(lambda: build_sessions().values_list("session_key", "session_data"))
KEYS: "Question[Any]" = Question(lambda: build_sessions().values_list("session_key"))
