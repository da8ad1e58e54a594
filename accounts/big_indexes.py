"""An index that is added to a table which may be large by then: nobody who writes to it waits meanwhile.

PostgreSQL builds one beside the writing, if it is told to and is in no transaction: a migration with such
an operation is `atomic = False` and has nothing else in it:
https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY. SQLite locks its
one file for anything it does.
"""

from typing import Any

from django.db import NotSupportedError
from django.db.migrations import AddIndex

# One that could not be finished stays, and is no use.
FIND = """
    SELECT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relname = %s AND pg_table_is_visible(pg_class.oid)
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
        with connection.cursor() as cursor:
            cursor.execute(FIND, [self.index.name])
            found = cursor.fetchone()
        if found and not found[0]:
            schema_editor.remove_index(model, self.index, concurrently=True)
        if not found or not found[0]:
            schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        connection = schema_editor.connection
        model = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(connection.alias, model):
            return
        index = from_state.models[app_label, self.model_name_lower].get_index_by_name(self.index.name)
        if connection.vendor == "postgresql":
            schema_editor.remove_index(model, index, concurrently=True)
        else:
            schema_editor.remove_index(model, index)
