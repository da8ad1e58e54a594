"""What an admin sees first: what is failing, for whom, since when, and what to do about it.

Everything here is read from rows that are kept small as failures happen (groups, hours) or from
the newest rows of an index, so that the page costs the same with ten million events as with ten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from statistics import median, quantiles
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum
from django.db.models.functions import TruncDate

from accounts.failures.grouping import SPARK_DAYS, get_spark_days
from accounts.failures.groups import FailureGroup, VerdictHour
from accounts.twilio.credentials import TwilioAccount
from accounts.verdicts.verdict import Verdict
from accounts.verdicts.words import describe_verdict
from phone.call_failures.blame import OURS, TO_MEND, get_remedy
from phone.call_failures.groups import CallFailureGroup
from phone.causes.cause import Cause as CallCause
from phone.causes.cause import build_cause
from phone.device.events import DeviceEvent
from phone.device.presence import SILENT_AFTER, DevicePresence

RECENT = timedelta(days=7)
TODAY = timedelta(hours=24)
NOW = timedelta(minutes=15)
MOST_CAUSES = 8
MOST_PAIRS = 300
MOST_CALL_GROUPS = 200
MOST_PEOPLE = 10
MOST_ACCOUNTS = 5
PAGES_MEASURED = 200

# Verdicts that say something about one account; the others strike whoever is there.
ACCOUNT_VERDICTS = frozenset(
    {
        "account_suspended",
        "account_closed",
        "account_under_review",
        "trial_limit",
        "twiml_app_missing",
        "twiml_app_misconfigured",
    }
)


@dataclass
class Cause:
    """Failures that have one reason: a verdict, and the account where it is the account's."""

    verdict: Verdict
    account_sids: list[str] = field(default_factory=list)
    people: int = 0
    people_open: int = 0
    times: int = 0
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    account_name: str = ""

    @property
    def is_of_one_account(self) -> bool:
        return len(self.account_sids) == 1 and bool(self.account_sids[0])

    def add(self, row: Mapping[str, Any]) -> None:
        self.account_sids.append(row["account_sid"])
        self.people += row["people"]
        self.people_open += row["people_open"]
        self.times += row["times"]
        self.first_seen_at = min(filter(None, (self.first_seen_at, row["first_seen"])))
        self.last_seen_at = max(filter(None, (self.last_seen_at, row["last_seen"])))


@dataclass(frozen=True)
class AccountAtRisk:
    account_sid: str
    name: str
    failing: int
    people: int

    @property
    def percent(self) -> int:
        return round(100 * self.failing / self.people) if self.people else 100


@dataclass(frozen=True)
class TimeToReady:
    """Seconds from a page's first sign of life to its registered Device, over `pages` newest pages."""

    pages: int
    median: float
    p95: float


@dataclass(frozen=True)
class FailedCalls:
    """Calls of one account that end for one cause, and their counts of the last fourteen days."""

    group: CallFailureGroup
    cause: CallCause
    days: list[int]

    @property
    def recently(self) -> int:
        """How many in the last seven days, today included."""
        return sum(self.days[-RECENT.days :])

    @property
    def remedy(self) -> str:
        return get_remedy(self.cause)

    @property
    def is_ours(self) -> bool:
        return self.cause.slug in OURS

    @property
    def is_open(self) -> bool:
        return bool(self.group.state == CallFailureGroup.State.OPEN)


def get_causes(now: datetime) -> list[Cause]:
    """What the unresolved failures of the last seven days come from, the most people first."""
    groups = FailureGroup.objects.unresolved().filter(last_seen_at__gte=now - RECENT)
    rows = (
        groups.order_by()
        .values("verdict", "account_sid")
        .annotate(
            people=Count("pk"),
            people_open=Count("pk", filter=Q(state=FailureGroup.State.OPEN)),
            times=Sum("count"),
            first_seen=Min("first_seen_at"),
            last_seen=Max("last_seen_at"),
        )
        .order_by("-people", "-last_seen")[:MOST_PAIRS]
    )
    causes = sorted(fold_causes(rows), key=lambda cause: (cause.people_open, cause.people), reverse=True)
    name_accounts(causes[:MOST_CAUSES])
    return causes[:MOST_CAUSES]


def fold_causes(rows: Iterable[Mapping[str, Any]]) -> list[Cause]:
    """One cause for each account where the account is the reason, else one for the verdict."""
    causes: dict[tuple[str, str], Cause] = {}
    for row in rows:
        verdict = describe_verdict(row["verdict"])
        is_accounts = verdict.blames_credentials or verdict.code in ACCOUNT_VERDICTS
        key = (verdict.code, row["account_sid"] if is_accounts else "")
        causes.setdefault(key, Cause(verdict)).add(row)
    return list(causes.values())


def name_accounts(causes: list[Cause]) -> None:
    sids = {cause.account_sids[0] for cause in causes if cause.is_of_one_account}
    names = dict(
        TwilioAccount.objects.filter(account_sid__in=sids).values_list("account_sid", "friendly_name")
    )
    for cause in causes:
        if cause.is_of_one_account:
            cause.account_name = names.get(cause.account_sids[0], "")


