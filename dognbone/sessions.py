"""Django's sessions in the database, which say that the database is away and not that somebody signed out."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError


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
