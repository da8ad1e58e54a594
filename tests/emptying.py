"""Empties the database after a test with real transactions, in a small part of the time of Django's flush.

Flush empties every table, whether it has rows or not, and then announces `post_migrate`, which makes content
types, permissions and triggers anew. Here the tables are emptied that a test has written to; what stood in
the database before the first test is put back where a test has changed it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from accounts.audit.triggers import (
    build_sqlite_triggers,
    drop_triggers,
    find_missing_triggers,
    get_protected_models,
    install_triggers,
)

Rows = list[tuple[Any, ...]]


class Emptier:
    """Made while no test has written yet: `standing` is what every test finds, by table."""

    def __init__(self) -> None:
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self.tables = [name for name in tables if name != MigrationRecorder.Migration._meta.db_table]
        self.standing = {table: read(table) for table in self.find_used()}

    def find_used(self) -> set[str]:
        """The tables that have rows."""
        asked = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in self.tables)
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            return {table for (table,) in cursor.fetchall()}

    def empty(self) -> None:
        """In one transaction, so that what is still being written comes before it or after it.

        Tables go in any order: keys that refer to one another are checked at its end.
        """
        with transaction.atomic():
            used = self.find_used() | set(self.standing)
            # What was empty is not read: there are files of megabytes in some rows.
            written = {one for one in used if one not in self.standing or read(one) != self.standing[one]}
            if written:
                with permitted(written), connection.cursor() as cursor:
                    self.put_back(written, cursor)
        if find_missing_triggers(connection):
            install_triggers(connection, get_protected_models())

    def put_back(self, written: set[str], cursor: Any) -> None:
        for table in written:
            cursor.execute(f'DELETE FROM "{table}"')
            for row in self.standing.get(table, ()):
                cursor.execute(f'INSERT INTO "{table}" VALUES ({", ".join(["%s"] * len(row))})', row)
        ContentType.objects.clear_cache()


@contextmanager
def permitted(written: set[str]) -> Iterator[None]:
    """Within the transaction, the audit trail's triggers let rows go."""
    protected = [model for model in get_protected_models() if model._meta.db_table in written]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            return
        drop_triggers(connection, protected)
        yield
        for model in protected:
            for statement in build_sqlite_triggers(model):
                cursor.execute(statement)


def read(table: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
        return list(cursor.fetchall())
