"""Statements that are put together once, and told other values each time.

Django's ORM puts a statement together anew whenever it is asked, which takes several times as long as the
database needs to answer it. Where that counts, in what every webhook asks and every page that opens its
socket, a `Question` keeps it: written as a QuerySet like any other, with `Given` in place of what is known
only later. PostgreSQL keeps it as well: on each connection it is planned once
(`dognbone/postgresql/base.py: prepared_cursor()`).
"""

import json
import re
import uuid
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import ModelIterable, get_related_populators

Row = TypeVar("Row", bound=models.Model)

# In what Django compiles: the place of a value, or a per cent sign that stands for itself.
PLACE = re.compile(r"%([s%])")
# Of a kind of column: `varchar(34)`.
LENGTH = re.compile(r"\(\d+\)")


# By the kind of field, what PostgreSQL is told as it is. Whatever is another type, if only a member of an
# enumeration, is left to the field.
PLAIN: dict[type, frozenset[type]] = {
    models.CharField: frozenset({str}),
    models.UUIDField: frozenset({uuid.UUID}),
    models.BooleanField: frozenset({bool}),
    models.BigIntegerField: frozenset({int}),
    models.PositiveIntegerField: frozenset({int}),
    models.ForeignKey: frozenset({int, uuid.UUID}),
}


def is_plain(value: Any, field: Any, connection: Any) -> bool:
    return type(value) in PLAIN.get(type(field), ()) and connection.vendor == "postgresql"


