"""Django's sessions in the database, which end for good, and say of a database that it is away."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError, transaction
from django.utils import timezone

from accounts.entrance.asking_again import SIGNED_IN_AT
from accounts.push import SIGNED_OUT, push_to_session


class SessionStore(db.SessionStore):
    """`SESSION_ENGINE` names this module."""

    def save(self, must_create: bool = False) -> None:
        """Raises UpdateError for a session that has ended meanwhile, OperationalError as it comes.

        Django takes every error of the database for an ended session, and answers 400 to a person who
        signs in while it goes away.
        """
        try:
            super().save(must_create=must_create)
        except UpdateError as ended:
            if isinstance(ended.__context__, OperationalError):
                raise ended.__context__ from None
            raise

    @transaction.atomic
    def flush(self) -> None:
        """As somebody signs out: the pages of this session are told, and no sooner than it is gone.

        Told while it stands, as Django's signal would have it, they would go and sign in, and be sent back to
        a phone that ends a moment later.
        """
        key = self.session_key
        super().flush()
        if key:
            push_to_session(key, SIGNED_OUT)

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Seconds: never beyond `SESSION_COOKIE_AGE` from signing in.

        Django counts from the last time that something was written, so that what is used never ends.
        """
        age: int = super().get_expiry_age(**kwargs)
        began = self.get(SIGNED_IN_AT)
        return (
            age if began is None else max(0, min(age, int(began + settings.SESSION_COOKIE_AGE - time.time())))
        )

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        return timezone.now() + timedelta(seconds=self.get_expiry_age(**kwargs))
