"""Alarms in the admin: listed, shown as a banner on every page, dismissed by permission."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.admin.csv_export import Column
from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.thresholds import edit_thresholds
from accounts.admin.way_back import read_way_back
from accounts.audit.admin_actions import record_admin_action
from accounts.failures.alarms import Alarm

MOST_STANDING = 50
MOST_SEARCHED = 1000


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    newest_by = "raised_at"
    change_list_template = "admin/alarm_list.html"
    list_display = ("raised_at", "reason_link", "kind", "times", "standing", "emailed_at")
    list_display_links = ("raised_at",)
    fields = (
        *("kind", "key", "reason", "address", "raised_at", "last_seen_at", "times"),
        *("emailed_at", "dismissed_at", "dismissed_by"),
    )
    readonly_fields = ("reason",)
    list_filter = ("kind", ("raised_at", admin.DateFieldListFilter))
    list_select_related = ("dismissed_by",)
    search_fields = ("key",)
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

    @admin.display(description=_("now"))
    def standing(self, alarm: Alarm) -> str:
        if alarm.is_standing:
            return gettext("stands")
        if alarm.dismissed_at:
            return gettext("dismissed by {person}").format(
                person=alarm.dismissed_by or pgettext("by", "a former person")
            )
        return gettext("over: all of it is resolved")

    def read_words(self, rows: QuerySet[Alarm], words: str) -> Iterator[QuerySet[Alarm]]:
        """As what it is about, or as a part of the reason, as whoever searches reads it."""
        sought = words.casefold()
        yield rows.filter(key__iexact=words)
        newest = rows.order_by("-raised_at", "-id")[:MOST_SEARCHED]
        yield rows.filter(pk__in=[alarm.pk for alarm in newest if sought in alarm.reason.casefold()])

    def get_export_columns(self) -> Sequence[Column]:
        """With the reason in words."""
        return [
            ("reason", attrgetter("reason")) if title == "kept_reason" else (title, read)
            for title, read in super().get_export_columns()
            if title != "facts"
        ]

    @admin.display(description=_("reason"))
    def reason(self, alarm: Alarm) -> str:
        return alarm.reason

    @admin.display(description=_("reason"))
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
        record_admin_action(request, action="dismiss", target=alarm, detail=alarm.identify())
    return redirect(read_way_back(request) or "admin:index")
