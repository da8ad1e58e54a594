"""Login failures grouped as an issue tracker groups errors: account × person × verdict.

The failures beneath stay as they are; a group counts them and carries what admins decide. It is kept
true as each failure is recorded, so that no page ever counts a million rows.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest, Right
from django.utils import timezone

from accounts.audit.append_only import KeptFor
from accounts.failures.login_failures import LoginFailure
from accounts.masking import SID_TAIL, mask_sid
from accounts.people import User
from accounts.verdicts.words import describe_verdict

SPARK_DAYS = 14

# A Device that registers has shown that the login works, and nothing about sound.
NOT_SHOWN_BY_READY = ("media_blocked", "microphone_denied", "microphone_missing")


class FailureGroupQuerySet(models.QuerySet["FailureGroup"]):
    def unresolved(self) -> "FailureGroupQuerySet":
        return self.filter(state__in=FailureGroup.UNRESOLVED)

    def acknowledge(self) -> int:
        return self.filter(state=FailureGroup.State.OPEN).update(state=FailureGroup.State.ACKNOWLEDGED)

    def resolve(self, resolver: User | None = None) -> int:
        """Ends these groups; without a `resolver` it was a `ready` that showed the login works."""
        return self.unresolved().update(
            state=FailureGroup.State.RESOLVED, resolved_at=timezone.now(), resolved_by=resolver
        )

    def reopen(self) -> int:
        return self.exclude(state=FailureGroup.State.OPEN).update(
            state=FailureGroup.State.OPEN, resolved_at=None, resolved_by=None
        )

    def assign(self, assignee: User | None) -> int:
        return self.update(assigned_to=assignee)


class FailureGroup(models.Model):
    """All failures of one person on one account that mean the same."""

    kept_for = KeptFor("last_seen_at", days=365, only={"state": "resolved"})

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"

    UNRESOLVED: ClassVar[tuple[str, ...]] = (State.OPEN, State.ACKNOWLEDGED)

    # Whether it is the one that is opened beside the list.
    is_opened = False
    # The last fourteen days' counts, where a list has fetched them with get_spark_days().
    spark_days: list[int]

    account_sid = models.CharField("Account SID", max_length=64, blank=True)
    person = models.CharField(max_length=270, help_text="The person's key, or the e-mail that was typed.")
    verdict = models.CharField(max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="failure_groups"
    )
    email = models.CharField(max_length=254, blank=True)
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
    last_failure = models.UUIDField(help_text="The newest failure; it may have been pruned since.")
    last_page_session = models.UUIDField(null=True)
    twilio_status = models.PositiveIntegerField("HTTP status", null=True)
    twilio_code = models.PositiveIntegerField("Twilio code", null=True)

    objects: ClassVar[Any] = FailureGroupQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "account_sid", "verdict"], name="one_group_per_person_account_verdict"
            )
        ]
        indexes = [
            models.Index(
                fields=["-last_seen_at", "-id"],
                name="failure_group_unresolved",
                condition=Q(state__in=("open", "acknowledged")),
            ),
            models.Index(fields=["-last_seen_at", "-id"], name="failure_group_newest"),
            models.Index(fields=["verdict", "-last_seen_at"], name="failure_group_of_verdict"),
            models.Index(fields=["account_sid", "-last_seen_at"], name="failure_group_of_account"),
            models.Index(fields=["user", "-last_seen_at"], name="failure_group_of_person"),
            models.Index(
                fields=["email", "-last_seen_at"],
                name="failure_group_of_email",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
            ),
            models.Index(Right("account_sid", SID_TAIL), name="failure_group_of_sid_tail"),
        ]
        ordering = ["-last_seen_at", "-id"]
        permissions = [
            ("acknowledge_failuregroup", "Can acknowledge failure groups"),
            ("resolve_failuregroup", "Can resolve failure groups"),
            ("reopen_failuregroup", "Can reopen failure groups"),
            ("assign_failuregroup", "Can assign failure groups"),
            ("note_failuregroup", "Can write notes on failure groups"),
        ]

    def __str__(self) -> str:
        account = f" on {mask_sid(self.account_sid)}" if self.account_sid else ""
        return f"{describe_verdict(self.verdict).title}: {self.email or 'unknown'}{account}"


class FailureDay(models.Model):
    """How often a group's failure happened on one day (UTC)."""

    kept_for = KeptFor("day", days=90)

    group = models.ForeignKey(FailureGroup, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "day"], name="one_row_per_group_and_day")]

    def __str__(self) -> str:
        return f"{self.count} on {self.day}"


