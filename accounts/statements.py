"""Statements that are put together once, and told other values each time.

Django's ORM puts a statement together anew whenever it is asked, which takes several times as long as the
database needs to answer it. Where that counts, in what every webhook asks and every page that opens its
socket, a `Question` keeps it: written as a QuerySet like any other, with `Given` in place of what is known
only later.
"""

import json
import uuid
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import ModelIterable

Row = TypeVar("Row", bound=models.Model)


class Given(models.Expression):
    """A value that is told with the question, under `name`; `field` says how the database has such ones."""

    def __init__(self, name: str, field: "models.Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)

    def prepare(self, value: Any, connection: Any) -> Any:
        return self.output_field.get_db_prep_value(value, connection, prepared=False)


class GivenMany(Given):
    """A list of values, for `field__among`: the statement is the same however many there are."""

    def prepare(self, value: Any, connection: Any) -> Any:
        prepare = super().prepare
        values = [prepare(one, connection) for one in value]
        # As `accounts/among.py` reads them.
        return values if connection.vendor == "postgresql" else json.dumps(values)


class GivenMoment(Given):
    """A moment, for functions that ask of one: `moment - timedelta(…)` is one, too."""

    def __init__(self, name: str, earlier: timedelta = timedelta()) -> None:
        super().__init__(name, models.DateTimeField())
        self.earlier = earlier

    def __sub__(self, time: Any) -> Any:
        return GivenMoment(self.name, self.earlier + time)

    def prepare(self, value: Any, connection: Any) -> Any:
        return super().prepare(value - self.earlier, connection)


Moment = datetime | GivenMoment


@dataclass(frozen=True)
class Prepared:
    """A statement of one kind of database: `compiler` knows what its columns are."""

    compiler: Any
    sql: str
    parameters: tuple[Any, ...]

    def __call__(self, given: dict[str, Any], connection: Any) -> Any:
        """Django's compiler, which asks with what is given. Each thread has a connection of its own."""
        values = [
            one.prepare(given[one.name], connection) if isinstance(one, Given) else one
            for one in self.parameters
        ]
        compiler = copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda: (self.sql, values)
        return compiler


class Question(Generic[Row]):
    """`build` makes the QuerySet, once. It may follow relations and annotate, but not prefetch.

    Rows are asked for with `ask()`, those of a QuerySet that ends in `values_list()` with `ask_values()`.
    """

    def __init__(self, build: "Callable[[], models.QuerySet[Row]]") -> None:
        self.build = build
        self.prepared: dict[str, Prepared] = {}

    def ask(self, **given: Any) -> list[Row]:
        asked: Any = Asked(self.prepare(given))
        return list(ModelIterable(asked))

    def ask_first(self, **given: Any) -> Row | None:
        return next(iter(self.ask(**given)), None)

    def ask_values(self, **given: Any) -> list[tuple[Any, ...]]:
        return list(self.prepare(given).results_iter(tuple_expected=True))

    def prepare(self, given: dict[str, Any]) -> Any:
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor not in self.prepared:
            compiler = self.build().query.get_compiler(DEFAULT_DB_ALIAS)
            sql, parameters = compiler.as_sql()
            self.prepared[connection.vendor] = Prepared(compiler, sql, tuple(parameters))
        return self.prepared[connection.vendor](given, connection)


class Asked:
    """What Django wants to know of a QuerySet to make rows of what came; its `query` is its own."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, compiler: Any) -> None:
        self.compiler = compiler

    @property
    def query(self) -> "Asked":
        return self

    def get_compiler(self, using: str) -> Any:
        return self.compiler


def insert(row: models.Model) -> bool:
    """Stores a new row; False where its key, or what else is unique of it, is there.

    Nobody hears a signal of it, and a key that the database counts is not read. Whoever stores the same in
    this moment is waited for.
    """
    connection, fields = connections[DEFAULT_DB_ALIAS], list_fields(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(build_insert(type(row)), values)
        is_stored = cursor.rowcount == 1
    if is_stored:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return is_stored


def insert_many(
    rows: Sequence[models.Model], *, conflict: str = "DO NOTHING", returning: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Stores new rows of one table with one statement, however many; `returning` of those it has written.

    `conflict`: what is done about those that are there, as SQL has it after ON CONFLICT. No signal is sent.
    """
    connection, model = connections[DEFAULT_DB_ALIAS], type(rows[0])
    fields, name = list_fields(model), connection.ops.quote_name
    read = attrgetter(*(field.attname for field in fields))
    given: list[Any]
    if connection.vendor == "postgresql":
        # One array a column: PostgreSQL reads that faster than a long list of rows.
        arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
        source = f"SELECT * FROM unnest({arrays})"
        columns = zip(fields, zip(*map(read, rows), strict=True), strict=True)
        given = [
            [field.get_db_prep_save(one, connection) for one in column]
            if isinstance(field, models.JSONField)
            else list(column)
            for field, column in columns
        ]
    else:
        place = f"({', '.join(['%s'] * len(fields))})"
        source = f"VALUES {', '.join([place] * len(rows))}"
        given = [
            field.get_db_prep_save(value, connection)
            for row in rows
            for field, value in zip(fields, read(row), strict=True)
        ]
    names = ", ".join(name(field.column) for field in fields)
    told = ", ".join(map(name, returning))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {name(model._meta.db_table)} ({names}) {source} "
            f"ON CONFLICT {conflict} RETURNING {told}",
            given,
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def as_uuid(value: Any) -> uuid.UUID:
    """SQLite has it as text."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def replace(*columns: str) -> str:
    """For `conflict`: what a row that is there has in `columns` is replaced by what the new one has."""
    return f"DO UPDATE SET {', '.join(f'{column} = EXCLUDED.{column}' for column in columns)}"


def keep_related(row: models.Model, name: str, related: Sequence[models.Model]) -> None:
    """Has `row.<name>.all()` be `related`, as if they had been prefetched."""
    kept = getattr(row, name).all()
    kept._result_cache, kept._prefetch_done = list(related), True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = kept


@cache
def list_fields(model: type[models.Model]) -> list[Any]:
    """Those that a new row brings along: all but a key that the database counts."""
    return [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]


@cache
def build_insert(model: type[models.Model]) -> str:
    """PostgreSQL and SQLite say it alike."""
    name = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = [name(field.column) for field in list_fields(model)]
    places = ", ".join(["%s"] * len(columns))
    table = name(model._meta.db_table)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING"
