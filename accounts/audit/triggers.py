"""Append-only, enforced by the database: not even a shell's `update()` rewrites history.

Triggers refuse UPDATE, DELETE and TRUNCATE on every model with an `append_only` rule. Three things
pass: the columns that the rule names, a person's key becoming NULL when the person is deleted, and
the deletion of rows older than an open `PruneRun` of that table (`accounts/audit/retention.py`). The run's
row is open only within the transaction that deletes, so no other transaction ever sees it open.

Where a table is held in parts (`parts.py`), PostgreSQL gives each part the table's triggers on its rows; that
on TRUNCATE, which is asked for a table and not for its rows, each part needs for itself.

SQLite's table rebuilds lose triggers without a word, and a column cannot be dropped while a trigger
reads it: so they are dropped before migrations and made again after (`connect_signals`), and a
system check looks whether they are there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate, pre_migrate

from accounts.audit.parts import list_parts

RUNS = "accounts_prunerun"
EVENTS = ("insert", "update", "delete", "truncate")

POSTGRESQL_FUNCTIONS = """
CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: rows of % are neither changed nor deleted', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION append_only_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    aged timestamptz;
BEGIN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[0]) INTO aged USING OLD;
    PERFORM 1 FROM accounts_prunerun
        WHERE finished_at IS NULL AND kind = TG_ARGV[1] AND aged < older_than;
    IF FOUND THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'append-only: rows of % leave by manage.py prune only', TG_ARGV[1]
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def get_protected_models(app_config: AppConfig | None = None) -> list[type[models.Model]]:
    candidates = app_config.get_models() if app_config else apps.get_models()
    return [model for model in candidates if getattr(model, "append_only", None)]


def name_trigger(model: type[models.Model], event: str) -> str:
    return f"append_only_{event}_{model._meta.db_table}"


def get_column(model: type[models.Model], name: str) -> str:
    return {field.name: str(field.column) for field in model._meta.concrete_fields}[name]


def build_unchanged(model: type[models.Model], same: str) -> str:
    """The SQL condition that an UPDATE changes nothing it may not; `same` compares with NULLs."""
    rule = model.append_only  # type: ignore[attr-defined]
    conditions = []
    for field in model._meta.concrete_fields:
        if field.name in rule.may_change:
            continue
        condition = f'NEW."{field.column}" {same} OLD."{field.column}"'
        if field.many_to_one and field.null:
            condition = f'({condition} OR NEW."{field.column}" IS NULL)'
        conditions.append(condition)
    return " AND ".join(conditions)


def build_sqlite_triggers(model: type[models.Model]) -> Iterator[str]:
    table, rule = model._meta.db_table, model.append_only  # type: ignore[attr-defined]
    refused = f"SELECT RAISE(ABORT, 'append-only: rows of {table} are neither changed nor deleted');"
    if rule.kept_for:
        aged = get_column(model, rule.kept_for.aged_by)
        may_leave = (
            f"NOT EXISTS (SELECT 1 FROM {RUNS} WHERE finished_at IS NULL"
            f" AND kind = '{table}' AND OLD.\"{aged}\" < older_than)"
        )
    else:
        may_leave = "1"
    key = model._meta.pk.column
    # REPLACE deletes without asking the trigger on DELETE.
    is_known = f'EXISTS (SELECT 1 FROM "{table}" WHERE "{key}" = NEW."{key}")'
    conditions = {
        "insert": is_known,
        "update": f"NOT ({build_unchanged(model, 'IS')})",
        "delete": may_leave,
    }
    for event, condition in conditions.items():
        yield (
            f'CREATE TRIGGER "{name_trigger(model, event)}" BEFORE {event.upper()} ON "{table}"'
            f" FOR EACH ROW WHEN {condition} BEGIN {refused} END"
        )


def build_postgresql_triggers(model: type[models.Model]) -> Iterator[str]:
    table, rule = model._meta.db_table, model.append_only  # type: ignore[attr-defined]
    refuse = "EXECUTE FUNCTION append_only_refuse()"
    update, delete = (name_trigger(model, event) for event in ("update", "delete"))
    changed = f"NOT ({build_unchanged(model, 'IS NOT DISTINCT FROM')})"
    yield f'CREATE TRIGGER "{update}" BEFORE UPDATE ON "{table}" FOR EACH ROW WHEN ({changed}) {refuse}'
    if rule.kept_for:
        aged = get_column(model, rule.kept_for.aged_by)
        # A part's trigger is told the name of the part, and a run has that of the table.
        may_leave = f"EXECUTE FUNCTION append_only_delete('{aged}', '{table}')"
    else:
        may_leave = refuse
    yield f'CREATE TRIGGER "{delete}" BEFORE DELETE ON "{table}" FOR EACH ROW {may_leave}'
    yield build_truncate_trigger(model, table)


