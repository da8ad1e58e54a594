"""How long rows are kept, and the only way out for those of the audit trail.

`manage.py prune` deletes what is older than its kind's age, in batches, each in a transaction of
its own that opens a PruneRun, deletes, and closes it: the database's triggers let nothing else through.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule, KeptFor
from accounts.moments import write_day

BATCH = 2000
# Nobody empties the audit trail of what happened this month, whatever they ask for.
LEAST_DAYS = 30


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
    if not kind.find(older_than).exists():
        return 0
    now = timezone.now()
    run = PruneRun.objects.create(kind=kind.model._meta.db_table, older_than=older_than, finished_at=now)
    return sum(delete_batches(kind, run, batch))


def delete_batches(kind: Kind, run: PruneRun, batch: int) -> Iterator[int]:
    rows: models.QuerySet[PruneRun] = models.QuerySet(PruneRun).filter(pk=run.pk)
    while True:
        with transaction.atomic():
            rows.update(finished_at=None)
            keys = list(
                kind.find(run.older_than).order_by(kind.kept_for.aged_by).values_list("pk", flat=True)[:batch]
            )
            count = len(keys)
            models.QuerySet(kind.model).filter(pk__in=keys).delete()
            rows.update(finished_at=timezone.now(), rows=models.F("rows") + count)
        if count:
            yield count
        if count < batch:
            return
