"""Alarms: many people failing the same way, a verdict never seen before, one address trying many accounts.

Each is raised once for as long as it goes on: an e-mail to those who may receive it, sent by a worker,
and a banner in the admin until somebody dismisses it. It can be raised again after six quiet hours.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import send_mail
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.failures.groups import FailureGroup, VerdictHour
from accounts.failures.login_failures import LoginFailure
from accounts.outside import leave_database
from accounts.people import User
from accounts.tasks.background import background, enqueue
from accounts.verdicts.words import describe_verdict

QUIET = timedelta(hours=6)
# An address is judged by its newest failures only, however fast it fails.
MOST_OF_ADDRESS = 200


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def standing(self) -> "AlarmQuerySet":
        return self.filter(dismissed_at=None)

    def dismiss(self, person: User) -> int:
        return self.standing().update(dismissed_at=timezone.now(), dismissed_by=person)


class Alarm(models.Model):
    """Something that somebody should look at now."""

    class Kind(models.TextChoices):
        MANY_PEOPLE = "many_people", "Many people failing the same way"
        NEW_VERDICT = "new_verdict", "A verdict never seen before"
        ONE_ADDRESS = "one_address", "One address failing many accounts"

    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=64, help_text="The verdict, or the address.")
    reason = models.CharField(max_length=300)
    address = models.CharField(max_length=300, help_text="The page of the admin that shows it.")
    raised_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    times = models.PositiveIntegerField(default=1, help_text="How often it was raised.")
    emailed_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[Any] = AlarmQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_alarm_per_kind_and_key")]
        ordering = ["-raised_at", "-id"]
        permissions = [
            ("dismiss_alarm", "Can dismiss alarms"),
            ("receive_alarm", "Receives alarms by e-mail"),
        ]

    def __str__(self) -> str:
        return self.reason


def watch(failure: LoginFailure) -> None:
    """Looks whether a failure that was just recorded and committed is a reason for an alarm."""
    now = timezone.now()
    for look in WATCHES:
        look(failure, now)


def look_for_many_people(failure: LoginFailure, now: datetime) -> bool:
    since = now - timedelta(minutes=settings.ALARM_MINUTES)
    groups = FailureGroup.objects.filter(verdict=failure.verdict, last_seen_at__gte=since)
    people = groups.order_by().values("person").distinct()
    if len(people[: settings.ALARM_PEOPLE]) < settings.ALARM_PEOPLE:
        return False
    title = describe_verdict(failure.verdict).title
    return raise_alarm(
        kind=Alarm.Kind.MANY_PEOPLE,
        key=failure.verdict,
        reason=f"{people.count()} people within {settings.ALARM_MINUTES} minutes: {title}",
        address=build_list_address("failuregroup", verdict=failure.verdict),
        now=now,
    )


def look_for_new_verdict(failure: LoginFailure, now: datetime) -> bool:
    known = VerdictHour.objects.filter(verdict=failure.verdict)
    this_hour = failure.failed_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if known.filter(hour__lt=this_hour).exists():
        return False
    if Alarm.objects.filter(kind=Alarm.Kind.NEW_VERDICT, key=failure.verdict).exists():
        return False
    return raise_alarm(
        kind=Alarm.Kind.NEW_VERDICT,
        key=failure.verdict,
        reason=f"Never seen before: {describe_verdict(failure.verdict).title}",
        address=build_list_address("failuregroup", verdict=failure.verdict, state="all"),
        now=now,
    )


def look_for_one_address(failure: LoginFailure, now: datetime) -> bool:
    """Twilio accounts at the check, e-mails at sign-in: an office behind one address has one account."""
    if failure.ip_address is None:
        return False
    since = now - timedelta(minutes=settings.ALARM_MINUTES)
    recent = LoginFailure.objects.filter(ip_address=failure.ip_address, failed_at__gte=since)
    rows = recent.order_by("-failed_at").values_list("shown_by", "account_sid", "email")[:MOST_OF_ADDRESS]
    sign_in = LoginFailure.ShownBy.SIGN_IN
    emails = {email for shown_by, _, email in rows if shown_by == sign_in and email}
    account_sids = {account_sid for shown_by, account_sid, _ in rows if shown_by != sign_in and account_sid}
    tried = max(len(emails), len(account_sids))
    if tried < settings.ALARM_ACCOUNTS:
        return False
    return raise_alarm(
        kind=Alarm.Kind.ONE_ADDRESS,
        key=failure.ip_address,
        reason=f"{failure.ip_address} failed with {tried} accounts within {settings.ALARM_MINUTES} minutes",
        address=build_list_address("loginfailure", ip_address=failure.ip_address, reviewed="all"),
        now=now,
    )


WATCHES: tuple[Callable[[LoginFailure, datetime], bool], ...] = (
    look_for_many_people,
    look_for_new_verdict,
    look_for_one_address,
)


def build_list_address(model: str, **query: str) -> str:
    return f"{reverse(f'admin:accounts_{model}_changelist')}?{urlencode(query)}"


@transaction.atomic
def raise_alarm(*, kind: str, key: str, reason: str, address: str, now: datetime) -> bool:
    """Whether this is news: a new alarm, or one that had been quiet. One that goes on is only kept alive."""
    same = Alarm.objects.filter(kind=kind, key=key)
    if same.filter(last_seen_at__gte=now - QUIET).update(last_seen_at=now):
        return False
    told = {"reason": reason[:300], "address": address[:300], "last_seen_at": now, "raised_at": now}
    is_back = same.filter(last_seen_at__lt=now - QUIET).update(
        **told, times=F("times") + 1, emailed_at=None, dismissed_at=None, dismissed_by=None
    )
    alarm, is_new = same.get_or_create(kind=kind, key=key, defaults=told)
    if is_back or is_new:
        enqueue(send_alarm, alarm.pk)
    return bool(is_back or is_new)


@background()
def send_alarm(pk: int) -> None:
    """E-mails an alarm to whoever may receive it by then; a banner stands in the admin meanwhile."""
    alarm = Alarm.objects.filter(pk=pk, emailed_at=None).first()
    recipients = find_recipients() if alarm else []
    if alarm is None or not recipients:
        return
    link = f"{settings.PUBLIC_URL}{alarm.address}"
    text = f"{alarm.reason}\n\n{alarm.get_kind_display()}. Look at it here:\n{link}\n"
    leave_database()
    send_mail(f"Dog n Bone: {alarm.reason}", text, None, recipients)
    Alarm.objects.filter(pk=pk, raised_at=alarm.raised_at).update(emailed_at=timezone.now())


def find_recipients() -> list[str]:
    """The addresses of superusers, and of staff whose permissions or groups let them receive alarms."""
    codename = "receive_alarm"
    may_receive = (
        Q(is_superuser=True)
        | Q(user_permissions__codename=codename)
        | Q(groups__permissions__codename=codename)
    )
    staff = User.objects.filter(may_receive, is_active=True, is_staff=True)
    return list(staff.order_by("email").values_list("email", flat=True).distinct())


def watch_after_commit(failure: LoginFailure) -> None:
    """An alarm that goes wrong must not undo, or seem to undo, the record of the failure."""
    transaction.on_commit(lambda: watch(failure), robust=True)
