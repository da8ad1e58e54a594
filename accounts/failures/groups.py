"""Login failures grouped: account × person × verdict."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Right
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit.append_only import KeptFor
from accounts.failures.grouping import (
    Group,
    GroupDay,
    add_one,
    build_newest_indexes,
    build_permissions,
    count_one,
)
from accounts.failures.login_failures import LoginFailure
from accounts.masking import SID_TAIL, mask_sid
from accounts.people import User
from accounts.statements import GivenMany, Question
from accounts.verdicts.words import describe_verdict

# A Device that registers has shown that the login works, and nothing about sound.
NOT_SHOWN_BY_READY = ("media_blocked", "microphone_denied", "microphone_missing")


class FailureGroup(Group):
    """All failures of one person on one account that mean the same."""

    kept_for = KeptFor("last_seen_at", days=365, only={"state": "resolved"})
    ALARM_SIDE = "groups"

    account_sid = models.CharField("Account SID", max_length=64, blank=True)
    person = models.CharField(max_length=270, help_text="The person's key, or the e-mail that was typed.")
    verdict = models.CharField(max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="failure_groups"
    )
    email = models.CharField(max_length=254, blank=True)
    last_failure = models.UUIDField(help_text="The newest failure; it may have been pruned since.")
    last_page_session = models.UUIDField(null=True)
    twilio_status = models.PositiveIntegerField("HTTP status", null=True)
    twilio_code = models.PositiveIntegerField("Twilio code", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "account_sid", "verdict"], name="one_group_per_person_account_verdict"
            )
        ]
        indexes = [
            *build_newest_indexes("failure_group"),
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
        permissions = build_permissions("failuregroup", "failure groups")
        verbose_name = _("failure group")
        verbose_name_plural = _("failure groups")

    def __str__(self) -> str:
        facts = {"title": describe_verdict(self.verdict).title, "email": self.email or gettext("unknown")}
        if not self.account_sid:
            return "{title}: {email}".format(**facts)
        return gettext("{title}: {email} on {account}").format(**facts, account=mask_sid(self.account_sid))

    def identify(self) -> dict[str, str]:
        return {"verdict": self.verdict, "email": self.email, "account": mask_sid(self.account_sid)}


class FailureDay(GroupDay):
    kept_for = KeptFor("day", days=90)

    group = models.ForeignKey(FailureGroup, on_delete=models.CASCADE, related_name="days")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "day"], name="one_row_per_group_and_day")]
        verbose_name = _("failure day")
        verbose_name_plural = _("failure days")


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
        verbose_name = _("verdict hour")
        verbose_name_plural = _("verdict hours")

    def __str__(self) -> str:
        return f"{self.count} × {self.verdict} in {self.hour:%Y-%m-%d %H}h"


def name_person(user_id: int | None, email: str) -> str:
    """Who a failure counts for: the person where known, else the e-mail that was typed."""
    return f"user:{user_id}" if user_id else email.lower()


def note_failure(failure: LoginFailure) -> FailureGroup:
    """Counts a recorded failure in its group, makes the group where there is none, reopens a resolved one.

    Call it within the transaction that stores the failure, once for each time it happened.
    """
    with transaction.atomic():
        group, _ = FailureGroup.objects.select_for_update().get_or_create(
            person=name_person(failure.user_id, failure.email),
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
        count_one(
            group,
            at=failure.failed_at,
            last_failure=failure.pk,
            last_page_session=failure.page_session,
            twilio_status=failure.twilio_status,
            twilio_code=failure.twilio_code,
        )
        hour = failure.failed_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        add_one(VerdictHour, verdict=failure.verdict, hour=hour)
    return group


def note_ready(*, user: User, account_sid: str, at: datetime | None = None) -> int:
    """A Device registered: this person's login works, so what speaks of a failed one is resolved.

    `at` is when it registered; failures after that stay open. Whatever account the person had typed,
    theirs is `account_sid` now. Returns how many groups were resolved.
    """
    theirs = Q(user=user) | Q(user=None, email=user.email.lower())
    groups = FailureGroup.objects.filter(theirs, last_seen_at__lte=at or timezone.now())
    return groups.exclude(verdict__in=NOT_SHOWN_BY_READY).resolve()


def note_all_ready(registered: Sequence[tuple[User, str, datetime]]) -> None:
    """Many Devices registered: whose, on which Account SID, and when. One query where no login had failed."""
    if not registered:
        return
    emails = {user.email.lower() for user, _, _ in registered}
    failed = FAILED.ask_values(people={user.pk for user, _, _ in registered}, emails=emails)
    for user_id, email in set(failed):
        for user, account_sid, at in registered:
            if user.pk == user_id or (user_id is None and user.email.lower() == email):
                note_ready(user=user, account_sid=account_sid, at=at)


def build_failed() -> "models.QuerySet[Any]":
    theirs = Q(user__among=GivenMany("people", models.BigIntegerField()))
    typed = Q(user=None, email__among=GivenMany("emails", models.CharField()))
    return FailureGroup.objects.unresolved().filter(theirs | typed).order_by().values_list("user", "email")


FAILED: "Question[Any]" = Question(build_failed)
