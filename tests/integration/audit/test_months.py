"""On PostgreSQL a month's rows lie in a part of their own: nothing lost, each id once, old months dropped."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from accounts.audit.months import get_models_by_month, hold_by_month, make_months
from accounts.audit.parts import build_bound, list_parts, name_part, next_month
from accounts.audit.retention import PruneRun
from accounts.audit.triggers import find_missing_triggers, install_triggers
from accounts.clients import ClientInfo
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from phone.device.events import DeviceEvent
from phone.device.recording import record_device_event
from phone.tokens.issued_tokens import IssuedToken

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no parts"),
]
Travel = Callable[[datetime], None]


@pytest.fixture
def go_to(time_machine: object) -> Travel:
    return lambda moment: time_machine.move_to(moment, tick=False)  # type: ignore[attr-defined]


def make_id(at: datetime) -> uuid.UUID:
    """As a page makes it (`static/phone/relay/ids.js`)."""
    return uuid.UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | uuid.uuid4().int % 2**62)


def make_event(person: User, *, at: datetime, received_at: datetime | None = None) -> DeviceEvent:
    event: DeviceEvent = DeviceEvent.objects.create(
        **build_event(person), event_id=make_id(at), reported_at=at, received_at=received_at or at
    )
    return event


def build_event(person: User) -> dict[str, object]:
    who = {"user": person, "identity": person.identity, "email": person.email}
    return {**who, "page_session": uuid.uuid4(), "seq": 1, "state": "ready", "sdk_event": "registered"}


def make_token(person: User, at: datetime) -> IssuedToken:
    token: IssuedToken = IssuedToken.objects.create(
        user=person,
        identity=person.identity,
        email=person.email,
        account_sid="AC",
        kind="access",
        issued_at=at,
        expires_at=at,
    )
    return token


def fail(person: User, at: datetime) -> LoginFailure:
    failure: LoginFailure = LoginFailure.objects.create(
        user=person, email=person.email, verdict="unclear", shown_by="check", failed_at=at
    )
    return failure


def find_part(row: models.Model) -> str:
    """Where it lies."""
    meta = row._meta
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT tableoid::regclass::text FROM "{meta.db_table}" WHERE "{meta.pk.column}" = %s', [row.pk]
        )
        return str(cursor.fetchone()[0])


def describe(table: str) -> tuple[object, object]:
    """A table's columns, and its constraints and indexes, as Django reads them."""
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)
        constraints = connection.introspection.get_constraints(cursor, table)
    kinds = {
        name: {key: one.get(key) for key in ("columns", "unique", "foreign_key", "index", "orders", "type")}
        for name, one in constraints.items()
        if not one["primary_key"]
    }
    return {(column.name, column.type_code, column.null_ok) for column in columns}, kinds


def test_three_months_ahead_are_there_and_what_is_of_none_is_taken_too(alice: User) -> None:
    now = timezone.now()
    assert set(get_models_by_month()) == {DeviceEvent, IssuedToken, LoginFailure}
    coming = [next_month(now)]
    while len(coming) < 3:
        coming.append(next_month(coming[-1]))
    for model in get_models_by_month():
        # A database of a later month than the one it was made in has those between, too.
        parts = set(list_parts(connection, model))
        make_months(connection, model)
        parts = set(list_parts(connection, model))
        assert {name_part(model, month) for month in coming} < parts
        assert f"{model._meta.db_table}_default" in parts
    for make in (
        lambda at: make_event(alice, at=at),
        lambda at: make_token(alice, at),
        lambda at: fail(alice, at),
    ):
        row = make(coming[1] + timedelta(days=3))
        assert find_part(row) == name_part(type(row), coming[1])
        for at in (now - timedelta(days=900), now + timedelta(days=900)):
            row = make(at)
            assert find_part(row) == f"{row._meta.db_table}_default"
    random = DeviceEvent.objects.create(**build_event(alice), event_id=uuid.uuid4(), reported_at=now)
    assert DeviceEvent.objects.get(pk=random.pk).event_id == random.event_id


def test_an_event_is_stored_once_though_it_is_sent_again_in_another_month(alice: User, go_to: Travel) -> None:
    turn = next_month(next_month(timezone.now()))
    before = turn - timedelta(milliseconds=1)
    go_to(before)
    report = {
        "id": str(make_id(before)),
        "seq": 1,
        "state": "offline",
        "sdk_event": "unregistered",
        "at": before.isoformat(),
    }
    client = ClientInfo("127.0.0.1", "")
    page = uuid.uuid4()
    first = record_device_event(user=alice, page_session=page, report=report, client=client)
    for later in (timedelta(milliseconds=2), timedelta(days=50)):
        go_to(before + later)
        again = record_device_event(user=alice, page_session=page, report=report, client=client)
        assert (again.pk, again.is_repeat) == (first.pk, True)
    with connection.cursor() as cursor:
        names = [field.column for field in DeviceEvent._meta.concrete_fields if not field.primary_key]
        columns = ", ".join(f'"{name}"' for name in names)
        cursor.execute(
            f"INSERT INTO phone_deviceevent ({columns}) SELECT {columns} FROM phone_deviceevent"
            " ON CONFLICT (identity, event_id) DO NOTHING RETURNING id"
        )
        assert cursor.fetchall() == []
    assert DeviceEvent.objects.count() == 1


