"""An index that is added to a table which may be large by then: nobody who writes to it waits meanwhile.

PostgreSQL builds one beside the writing, if it is told to and is in no transaction: a migration with such
an operation is `atomic = False` and has nothing else in it:
https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY. SQLite locks its
one file for anything it does.

Of a table that is held in parts (`accounts/audit/parts.py`) each part gets its own so, one after the other,
and that of the table, which has no rows itself, counts once every part has one.
"""

from typing import Any

from django.db import NotSupportedError
from django.db.migrations import AddIndex

# One that could not be finished stays, and is no use.
FIND = """
    SELECT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relname = %s AND pg_table_is_visible(pg_class.oid)
"""


LIST_PARTS = """
    SELECT part.relname FROM pg_inherits
    JOIN pg_class part ON part.oid = inhrelid JOIN pg_class whole ON whole.oid = inhparent
    WHERE whole.relname = %s AND pg_table_is_visible(whole.oid) ORDER BY 1
"""


class AddIndexBeside(AddIndex):
    """As AddIndex, and does nothing where the index is there: a migration that was broken off is done again,
    and a database may have it from a migration of an earlier version.
    """

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        connection = schema_editor.connection
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(connection.alias, model):
            return
        if connection.vendor != "postgresql":
            with connection.cursor() as cursor:
                known = connection.introspection.get_constraints(cursor, model._meta.db_table)
            if self.index.name not in known:
                schema_editor.add_index(model, self.index)
            return
        if connection.in_atomic_block:
            raise NotSupportedError("AddIndexBeside needs a migration with atomic = False.")
        table = model._meta.db_table
        parts = list_parts(connection, table)
        for part in parts:
            self.add_beside(schema_editor, model, part, self.name_of(part, table))
        if not parts:
            self.add_beside(schema_editor, model, table, self.index.name)
        elif not is_valid(connection, self.index.name):
            self.join_parts(schema_editor, model, parts)

    def name_of(self, part: str, table: str) -> str:
        """What the index of a part is called."""
        return self.index.name + part.removeprefix(table)

    def add_beside(self, schema_editor: Any, model: Any, table: str, name: str) -> None:
        """To the model's table, or to a part of it."""
        known = is_valid(schema_editor.connection, name)
        if known is False:
            schema_editor.execute(f'DROP INDEX CONCURRENTLY "{name}"')
        if not known:
            self.create(schema_editor, model, f'"{table}"', name, concurrently=True)

    def create(self, schema_editor: Any, model: Any, table: str, name: str, *, concurrently: bool) -> None:
        statement = self.index.create_sql(model, schema_editor, concurrently=concurrently)
        parts = {**statement.parts, "table": table, "name": f'"{name}"'}
        schema_editor.execute(statement.template % parts, params=None)

    def join_parts(self, schema_editor: Any, model: Any, parts: list[str]) -> None:
        table, name = model._meta.db_table, self.index.name
        if is_valid(schema_editor.connection, name) is None:
            self.create(schema_editor, model, f'ONLY "{table}"', name, concurrently=False)
        for part in parts:
            schema_editor.execute(f'ALTER INDEX "{name}" ATTACH PARTITION "{self.name_of(part, table)}"')

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        connection = schema_editor.connection
        model = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(connection.alias, model):
            return
        index = from_state.models[app_label, self.model_name_lower].get_index_by_name(self.index.name)
        if connection.vendor == "postgresql" and not list_parts(connection, model._meta.db_table):
            schema_editor.remove_index(model, index, concurrently=True)
        else:
            schema_editor.remove_index(model, index)


def list_parts(connection: Any, table: str) -> list[str]:
    """What a table's rows lie in; none where that is the table itself."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(LIST_PARTS, [table])
        return [name for (name,) in cursor.fetchall()]


def is_valid(connection: Any, index: str) -> bool | None:
    """Whether an index is of use; None where there is none of this name."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, [index])
        found = cursor.fetchone()
        return bool(found[0]) if found else None
