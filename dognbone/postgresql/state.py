"""Whether the database is known to be away; never so of SQLite, which is a file."""

from django.db import InterfaceError, OperationalError, connection


def is_database_away() -> bool:
    if connection.vendor != "postgresql":
        return False
    from dognbone.postgresql.watch import watch

    return watch.is_away


def is_outage(error: BaseException | None) -> bool:
    """Whether an error says that the database went away, as Django words it or as psycopg does.

    Django leaves psycopg's as it is where it closes a cursor of the server's own, as `iterator()` has one.
    """
    if connection.vendor != "postgresql":
        return False
    import psycopg

    faults = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
    return isinstance(error, faults)