class Given(models.Expression):
    """A value that is told with the question, under `name`; `field` says how the database has such ones."""

    def __init__(self, name: str, field: "models.Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)

    def prepare(self, value: Any, connection: Any) -> Any:
        if is_plain(value, self.output_field, connection):
            return value
        return self.output_field.get_db_prep_value(value, connection, prepared=False)

    def tell_apart(self) -> Hashable:
        """Two that are equal in this are told the same value."""
        return self.name, type(self), type(self.output_field)


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

    def tell_apart(self) -> Hashable:
        return super().tell_apart(), self.earlier


Moment = datetime | GivenMoment


class Statement:
    """What one kind of database is asked, with `parameters`: values, and `Given`s."""

    def __init__(self, sql: str, parameters: Sequence[Any], connection: Any) -> None:
        # Of a list PostgreSQL would think, once it keeps a plan, that ten are in it.
        has_list = any(isinstance(one, GivenMany) for one in parameters)
        self.has_numbers = hasattr(connection, "prepared_cursor") and not has_list
        self.sql, self.parameters = number(sql, parameters) if self.has_numbers else (sql, parameters)

    def open_cursor(self, connection: Any) -> Any:
        return connection.prepared_cursor() if self.has_numbers else connection.cursor()

    def prepare(self, given: dict[str, Any], connection: Any) -> list[Any]:
        return [
            one.prepare(given[one.name], connection) if isinstance(one, Given) else one
            for one in self.parameters
        ]


def number(sql: str, parameters: Sequence[Any]) -> tuple[str, list[Any]]:
    """`sql` with its places numbered, as PostgreSQL has them; what is given is told once, wherever it is."""
    told: dict[Any, int] = {}
    values: list[Any] = []
    waiting = iter(parameters)

    def place(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        one = next(waiting)
        key = one.tell_apart() if isinstance(one, Given) else len(values)
        if key not in told:
            values.append(one)
            told[key] = len(values)
        return f"${told[key]}"

    return PLACE.sub(place, sql), values


class Prepared:
    """A question as one kind of database is asked it, and how rows are made of what comes."""

    def __init__(self, queryset: "models.QuerySet[Any]", connection: Any) -> None:
        compiler: Any = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        self.statement = Statement(sql, parameters, connection)
        self.columns = compiler.col_count
        expressions = [selected[0] for selected in compiler.select[: self.columns]]
        self.converters = [
            (place, converter, expression)
            for place, (converters, expression) in compiler.get_converters(expressions).items()
            for converter in converters
        ]
        self.annotations = compiler.annotation_col_map or {}
        if issubclass(queryset._iterable_class, ModelIterable):
            self.model = compiler.klass_info["model"]
            places = compiler.klass_info["select_fields"]
            self.own = slice(places[0], places[-1] + 1)
            self.names = [expression.target.attname for expression in expressions[self.own]]
            find: Any = get_related_populators
            self.related = find(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)

    def ask(self, given: dict[str, Any], connection: Any) -> list[list[Any]]:
        """What comes, in Python's terms."""
        values = self.statement.prepare(given, connection)
        with self.statement.open_cursor(connection) as cursor:
            cursor.execute(self.statement.sql, values)
            rows = [list(row[: self.columns]) for row in cursor.fetchall()]
        for row in rows:
            for place, converter, expression in self.converters:
                row[place] = converter(row[place], expression, connection)
        return rows

    def make(self, values: list[Any]) -> Any:
        """A row of the model's, as Django makes it."""
        row = self.model.from_db(DEFAULT_DB_ALIAS, self.names, values[self.own])
        for related in self.related:
            related.populate(values, row)
        for name, place in self.annotations.items():
            setattr(row, name, values[place])
        return row


class Question(Generic[Row]):
    """`build` makes the QuerySet, once. It may follow relations and annotate, but not prefetch.

    Rows are asked for with `ask()`, those of a QuerySet that ends in `values_list()` with `ask_values()`.
    """

    def __init__(self, build: "Callable[[], models.QuerySet[Row]]") -> None:
        self.build = build
        self.prepared: dict[str, Prepared] = {}

    def ask(self, **given: Any) -> list[Row]:
        connection = connections[DEFAULT_DB_ALIAS]
        prepared = self.prepare(connection)
        return [prepared.make(values) for values in prepared.ask(given, connection)]

    def ask_first(self, **given: Any) -> Row | None:
        return next(iter(self.ask(**given)), None)

    def ask_values(self, **given: Any) -> list[tuple[Any, ...]]:
        connection = connections[DEFAULT_DB_ALIAS]
        return [tuple(values) for values in self.prepare(connection).ask(given, connection)]

    def prepare(self, connection: Any) -> Prepared:
        if connection.vendor not in self.prepared:
            self.prepared[connection.vendor] = Prepared(self.build(), connection)
        return self.prepared[connection.vendor]


def insert(row: models.Model) -> bool:
    """Stores a new row; False where its key, or what else is unique of it, is there.

    Nobody hears a signal of it, and a key that the database counts is not read. Whoever stores the same in
    this moment is waited for.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    statement = build_insert(type(row), connection.vendor)
    with statement.open_cursor(connection) as cursor:
        cursor.execute(statement.sql, prepare_row(row, connection))
        is_stored: bool = cursor.rowcount == 1
    if is_stored:
        note_stored(row)
    return is_stored


def insert_in_turn(rows: Sequence[models.Model]) -> int:
    """Stores new rows, of several tables, as `insert()` does, up to the first that is there; how many.

    PostgreSQL does it in one statement.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return sum(1 for _ in takewhile(insert, rows))
    statement = build_insert_in_turn(tuple(map(type, rows)))
    values = [value for row in rows for value in prepare_row(row, connection)]
    with statement.open_cursor(connection) as cursor:
        cursor.execute(statement.sql, values)
        stored: int = cursor.fetchone()[0]
    for row in rows[:stored]:
        note_stored(row)
    return stored


def update(row: models.Model, *names: str) -> None:
    """Writes fields of a row that is there, as `row.save(update_fields=names)`, but without a signal."""
    connection = connections[DEFAULT_DB_ALIAS]
    statement, fields = build_update(type(row), names, connection.vendor)
    values = [prepare_value(field, row, connection) for field in fields]
    with statement.open_cursor(connection) as cursor:
        cursor.execute(statement.sql, values)


def note_stored(row: models.Model) -> None:
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def prepare_row(row: models.Model, connection: Any) -> list[Any]:
    return [prepare_value(field, row, connection) for field in list_fields(type(row))]


def prepare_value(field: Any, row: models.Model, connection: Any) -> Any:
    value = field.pre_save(row, True)
    if is_plain(value, field, connection):
        return value
    # Of nothing, every kind of field makes nothing.
    return None if value is None else field.get_db_prep_save(value, connection)


def insert_many(
    rows: Sequence[models.Model], *, conflict: str = "DO NOTHING", returning: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Stores new rows of one table with one statement, however many; `returning` of those it has written.

    `conflict`: what is done about those that are there, as SQL has it after ON CONFLICT. No signal is sent.
    """
    connection, model = connections[DEFAULT_DB_ALIAS], type(rows[0])
    fields = list_fields(model)
    read = attrgetter(*(field.attname for field in fields))
    given: list[Any]
    if connection.vendor == "postgresql":
        statement = build_insert_of_arrays(model, conflict, tuple(returning))
        columns = zip(fields, zip(*map(read, rows), strict=True), strict=True)
        given = [
            [field.get_db_prep_save(one, connection) for one in column]
            if isinstance(field, models.JSONField)
            else list(column)
            for field, column in columns
        ]
    else:
        place = f"({', '.join(['%s'] * len(fields))})"
        values = f"VALUES {', '.join([place] * len(rows))}"
        statement = Statement(write_insert(model, values, conflict, returning), (), connection)
        given = [
            field.get_db_prep_save(value, connection)
            for row in rows
            for field, value in zip(fields, read(row), strict=True)
        ]
    with statement.open_cursor(connection) as cursor:
        cursor.execute(statement.sql, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@cache
def build_insert_of_arrays(model: type[models.Model], conflict: str, returning: Sequence[str]) -> Statement:
    """One array a column: PostgreSQL reads that faster than a long list of rows, and plans it once."""
    connection, fields = connections[DEFAULT_DB_ALIAS], list_fields(model)
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    source = f"SELECT * FROM unnest({arrays})"
    return Statement(write_insert(model, source, conflict, returning), [None] * len(fields), connection)


def write_insert(model: type[models.Model], source: str, conflict: str, returning: Sequence[str] = ()) -> str:
    name = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = ", ".join(name(field.column) for field in list_fields(model))
    told = f" RETURNING {', '.join(map(name, returning))}" if returning else ""
    return f"INSERT INTO {name(model._meta.db_table)} ({columns}) {source} ON CONFLICT {conflict}{told}"


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
def build_insert(model: type[models.Model], vendor: str) -> Statement:
    """PostgreSQL and SQLite say it alike, but for how they write the places of values."""
    connection, fields = connections[DEFAULT_DB_ALIAS], list_fields(model)
    values = f"VALUES ({', '.join(['%s'] * len(fields))})"
    return Statement(write_insert(model, values, "DO NOTHING"), [None] * len(fields), connection)


@cache
def build_update(
    model: type[models.Model], names: Sequence[str], vendor: str
) -> tuple[Statement, list["models.Field[Any, Any]"]]:
    """By the key, which is the last of the fields. A relation is named with or without `_id`."""
    connection, quote = connections[DEFAULT_DB_ALIAS], connections[DEFAULT_DB_ALIAS].ops.quote_name
    known = {name: field for field in list_fields(model) for name in (field.name, field.attname)}
    key: Any = model._meta.pk
    fields = [known[name] for name in names]
    told = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {told} WHERE {quote(key.column)} = %s"
    return Statement(sql, [None] * (len(fields) + 1), connection), [*fields, key]


@cache
def build_insert_in_turn(models_of_rows: Sequence[type[models.Model]]) -> Statement:
    """For PostgreSQL. Each row waits for the one before it, which it may belong to."""
    connection = connections[DEFAULT_DB_ALIAS]
    parts = []
    for place, model in enumerate(models_of_rows):
        # Without a length, beyond which PostgreSQL would cut off what is cast.
        kinds = [LENGTH.sub("", field.db_type(connection)) for field in list_fields(model)]
        source = f"SELECT {', '.join(f'%s::{kind}' for kind in kinds)}"
        if place:
            source += f" WHERE EXISTS (SELECT FROM row_{place - 1})"
        told = list_fields(model)[0].column
        parts.append(f"row_{place} AS ({write_insert(model, source, 'DO NOTHING', [told])})")
    counts = " + ".join(f"(SELECT count(*) FROM row_{place})" for place in range(len(parts)))
    values = [None for model in models_of_rows for _ in list_fields(model)]
    return Statement(f"WITH {', '.join(parts)} SELECT {counts}", values, connection)
