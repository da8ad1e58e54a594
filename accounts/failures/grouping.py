"""Failures grouped as an issue tracker groups errors: what all groups have, whatever it is that failed.

The failures beneath stay as they are; a group counts them and carries what admins decide. It is kept
true as each failure is recorded, so that no page ever counts a million rows.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from accounts.people import User

SPARK_DAYS = 14


class GroupQuerySet(models.QuerySet[Any]):
    def unresolved(self) -> "GroupQuerySet":
        return self.filter(state__in=Group.UNRESOLVED)

    def acknowledge(self) -> int:
        return self.filter(state=Group.State.OPEN).update(state=Group.State.ACKNOWLEDGED)

    def resolve(self, resolver: User | None = None) -> int:
        """Ends these groups; without a `resolver` it was something that showed that it works again."""
        return self.unresolved().update(
            state=Group.State.RESOLVED, resolved_at=timezone.now(), resolved_by=resolver
        )

    def reopen(self, **more: Any) -> int:
        return self.exclude(state=Group.State.OPEN).update(
            state=Group.State.OPEN, resolved_at=None, resolved_by=None, **more
        )

    def assign(self, assignee: User | None) -> int:
        return self.update(assigned_to=assignee)


class Group(models.Model):
    """All failures that mean the same: since when, how often, and what admins have decided.

    A table of groups has counters of its days (`days`), and the alarms that its groups are a reason for
    (`alarms`), which know them by the name in `ALARM_SIDE`.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("failure", "Open")
        ACKNOWLEDGED = "acknowledged", pgettext_lazy("failure", "Acknowledged")
        RESOLVED = "resolved", pgettext_lazy("failure", "Resolved")

    UNRESOLVED: ClassVar[tuple[str, ...]] = (State.OPEN, State.ACKNOWLEDGED)
    ALARM_SIDE: ClassVar[str]

    # Whether it is the one that is opened beside the list.
    is_opened = False
    # The last fourteen days' counts, where a list has fetched them with get_spark_days().
    spark_days: list[int]

    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    count = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField("first seen")
    last_seen_at = models.DateTimeField("last seen")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reopened = models.PositiveIntegerField(
        default=0, help_text="How often it came back after it was resolved."
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar[Any] = GroupQuerySet.as_manager()

    class Meta:
        abstract = True

    def identify(self) -> dict[str, str]:
        """What all failures of the group have in common, for an audit row that outlives it."""
        raise NotImplementedError


class GroupDay(models.Model):
    """How often a group's failure happened on one day (UTC); a table of its own has the `group`."""

    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.count} on {self.day}"


def build_newest_indexes(prefix: str) -> list[models.Index]:
    """What a list of groups is read by: those that are unresolved, or all of them, the newest first."""
    newest = ["-last_seen_at", "-id"]
    unresolved = Q(state__in=("open", "acknowledged"))
    return [
        models.Index(fields=newest, name=f"{prefix}_unresolved", condition=unresolved),
        models.Index(fields=newest, name=f"{prefix}_newest"),
    ]


def build_permissions(model: str, words: str) -> list[tuple[str, Any]]:
    """One for each thing that an admin can do to groups of the table `model`, called `words`.

    Their names are stored, in English; `accounts/admin/permissions.py` has them in words.
    """
    deeds = ("acknowledge", "resolve", "reopen", "assign")
    return [
        *((f"{deed}_{model}", f"Can {deed} {words}") for deed in deeds),
        (f"note_{model}", f"Can write notes on {words}"),
    ]


def list_group_models() -> list[type[Group]]:
    """Every table of groups, those of other apps too."""
    return [model for model in Group.__subclasses__() if not model._meta.abstract]


def get_days(model: Any) -> Any:
    """The table that counts the days of the groups of `model`."""
    return model._meta.get_field("days").related_model


def count_one(group: Group, *, at: datetime, may_reopen: bool = True, **newest: Any) -> bool:
    """Counts one failure more, which happened `at`; whether that reopened a resolved group.

    `newest` are the group's fields that tell of its newest failure. Call it with the group locked.
    """
    rows = type(group).objects.filter(pk=group.pk)
    is_resolved = group.state == Group.State.RESOLVED
    came_back = (
        may_reopen
        and is_resolved
        and bool(
            rows.filter(state=Group.State.RESOLVED).update(
                state=Group.State.OPEN, reopened=F("reopened") + 1, resolved_at=None, resolved_by=None
            )
        )
    )
    rows.update(count=F("count") + 1, last_seen_at=Greatest(F("last_seen_at"), Value(at)), **newest)
    add_one(get_days(type(group)), group=group, day=at.astimezone(UTC).date())
    return came_back


def take_back_one(group: Group, *, at: datetime) -> None:
    """Counts one failure less, which was counted as of `at` and turned out to be none of this group's.

    Of a group that has none left nothing is left to decide.
    """
    rows = type(group).objects.filter(pk=group.pk)
    rows.filter(count__gt=0).update(count=F("count") - 1)
    get_days(type(group)).objects.filter(group=group, day=at.astimezone(UTC).date(), count__gt=0).update(
        count=F("count") - 1
    )
    rows.filter(count=0).delete()


def add_one(counter: type[models.Model], **key: Any) -> None:
    rows = counter._default_manager.filter(**key)
    if not rows.update(count=F("count") + 1):
        counter._default_manager.get_or_create(**key)
        rows.update(count=F("count") + 1)


def get_spark_days(groups: Sequence[Group], today: date) -> dict[int, list[int]]:
    """For each group's key its counts of the last fourteen days, oldest first; one query for all."""
    counts = {group.pk: [0] * SPARK_DAYS for group in groups}
    if not groups:
        return counts
    first = today - timedelta(days=SPARK_DAYS - 1)
    days = get_days(type(groups[0])).objects.filter(group__in=list(counts), day__gte=first, day__lte=today)
    for group, day, count in days.values_list("group", "day", "count"):
        counts[group][(day - first).days] = count
    return counts