class VerdictHour(models.Model):
    """How often each verdict was given in one hour (UTC): the overview's chart, and what is new."""

    kept_for = KeptFor("hour", days=730)

    verdict = models.CharField(max_length=40)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hour", "verdict"], name="one_row_per_hour_and_verdict")
        ]
        indexes = [models.Index(fields=["verdict", "hour"], name="verdict_hour_of_verdict")]

    def __str__(self) -> str:
        return f"{self.count} × {self.verdict} in {self.hour:%Y-%m-%d %H}h"


def name_person(failure: LoginFailure) -> str:
    """Who a failure counts for: the person where known, else the e-mail that was typed."""
    return f"user:{failure.user_id}" if failure.user_id else failure.email.lower()


def note_failure(failure: LoginFailure) -> FailureGroup:
    """Counts a recorded failure in its group, makes the group where there is none, reopens a resolved one.

    Call it within the transaction that stores the failure, once for each time it happened.
    """
    with transaction.atomic():
        group, _ = FailureGroup.objects.select_for_update().get_or_create(
            person=name_person(failure),
            account_sid=failure.account_sid,
            verdict=failure.verdict,
            defaults={
                "user": failure.user,
                "email": failure.email.lower(),
                "first_seen_at": failure.failed_at,
                "last_seen_at": failure.failed_at,
                "last_failure": failure.pk,
            },
        )
        rows = FailureGroup.objects.filter(pk=group.pk)
        if group.state == FailureGroup.State.RESOLVED:
            rows.filter(state=FailureGroup.State.RESOLVED).update(
                state=FailureGroup.State.OPEN, reopened=F("reopened") + 1, resolved_at=None, resolved_by=None
            )
        rows.update(
            count=F("count") + 1,
            last_seen_at=Greatest(F("last_seen_at"), Value(failure.failed_at)),
            last_failure=failure.pk,
            last_page_session=failure.page_session,
            twilio_status=failure.twilio_status,
            twilio_code=failure.twilio_code,
        )
        add_one(FailureDay, group=group, day=failure.failed_at.astimezone(UTC).date())
        hour = failure.failed_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        add_one(VerdictHour, verdict=failure.verdict, hour=hour)
    return group


def add_one(counter: type[models.Model], **key: Any) -> None:
    rows = counter._default_manager.filter(**key)
    if not rows.update(count=F("count") + 1):
        counter._default_manager.get_or_create(**key)
        rows.update(count=F("count") + 1)


def note_ready(*, user: User, account_sid: str, at: datetime | None = None) -> int:
    """A Device registered: this person's login works, so what speaks of a failed one is resolved.

    `at` is when it registered; failures after that stay open. Whatever account the person had typed,
    theirs is `account_sid` now. Returns how many groups were resolved.
    """
    theirs = Q(user=user) | Q(user=None, email=user.email.lower())
    groups = FailureGroup.objects.filter(theirs, last_seen_at__lte=at or timezone.now())
    return groups.exclude(verdict__in=NOT_SHOWN_BY_READY).resolve()


def get_spark_days(groups: Iterable[FailureGroup], today: date) -> dict[int, list[int]]:
    """For each group's key its counts of the last fourteen days, oldest first; one query for all."""
    keys = [group.pk for group in groups]
    counts = {key: [0] * SPARK_DAYS for key in keys}
    first = today - timedelta(days=SPARK_DAYS - 1)
    days = FailureDay.objects.filter(group__in=keys, day__gte=first, day__lte=today)
    for group, day, count in days.values_list("group", "day", "count"):
        counts[group][(day - first).days] = count
    return counts
