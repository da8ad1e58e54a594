"""Alarms: many people failing the same way, a verdict never seen before, one address trying many accounts.

Each is raised once for as long as it goes on: an e-mail to those who may receive it, sent by a worker,
and a banner in the admin until somebody dismisses it or all that it is about is resolved. It can be
raised again after six quiet hours.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import send_mail
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.audit.journal import AccountEvent
from accounts.failures.grouping import Group, list_group_models
from accounts.failures.groups import FailureGroup, VerdictHour, name_person
from accounts.failures.login_failures import LoginFailure
from accounts.failures.thresholds import get_thresholds
from accounts.outside import leave_database
from accounts.people import User
from accounts.tasks.background import background, enqueue
from accounts.verdicts.words import describe_verdict

QUIET = timedelta(hours=6)
# An address is judged by its newest failures only, however fast it fails.
MOST_OF_ADDRESS = 200
# An alarm remembers the newest groups that it is about when it is raised.
MOST_GROUPS = 500
WORKED = (AccountEvent.Kind.CHECK_PASSED, AccountEvent.Kind.CONNECTED)


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def standing(self) -> "AlarmQuerySet":
        """Those that nobody has dismissed, and of whose failures some are still unresolved."""
        unresolved = [
            Q(Exists(model.objects.unresolved().filter(alarms=OuterRef("pk"))))
            for model in list_group_models()
        ]
        return self.filter(reduce(or_, unresolved), dismissed_at=None)

    def dismiss(self, person: User) -> int:
        return self.filter(dismissed_at=None).update(dismissed_at=timezone.now(), dismissed_by=person)


class Alarm(models.Model):
    """Something that somebody should look at now."""

    class Kind(models.TextChoices):
        MANY_PEOPLE = "many_people", "Many people failing the same way"
        NEW_VERDICT = "new_verdict", "A verdict never seen before"
        ONE_ADDRESS = "one_address", "One address failing many accounts"
        OUR_CALLS = "our_calls", "Calls failing for a reason of ours"
        ACCOUNT_CALLS = "account_calls", "No call of an account gets through"

    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=64, help_text="The verdict, the address, the cause, or the account.")
    reason = models.CharField(max_length=300)
    address = models.CharField(max_length=300, help_text="The page of the admin that shows it.")
    raised_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    times = models.PositiveIntegerField(default=1, help_text="How often it was raised.")
    emailed_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    groups = models.ManyToManyField(FailureGroup, related_name="alarms", help_text="What it is about.")

    # Whether it stands, where a list has asked.
    is_standing: bool

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
    limits = get_thresholds()
    since = now - timedelta(minutes=limits.minutes)
    groups = FailureGroup.objects.filter(verdict=failure.verdict, last_seen_at__gte=since)
    people = groups.order_by().values("person").distinct()
    if len(people[: limits.people]) < limits.people:
        return False
    title = describe_verdict(failure.verdict).title
    return raise_alarm(
        newest=find_group(failure),
        kind=Alarm.Kind.MANY_PEOPLE,
        key=failure.verdict,
        reason=f"{people.count()} people within {limits.minutes} minutes: {title}",
        address=build_list_address("failuregroup", verdict=failure.verdict),
        groups=groups,
        now=now,
    )


def look_for_new_verdict(failure: LoginFailure, now: datetime) -> bool:
    """What is new to an install that has seen little, or to a person who is new, is no news."""
    known = VerdictHour.objects.filter(verdict=failure.verdict)
    this_hour = failure.failed_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if known.filter(hour__lt=this_hour).exists() or not has_settled(now) or is_beginners(failure):
        return False
    if Alarm.objects.filter(kind=Alarm.Kind.NEW_VERDICT, key=failure.verdict).exists():
        return False
    return raise_alarm(
        newest=find_group(failure),
        kind=Alarm.Kind.NEW_VERDICT,
        key=failure.verdict,
        reason=f"Never seen before: {describe_verdict(failure.verdict).title}",
        address=build_list_address("failuregroup", verdict=failure.verdict, state="all"),
        groups=FailureGroup.objects.filter(verdict=failure.verdict),
        now=now,
    )


def has_settled(now: datetime) -> bool:
    """Whether the first person has been here long enough for most of what can happen to have happened."""
    first = User.objects.order_by("pk").values_list("date_joined", flat=True).first()
    return first is not None and first <= now - timedelta(days=get_thresholds().settling_days)


def is_beginners(failure: LoginFailure) -> bool:
    """Whether it happened to one person only, whose login had never worked; at the door it always is."""
    if failure.shown_by == LoginFailure.ShownBy.SIGN_IN:
        return True
    people = FailureGroup.objects.filter(verdict=failure.verdict).order_by().values("person").distinct()
    if len(people[:2]) > 1:
        return False
    worked = AccountEvent.objects.filter(
        user=failure.user_id, kind__in=WORKED, happened_at__lt=failure.failed_at
    )
    return failure.user_id is None or not worked.exists()


def look_for_one_address(failure: LoginFailure, now: datetime) -> bool:
    """Twilio accounts at the check, e-mails at sign-in: an office behind one address has one account."""
    if failure.ip_address is None:
        return False
    limits = get_thresholds()
    since = now - timedelta(minutes=limits.minutes)
    recent = LoginFailure.objects.filter(ip_address=failure.ip_address, failed_at__gte=since)
    rows = list(recent.order_by("-failed_at").select_related("user")[:MOST_OF_ADDRESS])
    sign_in = LoginFailure.ShownBy.SIGN_IN
    emails = {row.email for row in rows if row.shown_by == sign_in and row.email}
    account_sids = {row.account_sid for row in rows if row.shown_by != sign_in and row.account_sid}
    tried = max(len(emails), len(account_sids))
    if tried < limits.accounts:
        return False
    return raise_alarm(
        newest=find_group(failure),
        kind=Alarm.Kind.ONE_ADDRESS,
        key=failure.ip_address,
        reason=f"{failure.ip_address} failed with {tried} accounts within {limits.minutes} minutes",
        address=build_list_address("loginfailure", ip_address=failure.ip_address, reviewed="all"),
        groups=FailureGroup.objects.filter(
            last_seen_at__gte=since,
            person__in={name_person(row) for row in rows},
            account_sid__in={row.account_sid for row in rows},
            verdict__in={row.verdict for row in rows},
        ),
        now=now,
    )


WATCHES: tuple[Callable[[LoginFailure, datetime], bool], ...] = (
    look_for_many_people,
    look_for_new_verdict,
    look_for_one_address,
)


def build_list_address(model: str, *, app: str = "accounts", **query: str) -> str:
    return f"{reverse(f'admin:{app}_{model}_changelist')}?{urlencode(query)}"


@transaction.atomic
def raise_alarm(
    *,
    kind: str,
    key: str,
    reason: str,
    address: str,
    groups: "QuerySet[Any]",
    newest: "QuerySet[Any]",
    now: datetime,
) -> bool:
    """Whether this is news: a new alarm, or one that had been quiet. One that goes on is only kept alive.

    `groups` are what a new one is about; one that goes on is about the group of the `newest` failure as well.
    """
    same = Alarm.objects.filter(kind=kind, key=key)
    if same.filter(last_seen_at__gte=now - QUIET).update(last_seen_at=now):
        get_side(same.get(), newest.model).add(*newest)
        return False
    told = {"reason": reason[:300], "address": address[:300], "last_seen_at": now, "raised_at": now}
    is_back = same.filter(last_seen_at__lt=now - QUIET).update(
        **told, times=F("times") + 1, emailed_at=None, dismissed_at=None, dismissed_by=None
    )
    alarm, is_new = same.get_or_create(kind=kind, key=key, defaults=told)
    get_side(alarm, groups.model).set([*groups[:MOST_GROUPS], *newest])
    if is_back or is_new:
        enqueue(send_alarm, alarm.pk)
    return bool(is_back or is_new)


def get_side(alarm: Alarm, model: type[Group]) -> Any:
    """What an alarm is about of one table of groups."""
    return getattr(alarm, model.ALARM_SIDE)


def find_group(failure: LoginFailure) -> QuerySet[FailureGroup]:
    """The one group that counts `failure`."""
    return FailureGroup.objects.filter(
        person=name_person(failure), account_sid=failure.account_sid, verdict=failure.verdict
    )


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