def test_history_is_kept_in_every_part(alice: User) -> None:
    for make in (
        lambda at: make_event(alice, at=at),
        lambda at: make_token(alice, at),
        lambda at: fail(alice, at),
    ):
        row = make(next_month(timezone.now()))
        part = find_part(row)
        assert part == name_part(type(row), row.append_only.kept_for and next_month(timezone.now()))
        for table in (part, row._meta.db_table):
            for change in (f"UPDATE {table} SET email = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                    connection.check_constraints()
                    connection.cursor().execute(change)
    connection.cursor().execute(f"DROP TRIGGER append_only_truncate_accounts_loginfailure ON {part}")
    assert find_missing_triggers(connection) == [f"append_only_truncate_accounts_loginfailure on {part}"]
    install_triggers(connection, [LoginFailure])
    assert find_missing_triggers(connection) == []
    alice.delete()
    assert {row.user_id for model in get_models_by_month() for row in model.objects.all()} == {None}


def test_a_month_that_is_over_for_long_enough_is_dropped(alice: User, go_to: Travel) -> None:
    month = next_month(timezone.now())
    end = next_month(month)
    rows = [make_event(alice, at=month + timedelta(days=day)) for day in range(5)]
    part = find_part(rows[0])
    late = make_event(alice, at=month, received_at=end + timedelta(days=3))
    ahead = make_event(alice, at=end + timedelta(days=1), received_at=end - timedelta(days=10))
    stray = make_event(alice, at=month - timedelta(days=900), received_at=month)

    go_to(end + timedelta(days=179))
    assert "device_events: 1 rows are older" in prune("--dry-run")
    prune()
    assert list(DeviceEvent.objects.filter(pk=stray.pk)) == [], "of no month, it goes by its own age"
    assert part in list_parts(connection, DeviceEvent), "of its last day not everything is old enough"
    assert DeviceEvent.objects.count() == 7

    go_to(end + timedelta(days=181))
    assert "device_events: 5 rows are older" in prune("--dry-run")
    assert "device_events: 5 rows older than 180 days deleted" in prune()
    assert part not in list_parts(connection, DeviceEvent)
    assert set(DeviceEvent.objects.values_list("pk", flat=True)) == {late.pk, ahead.pk}
    assert find_part(late) == "phone_deviceevent_default"
    run = PruneRun.objects.filter(kind="phone_deviceevent").first()
    assert (run.rows, run.finished_at is None) == (5, False)
    assert find_missing_triggers(connection) == []

    go_to(late.received_at + timedelta(days=181))
    prune()
    assert list(DeviceEvent.objects.values_list("pk", flat=True)) == [ahead.pk]
    go_to(ahead.received_at + timedelta(days=180 + 32))
    prune()
    assert not DeviceEvent.objects.exists(), "kept for a month longer, and not until its own is over"


def prune(*options: str) -> str:
    said = StringIO()
    call_command("prune", "--only=device_events", *options, stdout=said)
    return said.getvalue()


@pytest.mark.parametrize("model", [DeviceEvent, IssuedToken, LoginFailure])
def test_a_table_in_one_piece_loses_nothing(model: type[models.Model], alice: User) -> None:
    table, now = model._meta.db_table, timezone.now()
    wanted = describe(table)
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TABLE "{table}"')
    with connection.schema_editor() as editor:
        editor.create_model(model)
    make = {
        DeviceEvent: lambda at: make_event(alice, at=at),
        IssuedToken: lambda at: make_token(alice, at),
        LoginFailure: lambda at: fail(alice, at),
    }[model]
    rows = [make(now - timedelta(days=day)) for day in range(60)]
    ahead = make(next_month(next_month(now)))
    stored = list(model.objects.order_by("pk").values())

    for _ in range(2):
        hold_by_month(connection, table, by=model.append_only.by_month)
        make_months(connection, model)
        install_triggers(connection, [model])

    assert list(model.objects.order_by("pk").values()) == stored
    assert len(list_parts(connection, model)) == 4
    assert find_part(rows[0]) == f"{table}_default"
    assert find_part(ahead) == name_part(model, next_month(next_month(now)))
    assert describe(table) == wanted
    row = make(now)
    if model is not LoginFailure:
        assert row.pk == ahead.pk + 1, "numbers go on"
    assert find_missing_triggers(connection) == []


def test_a_clock_that_stands_still_loses_nothing_and_is_told(alice: User, go_to: Travel) -> None:
    def find_warnings() -> list[str]:
        return [fault.msg for fault in run_checks(databases=["default"]) if fault.id == "accounts.W002"]

    assert find_warnings() == []
    go_to(timezone.now() + timedelta(days=200))
    now = timezone.now()
    token = make_token(alice, now)
    assert find_part(token) == "phone_issuedtoken_default"
    assert len(find_warnings()) == 3
    call_command("migrate", skip_checks=True, verbosity=0)
    assert find_warnings() == []
    assert IssuedToken.objects.get() == token
    assert find_part(make_token(alice, next_month(now))) == name_part(IssuedToken, next_month(now))


def test_a_month_begins_where_its_first_ids_do() -> None:
    january = datetime(2027, 1, 1, tzinfo=UTC)
    key = DeviceEvent._meta.get_field("event_id")
    bound = uuid.UUID(build_bound(key, january))
    assert make_id(january - timedelta(milliseconds=1)) < bound <= make_id(january)
    assert next_month(january - timedelta(seconds=1)) == january
