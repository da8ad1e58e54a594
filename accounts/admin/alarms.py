"""Alarms in the admin: listed, shown as a banner on every page, dismissed by permission."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.thresholds import edit_thresholds
from accounts.admin.way_back import read_way_back
from accounts.audit.admin_actions import record_admin_action
from accounts.failures.alarms import Alarm

MOST_STANDING = 50


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    newest_by = "raised_at"
    change_list_template = "admin/alarm_list.html"
    list_display = ("raised_at", "reason_link", "kind", "times", "standing", "emailed_at")
    list_display_links = ("raised_at",)
    exclude = ("groups",)
    list_filter = ("kind", ("raised_at", admin.DateFieldListFilter))
    list_select_related = ("dismissed_by",)
    search_fields = ("reason",)
    ordering = ("-raised_at", "-id")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(edit_thresholds)
        return [path("thresholds/", view, name="alarm_thresholds"), *super().get_urls()]

    def prepare_rows(self, rows: Sequence[Alarm]) -> None:
        """Tells which of these alarms still stand."""
        keys = [alarm.pk for alarm in rows]
        standing = set(Alarm.objects.standing().filter(pk__in=keys).values_list("pk", flat=True))
        for alarm in rows:
            alarm.is_standing = alarm.pk in standing

    @admin.display(description="now")
    def standing(self, alarm: Alarm) -> str:
        if alarm.is_standing:
            return "stands"
        if alarm.dismissed_at:
            return f"dismissed by {alarm.dismissed_by or 'a former person'}"
        return "over: all of it is resolved"

    @admin.display(description="reason")
    def reason_link(self, alarm: Alarm) -> str:
        return format_html('<a href="{}">{}</a>', alarm.address, alarm.reason)


def get_banner(request: HttpRequest) -> dict[str, Any]:
    """The newest standing alarm and how many others stand, for those who may see alarms; {} for nothing."""
    if not request.user.has_perm("accounts.view_alarm"):
        return {}
    standing = list(Alarm.objects.standing()[:MOST_STANDING])
    if not standing:
        return {}
    others = len(standing) - 1
    return {"alarm": standing[0], "others": others, "is_more": len(standing) == MOST_STANDING}


@require_POST
@permission_required("accounts.dismiss_alarm", raise_exception=True)
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    alarm = get_object_or_404(Alarm, pk=pk)
    person: Any = request.user
    if Alarm.objects.filter(pk=pk).dismiss(person):
        record_admin_action(request, action="dismiss", target=alarm, detail={"reason": alarm.reason})
    return redirect(read_way_back(request) or "admin:index")
