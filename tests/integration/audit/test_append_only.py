"""History is written once, also for a shell with SQL; rows leave by `manage.py prune` alone, and by age."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from accounts.audit.admin_actions import AdminAction
from accounts.audit.append_only import AppendOnly
from accounts.audit.journal import AccountEvent
from accounts.audit.refusals import Refusal
from accounts.audit.retention import PruneRun, get_kinds
from accounts.audit.triggers import (
    drop_triggers,
    find_missing_triggers,
    get_protected_models,
    install_triggers,
)
from accounts.company.changes import CompanyChange
from accounts.failures.groups import note_failure
from accounts.failures.login_failures import LoginFailure
from accounts.people import User
from phone.answering.changes import AnsweringChange
from phone.calling_limits.calling_limits import CallingLimitsChange
from phone.calls.refusals import WebhookRefusal
from phone.connection_tests.connection_test import ConnectionTest
from phone.device.events import DeviceEvent
from phone.device.silences import DeviceSilence
from phone.recordings.listenings import Listening
from phone.tokens.issued_tokens import IssuedToken

ROOT = Path(__file__).resolve().parents[3]

OLD = timezone.now() - timedelta(days=2000)


def make_rows(person: User, at: object = OLD) -> list[models.Model]:
    """One row of every protected table but PruneRun's, from `at`."""
    who = {"user": person, "identity": person.identity, "email": person.email}
    facts = {
        "page_session": uuid.uuid4(),
        "seq": 1,
        "state": "ready",
        "sdk_event": "registered",
        "reported_at": at,
    }
    return [
        DeviceEvent.objects.create(**who, **facts, event_id=uuid.uuid4(), received_at=at),
        IssuedToken.objects.create(**who, account_sid="AC", kind="access", issued_at=at, expires_at=at),
        WebhookRefusal.objects.create(reason="bad signature", path="/", refused_at=at),
        DeviceSilence.objects.create(**who, page_session=uuid.uuid4(), began_at=at, noticed_at=at),
        LoginFailure.objects.create(
            user=person, email=person.email, verdict="unclear", shown_by="check", failed_at=at
        ),
        AccountEvent.objects.create(user=person, email=person.email, kind="signed_in", happened_at=at),
        Refusal.objects.create(what="sign_up", refused_at=at, last_at=at),
        Listening.objects.create(user=person, email=person.email, recording_sid="RE", listened_at=at),
        ConnectionTest.objects.create(
            **who,
            test_id=uuid.uuid4(),
            page_session=uuid.uuid4(),
            is_in_call=False,
            lines=[],
            bad=0,
            tested_at=at,
            received_at=at,
        ),
        AdminAction.objects.create(
            actor=person, actor_email=person.email, action="note", target_type="x", done_at=at
        ),
        AnsweringChange.objects.create(
            user=person, email=person.email, subject="do_not_disturb", changed_at=at
        ),
        CallingLimitsChange.objects.create(user=person, email=person.email, account_sid="AC", changed_at=at),
        CompanyChange.objects.create(
            kind="left", by=person, by_email=person.email, about_email="", account_sid="AC", changed_at=at
        ),
    ]


