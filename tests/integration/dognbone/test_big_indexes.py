"""An index of a large table: made beside the writing, and found where it is there already."""

import pytest
from django.db import NotSupportedError, connection, models, transaction
from django.db.migrations.state import ModelState, ProjectState

from accounts.big_indexes import FIND, AddIndexBeside, list_parts
from accounts.big_indexes import is_valid as is_valid_index
from phone.device.events import DeviceEvent
from phone.recents.recent_call import RecentCall

INDEX = models.Index(fields=["cause", "id"], name="recent_tried_here")


def list_indexes() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, RecentCall._meta.db_table))


@pytest.fixture
def states() -> tuple[ProjectState, ProjectState]:
    """Before and after."""
    before, after = ProjectState(), ProjectState()
    for state in (before, after):
        state.add_model(
            ModelState(
                "phone",
                "RecentCall",
                [("id", models.BigAutoField(primary_key=True)), ("cause", models.CharField(max_length=32))],
                {"db_table": RecentCall._meta.db_table, "indexes": []},
            )
        )
    return before, after


@pytest.mark.django_db(transaction=True)
def test_it_is_made_once_and_taken_away_again(states: tuple[ProjectState, ProjectState]) -> None:
    before, after = states
    operation = AddIndexBeside("recentcall", INDEX)
    operation.state_forwards("phone", after)
    try:
        for _ in range(2):
            with connection.schema_editor(atomic=False) as editor:
                operation.database_forwards("phone", editor, before, after)
            assert INDEX.name in list_indexes()
    finally:
        with connection.schema_editor(atomic=False) as editor:
            operation.database_backwards("phone", editor, after, before)
    assert INDEX.name not in list_indexes()


def is_valid() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(FIND, [INDEX.name])
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_one_that_was_broken_off_is_made_anew(states: tuple[ProjectState, ProjectState]) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL leaves an index that is no use")
    before, after = states
    operation = AddIndexBeside("recentcall", INDEX)
    operation.state_forwards("phone", after)
    try:
        with connection.schema_editor(atomic=False) as editor:
            operation.database_forwards("phone", editor, before, after)
        with connection.cursor() as cursor:
            # As PostgreSQL leaves it where building was ended.
            cursor.execute(
                "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [INDEX.name]
            )
        assert not is_valid()
        with connection.schema_editor(atomic=False) as editor:
            operation.database_forwards("phone", editor, before, after)
        assert is_valid()
    finally:
        with connection.schema_editor(atomic=False) as editor:
            operation.database_backwards("phone", editor, after, before)
    assert INDEX.name not in list_indexes()


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_it_is_refused_where_it_would_lock(
    states: tuple[ProjectState, ProjectState],
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL makes an index beside the writing")
    before, after = states
    operation = AddIndexBeside("recentcall", INDEX)
    operation.state_forwards("phone", after)
    with pytest.raises(NotSupportedError), transaction.atomic():
        operation.database_forwards("phone", connection.schema_editor(), before, after)


@pytest.mark.django_db(transaction=True)
def test_each_part_of_a_table_in_parts_gets_its_own() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has tables in parts")
    table, index = DeviceEvent._meta.db_table, models.Index(fields=["code", "seq"], name="event_tried_here")
    before, after = ProjectState(), ProjectState()
    for state in (before, after):
        fields = [("id", models.BigAutoField(primary_key=True))]
        fields += [(name, models.IntegerField()) for name in index.fields]
        options = {"db_table": table, "indexes": []}
        state.add_model(ModelState("phone", "DeviceEvent", fields, options))
    operation = AddIndexBeside("deviceevent", index)
    operation.state_forwards("phone", after)
    try:
        for _ in range(2):
            with connection.schema_editor(atomic=False) as editor:
                operation.database_forwards("phone", editor, before, after)
        parts = list_parts(connection, table)
        assert len(parts) > 3
        for name in (index.name, *(operation.name_of(part, table) for part in parts)):
            assert is_valid_index(connection, name), name
    finally:
        with connection.schema_editor(atomic=False) as editor:
            operation.database_backwards("phone", editor, after, before)
    assert is_valid_index(connection, index.name) is None
