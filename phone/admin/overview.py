"""The admin's first page, and the part of it that stays live."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.admin.charts import choose_series, draw_days, draw_spark
from accounts.admin.trails import build_trail_address
from accounts.failures.groups import FailureGroup
from accounts.verdicts.words import describe_verdict
from phone.timeline.overview import (
    Cause,
    FailedCalls,
    count_devices,
    get_accounts_at_risk,
    get_causes,
    get_failed_calls,
    get_failing_now,
    get_present,
    get_time_to_ready,
    get_verdict_days,
)

PERMISSIONS = ("phone.view_deviceevent", "accounts.view_loginfailure", "accounts.view_failuregroup")
CALLS = "phone.view_callfailuregroup"


def build_overview(request: HttpRequest) -> dict[str, Any]:
    """What the first page shows; nothing to those who may not see failures."""
    if not all(request.user.has_perm(permission) for permission in PERMISSIONS):
        return {}
    now = timezone.now()
    days = {describe_verdict(slug).title: counts for slug, counts in get_verdict_days(now.date()).items()}
    series = choose_series(days)
    causes = get_causes(now)
    return {
        "causes": [(cause, build_cause_address(cause)) for cause in causes],
        "failing_now": [
            (group, describe_verdict(group.verdict), build_address(group)) for group in get_failing_now(now)
        ],
        "may_see_calls": request.user.has_perm(CALLS),
        "failed_calls": list_failed_calls(now) if request.user.has_perm(CALLS) else [],
        "accounts_at_risk": get_accounts_at_risk(now),
        "time_to_ready": get_time_to_ready(now),
        "series": series,
        "chart": draw_days(series, now.date()) if series else "",
        **get_live(),
    }


def build_cause_address(cause: Cause) -> str:
    """The list of a cause's groups."""
    query = {"verdict": cause.verdict.code}
    if cause.is_of_one_account:
        query["account_sid"] = cause.account_sids[0]
    return f"{reverse('admin:accounts_failuregroup_changelist')}?{urlencode(query)}"


def list_failed_calls(now: datetime) -> list[tuple[FailedCalls, str, str]]:
    """Each with its spark line, and the address that opens it beside the list."""
    groups = reverse("admin:phone_callfailuregroup_changelist")
    return [
        (one, draw_spark(one.days), f"{groups}?{urlencode({'open': one.group.pk})}")
        for one in get_failed_calls(now)
    ]


def build_address(group: FailureGroup) -> str:
    return build_trail_address(
        page_session=group.last_page_session, user_id=group.user_id, email=group.email, at=group.last_seen_at
    )


def get_live() -> dict[str, Any]:
    now = timezone.now()
    return {"devices": count_devices(now), "present": get_present(now), "seen_at": now}


@permission_required(PERMISSIONS, raise_exception=True)
def live(request: HttpRequest) -> HttpResponse:
    """Who is at their phone now; the first page fetches it every few seconds."""
    return render(request, "admin/live.html", get_live())