def execute(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def assert_refused(change: Callable[[], object]) -> None:
    with pytest.raises((IntegrityError, AppendOnly), match="append-only|never"), transaction.atomic():
        change()


def test_every_protected_table_has_a_row_here(alice: User) -> None:
    kinds = {type(row) for row in make_rows(alice)} | {PruneRun}
    assert kinds == set(get_protected_models())
    pruned = {kind.model for kind in get_kinds()}
    assert set(get_protected_models()) - pruned == {PruneRun}


def test_neither_sql_nor_the_orm_changes_or_deletes_a_row(alice: User) -> None:
    for row in make_rows(alice):
        model = type(row)
        table, plain = model._meta.db_table, models.QuerySet(model)
        text = next(field for field in model._meta.fields if isinstance(field, models.CharField))
        assert_refused(lambda plain=plain, text=text: plain.update(**{text.name: "forged"}))
        assert_refused(
            lambda table=table, text=text: execute(f'UPDATE "{table}" SET "{text.column}" = %s', "forged")
        )
        assert_refused(lambda plain=plain: plain.all().delete())
        assert_refused(lambda table=table: execute(f'DELETE FROM "{table}"'))
        if model is not LoginFailure:
            assert_refused(row.save)
        if connection.vendor == "postgresql":
            connection.check_constraints()
            assert_refused(lambda table=table: execute(f'TRUNCATE "{table}"'))
        else:
            assert_refused(lambda table=table: execute(f'REPLACE INTO "{table}" SELECT * FROM "{table}"'))
        assert plain.filter(pk=row.pk).count() == 1


def test_a_failure_can_be_reviewed_and_counted_and_nothing_else(alice: User) -> None:
    failure = next(row for row in make_rows(alice) if isinstance(row, LoginFailure))
    LoginFailure.objects.filter(pk=failure.pk).update(count=2)
    LoginFailure.objects.mark_reviewed(alice, "seen")
    for change in (
        {"verdict": "ok"},
        {"twilio_message": "fine"},
        {"failed_at": timezone.now()},
        {"email": ""},
    ):
        assert_refused(lambda change=change: LoginFailure.objects.update(**change))


def test_deleting_a_person_leaves_their_rows_without_their_key(alice: User) -> None:
    rows = make_rows(alice)
    alice.delete()
    for row in rows:
        row.refresh_from_db()
        person = getattr(row, "user", None) or getattr(row, "actor", None)
        assert person is None
    assert DeviceEvent.objects.get().email == "alice@example.com"
    assert_refused(
        lambda: models.QuerySet(DeviceEvent).update(user=User.objects.create_user("x@example.com").pk)
    )


def test_prune_deletes_what_is_old_and_says_so(alice: User) -> None:
    make_rows(alice)
    make_rows(alice, at=timezone.now())
    said = StringIO()
    call_command("prune", "--dry-run", stdout=said)
    assert "device_events: 1 rows are older than 180 days" in said.getvalue()
    assert DeviceEvent.objects.count() == 2

    call_command("prune", "--batch=1", stdout=said)

    for model in set(get_protected_models()) - {PruneRun}:
        assert models.QuerySet(model).count() == 1, model
    assert "device_events: 1 rows older than 180 days deleted" in said.getvalue()
    runs = {run.kind: run.rows for run in PruneRun.objects.filter(finished_at__isnull=False)}
    assert runs["phone_deviceevent"] == 1
    assert_refused(lambda: models.QuerySet(DeviceEvent).all().delete())


def test_prune_resolves_nothing_away(alice: User) -> None:
    failure = next(row for row in make_rows(alice) if isinstance(row, LoginFailure))
    group = note_failure(failure)
    call_command("prune", stdout=StringIO())
    assert type(group).objects.filter(pk=group.pk).exists()
    type(group).objects.resolve()
    call_command("prune", stdout=StringIO())
    assert not type(group).objects.exists()


def test_this_month_is_kept_whatever_is_asked(alice: User) -> None:
    make_rows(alice, at=timezone.now() - timedelta(days=2))
    with pytest.raises(CommandError, match="30 days at least"):
        call_command("prune", "--device-events=1", stdout=StringIO())
    assert DeviceEvent.objects.exists()


def test_an_open_run_lets_only_its_own_old_rows_go(alice: User) -> None:
    make_rows(alice)
    make_rows(alice, at=timezone.now())
    run = PruneRun.objects.create(kind="phone_deviceevent", older_than=timezone.now() - timedelta(days=100))
    assert_refused(lambda: models.QuerySet(DeviceEvent).all().delete())
    assert_refused(lambda: models.QuerySet(IssuedToken).filter(issued_at=OLD).delete())
    models.QuerySet(DeviceEvent).filter(received_at=OLD).delete()
    assert_refused(lambda: models.QuerySet(PruneRun).filter(pk=run.pk).update(older_than=timezone.now()))
    assert_refused(lambda: models.QuerySet(PruneRun).all().delete())


def test_a_missing_trigger_is_a_fault_and_migrating_makes_it_again(db: None) -> None:
    assert find_missing_triggers(connection) == []
    drop_triggers(connection, [DeviceEvent])
    faults = [fault for fault in run_checks(databases=["default"]) if fault.id == "accounts.E001"]
    assert "append_only_delete_phone_deviceevent" in faults[0].msg
    call_command("migrate", skip_checks=True, verbosity=0)
    assert find_missing_triggers(connection) == []
    install_triggers(connection, get_protected_models())
    assert not [fault for fault in run_checks(databases=["default"]) if fault.id == "accounts.E001"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL alters a table where it is")
@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_is_protected_again() -> None:
    """SQLite alters a table by copying it, and the copy has none of its triggers."""
    field = DeviceEvent._meta.get_field("message")
    longer = field.clone()
    longer.max_length = (field.max_length or 0) + 1
    longer.set_attributes_from_name("message")
    longer.model = DeviceEvent
    for old, new in ((field, longer), (longer, field)):
        with connection.schema_editor() as editor:
            editor.alter_field(DeviceEvent, old, new)
        assert find_missing_triggers(connection)
        call_command("migrate", verbosity=0)
        assert find_missing_triggers(connection) == []


@pytest.mark.django_db(transaction=True)
def test_tables_are_protected_after_a_migration() -> None:
    names = sorted(name for app, name in MigrationLoader(connection).disk_migrations if app == "phone")
    call_command("migrate", "phone", names[-2], verbosity=0)
    call_command("migrate", verbosity=0)
    assert find_missing_triggers(connection) == []


def test_the_operators_are_told_every_table_s_age() -> None:
    told = (ROOT / "docs" / "operations.md").read_text()
    for kind in get_kinds():
        assert re.search(rf"`{kind.name}`[^|]*\| {kind.kept_for.days} \|", told), kind.name
