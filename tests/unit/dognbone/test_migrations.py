"""That the code of the version before goes on working on the tables of this one, while servers are replaced.

A migration is applied first, then one process after the other is started anew: meanwhile old code reads
and writes rows of the new schema. So a migration only adds, and what it adds must not be missed by who does
not know it. What is to go goes in two versions: first the code that names it, then, in the next, the column.
"""

from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

OURS = ("accounts", "phone")
# From before there was a version to be upgraded from, and what a landing before had stopped using.
ALLOWED = {
    ("accounts", "0003_proof_version"),
    ("accounts", "0007_home_country"),
    ("accounts", "0008_what_answers_a_number"),
    ("phone", "0017_the_greeting_before"),
}
TAKING_AWAY = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
)


def find_faults(operation: Any, state: ProjectState, app: str) -> str:
    """Why old code would fail once the operation is applied; "" if it would not. `state`: from before it."""
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        faults = (find_faults(one, state, app) for one in operation.database_operations)
        return next((fault for fault in faults if fault), "")
    if isinstance(operation, migrations.RenameField):
        field = state.models[app, operation.model_name_lower].fields[operation.old_name]
        return "" if field.db_column else "takes away what old code still asks for"
    if isinstance(operation, TAKING_AWAY):
        return "takes away what old code still asks for"
    if isinstance(operation, migrations.AddField):
        return "" if is_filled_by_database(operation.field) else "old code would insert rows without it"
    if isinstance(operation, migrations.AlterField):
        fields = state.models[app, operation.model_name_lower].fields
        return find_narrowing(operation.name, fields[operation.name], operation.field)
    if isinstance(operation, migrations.AddConstraint):
        return "may refuse what old code writes"
    return ""


def is_filled_by_database(field: Any) -> bool:
    return bool(field.null or field.many_to_many or field.db_default is not NOT_PROVIDED)


def find_narrowing(name: str, before: Any, after: Any) -> str:
    if before.null and not after.null:
        return "old code would write NULL"
    if before.db_default is not NOT_PROVIDED and after.db_default is NOT_PROVIDED and not after.null:
        return "takes away the default by which old code inserts rows"
    if before.get_internal_type() != after.get_internal_type() or (before.db_column or name) != (
        after.db_column or name
    ):
        return "makes another column of it"
    if after.unique and not before.unique:
        return "may refuse what old code writes"
    longest = (getattr(before, "max_length", None), getattr(after, "max_length", None))
    return "is too short for what old code writes" if all(longest) and longest[1] < longest[0] else ""


def list_faults() -> list[tuple[tuple[str, str], str]]:
    loader = MigrationLoader(None)
    state, found = ProjectState(), []
    done: set[Any] = set()
    for leaf in loader.graph.leaf_nodes():
        for node in loader.graph.forwards_plan(leaf):
            if node in done:
                continue
            done.add(node)
            new: set[str] = set()
            for operation in loader.graph.nodes[node].operations:
                if isinstance(operation, migrations.CreateModel):
                    new.add(operation.name_lower)
                # Old code knows no table that has just come.
                is_about_new = getattr(operation, "model_name_lower", "") in new
                if node[0] in OURS and not is_about_new and (fault := find_faults(operation, state, node[0])):
                    found.append((node, f"{operation.describe()}: {fault}"))
                operation.state_forwards(node[0], state)
    return found


def test_no_migration_takes_away_what_the_version_before_counts_on() -> None:
    faults = list_faults()
    assert [fault for fault in faults if fault[0] not in ALLOWED] == []
    assert {node for node, _ in faults} == ALLOWED, "what is allowed is there"


@pytest.mark.parametrize(
    ("operation", "is_fault"),
    [
        (migrations.AddField("Call", "name", models.CharField(max_length=20, default="")), True),
        (
            migrations.AddField("Call", "name", models.CharField(max_length=20, default="", db_default="")),
            False,
        ),
        (migrations.AddField("Call", "name", models.CharField(max_length=20, null=True)), False),
        (migrations.RemoveField("Call", "status"), True),
        (migrations.RenameField("Call", "status", "state"), True),
        (migrations.DeleteModel("Call"), True),
        (migrations.AlterField("Call", "answered_at", models.DateTimeField()), True),
        (migrations.AlterField("Call", "cause", models.CharField(max_length=32)), True),
        (migrations.AlterField("Call", "status", models.CharField(max_length=10)), True),
        (migrations.AlterField("Call", "status", models.CharField(max_length=40)), False),
        (migrations.AlterField("Call", "status", models.TextField()), True),
        (migrations.AddIndex("Call", models.Index(fields=["status"], name="call_of_status")), False),
        (migrations.RunPython(migrations.RunPython.noop), False),
    ],
    ids=lambda one: one.describe() if hasattr(one, "describe") else "",
)
def test_what_is_a_fault_is_told_from_what_is_none(operation: Any, is_fault: bool) -> None:
    state = MigrationLoader(None).project_state()
    assert bool(find_faults(operation, state, "phone")) == is_fault
