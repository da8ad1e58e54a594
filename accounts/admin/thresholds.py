"""From how much on an alarm is raised: seen and changed by those who may, each change kept."""

from dataclasses import asdict
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.audit.admin_actions import AdminAction, record_admin_action
from accounts.failures.thresholds import (
    AlarmThresholds,
    Thresholds,
    get_default_thresholds,
    get_thresholds,
    set_thresholds,
)
from accounts.translated import Words

CHANGES_SHOWN = 20
DEFAULTS = "defaults"


class ThresholdsForm(forms.ModelForm):
    class Meta:
        model = AlarmThresholds
        fields = ("people", "accounts", "minutes", "settling_days", "calls", "call_minutes")
        labels: ClassVar[dict[str, Words]] = {"minutes": _("Within so many minutes")}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("accounts.change_alarmthresholds", raise_exception=True)
def edit_thresholds(request: HttpRequest) -> HttpResponse:
    now = get_thresholds()
    form = ThresholdsForm(request.POST or None, initial=asdict(now))
    if request.method == "POST" and (DEFAULTS in request.POST or form.is_valid()):
        wanted = get_default_thresholds() if DEFAULTS in request.POST else Thresholds(**form.cleaned_data)
        change(request, now, wanted)
        return redirect("admin:alarm_thresholds")
    context = {
        **admin.site.each_context(request),
        "title": gettext("When an alarm is raised"),
        "form": form,
        "defaults": get_default_thresholds(),
        "is_default": now == get_default_thresholds(),
        "changes": list_changes(),
    }
    return TemplateResponse(request, "admin/thresholds.html", context, status=422 if form.errors else 200)


def change(request: HttpRequest, before: Thresholds, after: Thresholds) -> None:
    if before == after:
        return
    person: Any = request.user
    row = set_thresholds(after, person=person)
    detail = {"before": asdict(before), "after": asdict(after)}
    record_admin_action(request, action="change", target=row, detail=detail)
    messages.success(request, gettext("The new numbers hold from the next failure on."))


def list_changes() -> list[tuple[AdminAction, str]]:
    """The newest changes, each with what it was in words."""
    actions = AdminAction.objects.filter(target_type=AlarmThresholds._meta.label_lower)[:CHANGES_SHOWN]
    return [(action, describe_change(action.detail)) for action in actions]


def describe_change(detail: dict[str, Any]) -> str:
    """`people failing the same way 5 → 9`, for each number that became another."""
    before, after = detail.get("before", {}), detail.get("after", {})
    # By the form's order: PostgreSQL keeps the keys of JSON in an order of its own.
    return ", ".join(
        f"{AlarmThresholds._meta.get_field(name).verbose_name} {before.get(name)} → {after[name]}"  # type: ignore[union-attr]
        for name in ThresholdsForm.Meta.fields
        if name in after and before.get(name) != after[name]
    )