def build_truncate_trigger(model: type[models.Model], table: str) -> str:
    """For the model's table, or for one of its parts."""
    name = name_trigger(model, "truncate")
    return (
        f'CREATE TRIGGER "{name}" BEFORE TRUNCATE ON "{table}"'
        " FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse()"
    )


@dataclass(frozen=True)
class Found:
    """A trigger that the database has. A part's copy of its table's comes and goes with that one."""

    name: str
    table: str
    is_copy: bool


def find_triggers(connection: BaseDatabaseWrapper) -> list[Found]:
    """The append-only triggers that the database has."""
    if connection.vendor == "postgresql":
        found = (
            "SELECT t.tgname, c.relname, t.tgparentid <> 0 FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname LIKE 'append_only_%' AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid)"
        )
    else:
        found = (
            "SELECT name, tbl_name, 0 FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append_only_%'"
        )
    with connection.cursor() as cursor:
        cursor.execute(found)
        return [Found(name, table, bool(is_copy)) for name, table, is_copy in cursor.fetchall()]


def drop_triggers(connection: BaseDatabaseWrapper, chosen: Iterable[type[models.Model]]) -> None:
    names = {name_trigger(model, event) for model in chosen for event in EVENTS}
    is_named_by_table = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for one in find_triggers(connection):
            if one.name in names and not one.is_copy:
                on_table = f' ON "{one.table}"' if is_named_by_table else ""
                cursor.execute(f'DROP TRIGGER "{one.name}"{on_table}')


def install_triggers(connection: BaseDatabaseWrapper, chosen: Iterable[type[models.Model]]) -> None:
    """Makes the triggers anew for those models whose tables are as the models say."""
    ready = [model for model in chosen if is_migrated(connection, model)]
    drop_triggers(connection, ready)
    build = build_postgresql_triggers if connection.vendor == "postgresql" else build_sqlite_triggers
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and ready:
            cursor.execute(POSTGRESQL_FUNCTIONS)
        for model in ready:
            for statement in build(model):
                cursor.execute(statement)
            for part in list_parts(connection, model):
                cursor.execute(build_truncate_trigger(model, part))


def is_migrated(connection: BaseDatabaseWrapper, model: type[models.Model]) -> bool:
    """Whether the model's table, and the one that the triggers ask, are there with all their columns."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if not {model._meta.db_table, RUNS} <= tables:
            return False
        described = connection.introspection.get_table_description(cursor, model._meta.db_table)
    return {field.column for field in model._meta.concrete_fields} <= {column.name for column in described}


def find_missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """The triggers that are not there, of a table by their name, of a part with its name too."""
    events = EVENTS[1:] if connection.vendor == "postgresql" else EVENTS[:3]
    present = {(one.name, one.table) for one in find_triggers(connection)}
    missing = []
    for model in get_protected_models():
        for table in (model._meta.db_table, *list_parts(connection, model)):
            names = (name_trigger(model, event) for event in events)
            of_part = f" on {table}" if table != model._meta.db_table else ""
            missing += [name + of_part for name in names if (name, table) not in present]
    return missing


def check_triggers(*, databases: Iterable[str] | None = None, **unused: Any) -> list[CheckMessage]:
    """Is history protected? Not asked while migrations are waiting: they make the triggers."""
    messages: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            continue
        if missing := find_missing_triggers(connection):
            messages.append(
                Error(
                    f"The audit trail can be rewritten: the database lacks {', '.join(missing)}.",
                    hint="manage.py migrate --skip-checks makes them again.",
                    id="accounts.E001",
                )
            )
    return messages


def drop_before_migrating(app_config: AppConfig, using: str, plan: list[Any], **unused: Any) -> None:
    if plan:
        drop_triggers(connections[using], get_protected_models(app_config))


def install_after_migrating(app_config: AppConfig, using: str, **unused: Any) -> None:
    install_triggers(connections[using], get_protected_models(app_config))


def connect_signals() -> None:
    pre_migrate.connect(drop_before_migrating)
    post_migrate.connect(install_after_migrating)
