"""Whether the database is known to be away; never so of SQLite, which is a file."""

from django.db import connection


def is_database_away() -> bool:
    if connection.vendor != "postgresql":
        return False
    from dognbone.postgresql.watch import watch

    return watch.is_away
