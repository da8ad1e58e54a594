"""Alarms in the admin: listed, shown as a banner on every page, dismissed by permission."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.audit.admin_actions import record_admin_action
from accounts.failures.alarms import Alarm

MOST_BANNERS = 3


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    newest_by = "raised_at"
    list_display = ("raised_at", "kind", "reason_link", "times", "emailed_at", "dismissed_at", "dismissed_by")
    list_display_links = ("raised_at",)
    list_filter = ("kind", ("raised_at", admin.DateFieldListFilter))
    list_select_related = ("dismissed_by",)
    search_fields = ("reason",)
    ordering = ("-raised_at", "-id")

    @admin.display(description="reason")
    def reason_link(self, alarm: Alarm) -> str:
        return format_html('<a href="{}">{}</a>', alarm.address, alarm.reason)


def get_banners(request: HttpRequest) -> list[Alarm]:
    """The newest standing alarms, for those who may see alarms."""
    if not request.user.has_perm("accounts.view_alarm"):
        return []
    return list(Alarm.objects.standing()[:MOST_BANNERS])


@require_POST
@permission_required("accounts.dismiss_alarm", raise_exception=True)
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    alarm = get_object_or_404(Alarm, pk=pk)
    person: Any = request.user
    if Alarm.objects.filter(pk=pk).dismiss(person):
        record_admin_action(request, action="dismiss", target=alarm, detail={"reason": alarm.reason})
    return redirect("admin:index")