def get_failing_now(now: datetime) -> list[FailureGroup]:
    """The newest failures that nothing has resolved, of the last quarter of an hour."""
    groups = FailureGroup.objects.unresolved().filter(last_seen_at__gte=now - NOW)
    return list(groups.select_related("user")[:MOST_PEOPLE])


def get_failed_calls(now: datetime) -> list[FailedCalls]:
    """What of the last seven days' failed calls somebody may have to mend: ours first, then by how many."""
    groups = CallFailureGroup.objects.unresolved().filter(last_seen_at__gte=now - RECENT)
    newest = list(groups.filter(cause__in=sorted(TO_MEND)).select_related("account")[:MOST_CALL_GROUPS])
    days = get_spark_days(newest, now.date())
    failed = [FailedCalls(group, build_cause(group.cause), days[group.pk]) for group in newest]
    return sorted(failed, key=lambda one: (one.is_ours, one.is_open, one.recently), reverse=True)[
        :MOST_CAUSES
    ]


def get_accounts_at_risk(now: datetime) -> list[AccountAtRisk]:
    """Accounts where people's logins fail today, the largest part of their people first."""
    groups = FailureGroup.objects.unresolved().filter(last_seen_at__gte=now - TODAY, user__isnull=False)
    failing = dict(
        groups.exclude(account_sid="")
        .order_by()
        .values("account_sid")
        .annotate(people=Count("user", distinct=True))
        .order_by("-people")
        .values_list("account_sid", "people")[:50]
    )
    accounts = TwilioAccount.objects.filter(account_sid__in=failing).annotate(people=Count("credentials"))
    at_risk = [
        AccountAtRisk(
            account.account_sid,
            account.friendly_name,
            failing[account.account_sid],
            max(account.people, failing[account.account_sid]),
        )
        for account in accounts
    ]
    return sorted(at_risk, key=lambda account: (account.percent, account.failing), reverse=True)[
        :MOST_ACCOUNTS
    ]


def count_devices(now: datetime) -> dict[str, int]:
    """How many pages are there now, by their Device's state; `silent` ones said ready and went quiet.

    Those that are open beside somebody's phone have no Device, and are none of them.
    """
    present = DevicePresence.objects.filter(disconnected_at=None, is_spare=False)
    alive = present.filter(last_alive_at__gt=now - SILENT_AFTER)
    counts = dict.fromkeys(("ready", "connecting", "offline", "error"), 0)
    counts.update(alive.order_by().values_list("state").annotate(count=Count("pk")))
    silent = present.filter(
        state=DeviceEvent.State.READY,
        last_alive_at__lte=now - SILENT_AFTER,
        last_alive_at__gt=now - timedelta(hours=12),
    )
    return {**counts, "silent": silent.count()}


def get_present(now: datetime) -> list[tuple[DevicePresence, bool]]:
    """Who is at their phone, and whether they have gone quiet; trouble first, a hundred at most."""
    there = DevicePresence.objects.filter(disconnected_at=None, is_spare=False)
    alive = there.filter(last_alive_at__gt=now - timedelta(hours=1))
    rows = sorted(
        alive.select_related("user").order_by("-last_alive_at")[:100],
        key=lambda presence: (presence.state == DeviceEvent.State.READY, presence.user.email),
    )
    return [(presence, presence.last_alive_at <= now - SILENT_AFTER) for presence in rows]


def get_time_to_ready(now: datetime) -> TimeToReady | None:
    """By the browsers' own clocks; None where no page became ready in the last 24 hours."""
    ready = DeviceEvent.objects.filter(state=DeviceEvent.State.READY, received_at__gt=now - TODAY)
    newest = ready.order_by("-received_at").values_list("page_session", flat=True)[: PAGES_MEASURED * 3]
    pages = list(dict.fromkeys(newest))[:PAGES_MEASURED]
    spans = (
        DeviceEvent.objects.filter(page_session__in=pages)
        .order_by()
        .values("page_session")
        .annotate(
            begun=Min("reported_at", filter=Q(state=DeviceEvent.State.CONNECTING)),
            ready=Min("reported_at", filter=Q(state=DeviceEvent.State.READY)),
        )
    )
    seconds = [
        (span["ready"] - span["begun"]).total_seconds()
        for span in spans
        if span["begun"] and span["ready"] and span["ready"] >= span["begun"]
    ]
    if not seconds:
        return None
    p95 = quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return TimeToReady(len(seconds), median(seconds), p95)


def get_verdict_days(today: date) -> dict[str, list[int]]:
    """For each verdict its failures on each of the last fourteen days, oldest first."""
    first = today - timedelta(days=SPARK_DAYS - 1)
    rows = (
        VerdictHour.objects.filter(hour__gte=datetime.combine(first, time.min, UTC))
        .order_by()
        .values_list("verdict", TruncDate("hour", tzinfo=UTC))
        .annotate(total=Sum("count"))
    )
    days: dict[str, list[int]] = {}
    for verdict, day, total in rows:
        if 0 <= (day - first).days < SPARK_DAYS:
            days.setdefault(verdict, [0] * SPARK_DAYS)[(day - first).days] = total
    return days
