"""How long rows are kept, and the only way out for those of the audit trail.

`manage.py prune` deletes what is older than its kind's age, in batches, each in a transaction of
its own that opens a PruneRun, deletes, and closes it: the database's triggers let nothing else through.

Where a table holds each month in a part of its own (`months.py`), the part is dropped once its whole month is
that old. So rows go up to LONGEST_MONTH days later than elsewhere, and hardly any one by one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit import months
from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.audit.parts import list_parts, name_default
from accounts.moments import write_day

BATCH = 2000
# Nobody empties the audit trail of what happened this month, whatever they ask for.
LEAST_DAYS = 30
LONGEST_MONTH = 31


class PruneRun(AppendOnlyModel):
    """That rows of one kind were deleted: which, how many, when. Open only while it deletes."""

    append_only = AppendOnlyRule(may_change=("finished_at", "rows"))

    kind = models.CharField(_("kind"), max_length=64, help_text=_("The table."))
    older_than = models.DateTimeField(_("older than"))
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    rows = models.PositiveBigIntegerField(_("rows"), default=0)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(finished_at=None), name="one_open_prune_run_per_kind"
            )
        ]
        verbose_name = _("prune run")
        verbose_name_plural = _("prune runs")

    def __str__(self) -> str:
        words = gettext("{count} rows of {table} from before {day}")
        return words.format(count=self.rows, table=self.kind, day=write_day(self.older_than))


@dataclass(frozen=True)
class Kind:
    """One kind of rows that are pruned: its model, and how long it is kept."""

    model: type[models.Model]
    kept_for: KeptFor

    @property
    def name(self) -> str:
        """What it is called on the command line: `device_events` for DeviceEvent."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.model.__name__).lower() + "s"

    @property
    def least_days(self) -> int:
        """For how long its rows are kept, whatever is asked for."""
        return min(LEAST_DAYS, self.kept_for.days)

    def find(self, older_than: datetime) -> "models.QuerySet[Any]":
        # A plain QuerySet: those of the audit trail refuse to delete, as the database does outside a run.
        rows: models.QuerySet[Any] = models.QuerySet(self.model)
        return rows.filter(**{f"{self.kept_for.aged_by}__lt": older_than}, **self.kept_for.only)


def get_kinds() -> list[Kind]:
    """Every table that says how long its rows are kept, by its `append_only` rule or its `kept_for`."""
    kinds = []
    for model in apps.get_models():
        rule = getattr(model, "append_only", None)
        kept_for = rule.kept_for if rule else getattr(model, "kept_for", None)
        if kept_for:
            kinds.append(Kind(model, kept_for))
    return kinds


def prune(kind: Kind, *, days: int, batch: int = BATCH) -> int:
    """Deletes the rows of `kind` that are older than `days` days; returns how many.

    Raises ValueError for fewer days than its least.
    """
    if days < kind.least_days:
        raise ValueError(f"{kind.name}: rows are kept for {kind.least_days} days at least")
    older_than = timezone.now() - timedelta(days=days)
    if list_parts(connection, kind.model):
        return prune_parts(kind, older_than, batch)
    if not kind.find(older_than).exists():
        return 0
    return sum(delete_batches(kind, begin_run(kind, older_than), batch))


def count_leaving(kind: Kind, *, days: int) -> int:
    """How many rows `prune` would delete."""
    older_than = timezone.now() - timedelta(days=days)
    if not list_parts(connection, kind.model):
        return kind.find(older_than).count()
    aged, others = find_leaving(kind, older_than)
    leaving = {**dict.fromkeys(aged, older_than), **others}
    return sum(months.count_older(connection, kind.model, part, before) for part, before in leaving.items())


def begin_run(kind: Kind, older_than: datetime) -> PruneRun:
    now = timezone.now()
    return PruneRun.objects.create(kind=kind.model._meta.db_table, older_than=older_than, finished_at=now)


def find_run(run: PruneRun) -> "models.QuerySet[PruneRun]":
    rows: models.QuerySet[PruneRun] = models.QuerySet(PruneRun)
    return rows.filter(pk=run.pk)


def delete_batches(kind: Kind, run: PruneRun, batch: int) -> Iterator[int]:
    while True:
        with transaction.atomic():
            find_run(run).update(finished_at=None)
            keys = list(
                kind.find(run.older_than).order_by(kind.kept_for.aged_by).values_list("pk", flat=True)[:batch]
            )
            count = len(keys)
            models.QuerySet(kind.model).filter(pk__in=keys).delete()
            end_run(run, count)
        if count:
            yield count
        if count < batch:
            return


def end_run(run: PruneRun, count: int) -> None:
    find_run(run).update(finished_at=timezone.now(), rows=models.F("rows") + count)


def find_leaving(kind: Kind, older_than: datetime) -> tuple[list[str], dict[str, datetime]]:
    """Of a table in parts: those that are dropped, and the others each with the time before which rows go."""
    aged = months.list_aged(connection, kind.model, older_than)
    others = dict.fromkeys(list_parts(connection, kind.model), older_than - timedelta(days=LONGEST_MONTH))
    # Rows of a browser whose clock was ahead lie in a later month than they came in, and do not wait for it.
    others[name_default(kind.model)] = older_than
    return aged, {part: before for part, before in others.items() if part not in aged}


def prune_parts(kind: Kind, older_than: datetime, batch: int) -> int:
    aged, others = find_leaving(kind, older_than)
    others = {
        part: before
        for part, before in others.items()
        if months.has_older(connection, kind.model, part, before)
    }
    if not aged and not others:
        return 0
    run = begin_run(kind, older_than)
    dropped = (drop_part(kind, run, part) for part in aged)
    deleted = (sum(delete_from_part(kind, run, part, before, batch)) for part, before in others.items())
    return sum(dropped) + sum(deleted)


def drop_part(kind: Kind, run: PruneRun, part: str) -> int:
    def drop() -> int:
        count = months.drop_part(connection, kind.model, part, run.older_than)
        end_run(run, count)
        return count

    return months.patiently(connection, drop)


def delete_from_part(kind: Kind, run: PruneRun, part: str, before: datetime, batch: int) -> Iterator[int]:
    while True:
        with transaction.atomic():
            find_run(run).update(finished_at=None)
            count = months.delete_older(connection, kind.model, part, before, batch)
            end_run(run, count)
        if count:
            yield count
        if count < batch:
            return
