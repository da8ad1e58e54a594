"""`field__among=[…]`: the same as `__in`, as one parameter, for lists that are long and asked for often.

Django makes a parameter of each value; to put hundreds of them into a statement takes longer than PostgreSQL
needs to answer it.
"""

from typing import Any

from django.db.models.lookups import In

from accounts.statements import GivenMany


class Among(In):
    """On PostgreSQL `= ANY(array)`; elsewhere `IN (…)`."""

    lookup_name = "among"

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        if isinstance(self.rhs, GivenMany):
            return f"{left} = ANY(%s)", (*parameters, self.rhs)
        field = self.lhs.output_field
        values = [field.get_db_prep_value(value, connection, prepared=True) for value in self.rhs]
        return f"{left} = ANY(%s)", (*parameters, values)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        if not isinstance(self.rhs, GivenMany):
            sql, values = super().as_sql(compiler, connection)
            return sql, tuple(values)
        # SQLite's: https://www.sqlite.org/json1.html#jeach
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} IN (SELECT value FROM json_each(%s))", (*parameters, self.rhs)
