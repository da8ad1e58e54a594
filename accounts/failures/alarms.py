"""Alarms: many people failing the same way, a verdict never seen before, one address trying many accounts.

Each is raised once for as long as it goes on: an e-mail to those who may receive it, sent by a worker,
and a banner in the admin until somebody dismisses it or all that it is about is resolved. It can be
raised again after six quiet hours.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.audit.journal import AccountEvent
from accounts.failures.grouping import Group, list_group_models
from accounts.failures.groups import FailureGroup, VerdictHour, name_person
from accounts.failures.login_failures import LoginFailure
from accounts.failures.thresholds import Thresholds, get_thresholds
from accounts.languages import choose_language
from accounts.masking import mask_sid
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
        """Those that nobody has dismissed, and of whose failures some are still unresolved.

        One that is about no failures stands until it is dismissed.
        """
        unresolved = [
            Q(Exists(model.objects.unresolved().filter(alarms=OuterRef("pk"))))
            for model in list_group_models()
        ]
        return self.filter(reduce(or_, unresolved) | Q(kind__in=OF_NO_FAILURES), dismissed_at=None)

    def dismiss(self, person: User) -> int:
        return self.filter(dismissed_at=None).update(dismissed_at=timezone.now(), dismissed_by=person)


class Alarm(models.Model):
    """Something that somebody should look at now."""

    class Kind(models.TextChoices):
        MANY_PEOPLE = "many_people", _("Many people failing the same way")
        NEW_VERDICT = "new_verdict", _("A verdict never seen before")
        ONE_ADDRESS = "one_address", _("One address failing many accounts")
        OUR_CALLS = "our_calls", _("Calls failing for a reason of ours")
        ACCOUNT_CALLS = "account_calls", _("No call of an account gets through")
        TOLL_FRAUD = "toll_fraud", _("Calls abroad that look like misuse")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    key = models.CharField(
        pgettext_lazy("alarm", "key"),
        max_length=64,
        help_text=_("The verdict, the address, the cause, or the account."),
    )
    facts = models.JSONField(
        default=dict, db_default={}, help_text="What its reason names beside its key: numbers, names."
    )
    # The sentence of an alarm from before the facts were kept, in English.
    kept_reason = models.CharField(max_length=300, blank=True, db_column="reason")
    address = models.CharField(
        _("address"), max_length=300, help_text=_("The page of the admin that shows it.")
    )
    raised_at = models.DateTimeField(_("raised at"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen at"), default=timezone.now)
    times = models.PositiveIntegerField(_("times"), default=1, help_text=_("How often it was raised."))
    emailed_at = models.DateTimeField(_("emailed at"), null=True)
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True)
    dismissed_by = models.ForeignKey(
        User, verbose_name=_("dismissed by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
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
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")

    def __str__(self) -> str:
        return self.reason

    @property
    def reason(self) -> str:
        """Why it was raised, in a sentence: whoever reads it has a language of their own."""
        return self.kept_reason or WORDINGS[self.kind](self)

    def identify(self) -> dict[str, str]:
        """What it is about, for an audit row that outlives it and the account."""
        is_sid = self.kind in (self.Kind.ACCOUNT_CALLS, self.Kind.TOLL_FRAUD)
        return {"kind": self.kind, "key": mask_sid(self.key) if is_sid else self.key}


# Those that no group of failures is a reason for.
OF_NO_FAILURES = (Alarm.Kind.TOLL_FRAUD,)
# How the reason of each kind is said; other apps have kinds of theirs.
WORDINGS: dict[str, Callable[[Alarm], str]] = {}


def watch(failure: LoginFailure) -> None:
    """Looks whether a failure that was just recorded and committed is a reason for an alarm."""
    now, limits = timezone.now(), get_thresholds()
    for look in WATCHES:
        look(failure, now, limits)


def look_for_many_people(failure: LoginFailure, now: datetime, limits: Thresholds) -> bool:
    since = now - timedelta(minutes=limits.minutes)
    groups = FailureGroup.objects.filter(verdict=failure.verdict, last_seen_at__gte=since)
    people = groups.order_by().values("person").distinct()
    if len(people[: limits.people]) < limits.people:
        return False
    return raise_alarm(
        newest=find_group(failure),
        kind=Alarm.Kind.MANY_PEOPLE,
        key=failure.verdict,
        facts={"people": people.count(), "minutes": limits.minutes},
        address=build_list_address("failuregroup", verdict=failure.verdict),
        groups=groups,
        now=now,
    )


def look_for_new_verdict(failure: LoginFailure, now: datetime, limits: Thresholds) -> bool:
    """What is new to an install that has seen little, or to a person who is new, is no news."""
    known = VerdictHour.objects.filter(verdict=failure.verdict)
    this_hour = failure.failed_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if known.filter(hour__lt=this_hour).exists() or not has_settled(now, limits) or is_beginners(failure):
        return False
    if Alarm.objects.filter(kind=Alarm.Kind.NEW_VERDICT, key=failure.verdict).exists():
        return False
    return raise_alarm(
        newest=find_group(failure),
        kind=Alarm.Kind.NEW_VERDICT,
        key=failure.verdict,
        facts={},
        address=build_list_address("failuregroup", verdict=failure.verdict, state="all"),
        groups=FailureGroup.objects.filter(verdict=failure.verdict),
        now=now,
    )


def has_settled(now: datetime, limits: Thresholds) -> bool:
    """Whether the first person has been here long enough for most of what can happen to have happened."""
    first = User.objects.order_by("pk").values_list("date_joined", flat=True).first()
    return first is not None and first <= now - timedelta(days=limits.settling_days)


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


def look_for_one_address(failure: LoginFailure, now: datetime, limits: Thresholds) -> bool:
    """Twilio accounts at the check, e-mails at sign-in: an office behind one address has one account."""
    if failure.ip_address is None:
        return False
    since = now - timedelta(minutes=limits.minutes)
    recent = LoginFailure.objects.filter(ip_address=failure.ip_address, failed_at__gte=since)
    columns = ("shown_by", "user_id", "email", "account_sid", "verdict")
    rows = set(recent.order_by("-failed_at").values_list(*columns, named=True)[:MOST_OF_ADDRESS])
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
        facts={"accounts": tried, "minutes": limits.minutes},
        address=build_list_address("loginfailure", ip_address=failure.ip_address, reviewed="all"),
        groups=FailureGroup.objects.filter(
            last_seen_at__gte=since,
            person__in={name_person(row.user_id, row.email) for row in rows},
            account_sid__in={row.account_sid for row in rows},
            verdict__in={row.verdict for row in rows},
        ),
        now=now,
    )


WATCHES: tuple[Callable[[LoginFailure, datetime, Thresholds], bool], ...] = (
    look_for_many_people,
    look_for_new_verdict,
    look_for_one_address,
)


def say_many_people(alarm: Alarm) -> str:
    minutes = alarm.facts["minutes"]
    reason = ngettext(
        "{people} people within {minutes} minute: {title}",
        "{people} people within {minutes} minutes: {title}",
        minutes,
    )
    title = describe_verdict(alarm.key).title
    return reason.format(people=alarm.facts["people"], minutes=minutes, title=title)


def say_new_verdict(alarm: Alarm) -> str:
    return gettext("Never seen before: {title}").format(title=describe_verdict(alarm.key).title)


def say_one_address(alarm: Alarm) -> str:
    minutes = alarm.facts["minutes"]
    reason = ngettext(
        "{address} failed with {accounts} accounts within {minutes} minute",
        "{address} failed with {accounts} accounts within {minutes} minutes",
        minutes,
    )
    return reason.format(address=alarm.key, accounts=alarm.facts["accounts"], minutes=minutes)


WORDINGS |= {
    Alarm.Kind.MANY_PEOPLE: say_many_people,
    Alarm.Kind.NEW_VERDICT: say_new_verdict,
    Alarm.Kind.ONE_ADDRESS: say_one_address,
}


def build_list_address(model: str, *, app: str = "accounts", **query: str) -> str:
    return f"{reverse(f'admin:{app}_{model}_changelist')}?{urlencode(query)}"


@transaction.atomic
def raise_alarm(
    *,
    kind: str,
    key: str,
    facts: Mapping[str, Any],
    address: str,
    now: datetime,
    groups: "QuerySet[Any] | None" = None,
    newest: "QuerySet[Any] | None" = None,
    is_news: bool = False,
) -> bool:
    """Whether this is news: a new alarm, or one that had been quiet. One that goes on is only kept alive.

    `groups` are what a new one is about; one that goes on is about the group of the `newest` failure as well.
    One of OF_NO_FAILURES has neither. `is_news`: whoever raises it knows that it does not just go on.
    """
    same = Alarm.objects.filter(kind=kind, key=key)
    if not is_news and same.filter(last_seen_at__gte=now - QUIET).update(last_seen_at=now):
        if newest is not None:
            get_side(same.get(), newest.model).add(*newest)
        return False
    told = {
        "facts": dict(facts),
        "kept_reason": "",
        "address": address[:300],
        "last_seen_at": now,
        "raised_at": now,
    }
    quiet = same if is_news else same.filter(last_seen_at__lt=now - QUIET)
    is_back = quiet.update(
        **told, times=F("times") + 1, emailed_at=None, dismissed_at=None, dismissed_by=None
    )
    alarm, is_new = same.get_or_create(kind=kind, key=key, defaults=told)
    if groups is not None:
        get_side(alarm, groups.model).set([*groups[:MOST_GROUPS], *(newest or ())])
    if is_back or is_new:
        enqueue(send_alarm, alarm.pk)
    return bool(is_back or is_new)


def get_side(alarm: Alarm, model: type[Group]) -> Any:
    """What an alarm is about of one table of groups."""
    return getattr(alarm, model.ALARM_SIDE)


def find_group(failure: LoginFailure) -> QuerySet[FailureGroup]:
    """The one group that counts `failure`."""
    return FailureGroup.objects.filter(
        person=name_person(failure.user_id, failure.email),
        account_sid=failure.account_sid,
        verdict=failure.verdict,
    )


@background()
def send_alarm(pk: int) -> None:
    """E-mails an alarm to whoever may receive it by then; a banner stands in the admin meanwhile."""
    alarm = Alarm.objects.filter(pk=pk, emailed_at=None).first()
    recipients = find_recipients() if alarm else []
    if alarm is None or not recipients:
        return
    letters = write_letters(alarm, recipients)
    leave_database()
    get_connection().send_messages(letters)
    Alarm.objects.filter(pk=pk, raised_at=alarm.raised_at).update(emailed_at=timezone.now())


def write_letters(alarm: Alarm, recipients: Sequence[User]) -> list[EmailMessage]:
    """One for all who are spoken to in the same language."""
    addresses: dict[str, list[str]] = defaultdict(list)
    for person in recipients:
        addresses[choose_language(person)].append(person.email)
    letters = []
    for language, to in addresses.items():
        with translation.override(language):
            letters.append(EmailMessage(f"Dog n Bone: {alarm.reason}", write_text(alarm), to=to))
    return letters


def write_text(alarm: Alarm) -> str:
    text = gettext("{reason}\n\n{kind}. Look at it here:\n{link}\n")
    link = f"{settings.PUBLIC_URL}{alarm.address}"
    return text.format(reason=alarm.reason, kind=alarm.get_kind_display(), link=link)


def find_recipients() -> list[User]:
    """Superusers, and staff whose permissions or groups let them receive alarms."""
    codename = "receive_alarm"
    may_receive = (
        Q(is_superuser=True)
        | Q(user_permissions__codename=codename)
        | Q(groups__permissions__codename=codename)
    )
    staff = User.objects.filter(may_receive, is_active=True, is_staff=True)
    return list(staff.order_by("email").distinct())


def watch_after_commit(failure: LoginFailure) -> None:
    """An alarm that goes wrong must not undo, or seem to undo, the record of the failure."""
    transaction.on_commit(lambda: watch(failure), robust=True)
