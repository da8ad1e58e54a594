"""How long rows are kept, and the only way out for those of the audit trail.

`manage.py prune` deletes what is older than its kind's age, in batches, each in a transaction of
its own that opens a PruneRun, deletes, and closes it: the database's triggers let nothing else through.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from accounts.audit.append_only import AppendOnlyModel, AppendOnlyRule

BATCH = 2000
# Nobody empties the audit trail of what happened this month, whatever they ask for.
LEAST_DAYS = 30


class PruneRun(AppendOnlyModel):
    """That rows of one kind were deleted: which, how many, when. Open only while it deletes."""

    append_only = AppendOnlyRule(may_change=("finished_at", "rows"))

    kind = models.CharField(max_length=64, help_text="The table.")
    older_than = models.DateTimeField()
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    rows = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(finished_at=None), name="one_open_prune_run_per_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rows} rows of {self.kind} from before {self.older_than:%Y-%m-%d}"


@dataclass(frozen=True)
class Kind:
    """One kind of rows: its name on the command line, its model, what it is aged by, days it is kept."""

    name: str
    model: str
    aged_by: str
    days: int
    narrow: Callable[[Any], Any] = lambda rows: rows

    def get_model(self) -> type[models.Model]:
        return apps.get_model(self.model)

    def find(self, older_than: datetime) -> "models.QuerySet[Any]":
        # A plain QuerySet: those of the audit trail refuse to delete, as the database does outside a run.
        rows: models.QuerySet[Any] = models.QuerySet(self.get_model())
        return self.narrow(rows.filter(**{f"{self.aged_by}__lt": older_than}))


KINDS = (
    Kind("device_events", "phone.DeviceEvent", "received_at", 180),
    Kind("issued_tokens", "phone.IssuedToken", "issued_at", 180),
    Kind("webhook_refusals", "phone.WebhookRefusal", "refused_at", 180),
    Kind("device_presences", "phone.DevicePresence", "last_alive_at", 30),
    Kind("device_silences", "phone.DeviceSilence", "began_at", 180),
    Kind("calls", "phone.Call", "started_at", 730),
    Kind("account_events", "accounts.AccountEvent", "happened_at", 365),
    Kind("login_failures", "accounts.LoginFailure", "failed_at", 365),
    Kind("failure_days", "accounts.FailureDay", "day", 90),
    Kind(
        "failure_groups",
        "accounts.FailureGroup",
        "last_seen_at",
        365,
        narrow=lambda groups: groups.filter(state="resolved"),
    ),
    Kind("verdict_hours", "accounts.VerdictHour", "hour", 730),
    Kind("admin_actions", "accounts.AdminAction", "done_at", 1095),
)


def prune(kind: Kind, *, days: int, batch: int = BATCH) -> int:
    """Deletes the rows of `kind` that are older than `days` days; returns how many.

    Raises ValueError for fewer days than LEAST_DAYS.
    """
    if days < LEAST_DAYS:
        raise ValueError(f"{kind.name}: rows are kept for {LEAST_DAYS} days at least")
    older_than = timezone.now() - timedelta(days=days)
    if not kind.find(older_than).exists():
        return 0
    now = timezone.now()
    run = PruneRun.objects.create(
        kind=kind.get_model()._meta.db_table, older_than=older_than, finished_at=now
    )
    return sum(delete_batches(kind, run, batch))


def delete_batches(kind: Kind, run: PruneRun, batch: int) -> Iterator[int]:
    rows: models.QuerySet[PruneRun] = models.QuerySet(PruneRun).filter(pk=run.pk)
    while True:
        with transaction.atomic():
            rows.update(finished_at=None)
            keys = list(kind.find(run.older_than).order_by(kind.aged_by).values_list("pk", flat=True)[:batch])
            count = len(keys)
            models.QuerySet(kind.get_model()).filter(pk__in=keys).delete()
            rows.update(finished_at=timezone.now(), rows=models.F("rows") + count)
        if count:
            yield count
        if count < batch:
            return
