"""What companies' calls may be, in the admin: looked at, and changed by staff who may, each change kept."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.admin.search import read_person_or_email
from accounts.audit.admin_actions import record_admin_action
from accounts.clients import get_client_info
from accounts.countries import get_country_name
from accounts.masking import mask_sid
from phone.calling_limits import changing
from phone.calling_limits.calling_limits import FIELDS, CallingLimits, CallingLimitsChange, find_home
from phone.calling_limits.forms import StaffLimitsForm

RELEASE = "release"


@admin.register(CallingLimits)
class CallingLimitsAdmin(ReadOnlyAdmin):
    list_display = ("account", "country_names", "calls_at_once", "minutes_abroad", "stopped_at")
    list_filter = (("stopped_at", admin.EmptyFieldListFilter),)
    list_select_related = ("account",)
    search_fields = ("account__friendly_name", "account__account_sid")
    search_help_text = _("The account's name, or its whole SID.")
    ordering = ("-id",)
    fields = (
        *("account", "home_names", "country_names", *FIELDS[1:]),
        *("stopped_at", "released_at", "change_link"),
    )
    readonly_fields = ("home_names", "country_names", "change_link")

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        yield rows.filter(account__account_sid__iexact=words)
        yield rows.filter(account__friendly_name__icontains=words)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(edit_limits)
        return [path("<int:pk>/limits/", view, name="edit_calling_limits"), *super().get_urls()]

    @admin.display(description=_("countries"))
    def country_names(self, row: CallingLimits) -> str:
        return ", ".join(sorted(get_country_name(code) for code in row.countries))

    @admin.display(description=_("home countries"))
    def home_names(self, row: CallingLimits) -> str:
        return ", ".join(sorted(get_country_name(code) for code in find_home(row.account)))

    @admin.display(description=_("Change"))
    def change_link(self, row: CallingLimits) -> str:
        url = reverse("admin:edit_calling_limits", args=[row.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Change these limits"))


@require_http_methods(["GET", "HEAD", "POST"])
def edit_limits(request: HttpRequest, pk: int) -> HttpResponse:
    """Staff changes the limits of a company, or allows calls abroad again that an alarm has stopped."""
    if not request.user.has_perm("phone.change_callinglimits"):
        raise PermissionDenied
    row = get_object_or_404(CallingLimits.objects.select_related("account"), pk=pk)
    form = StaffLimitsForm(request.POST if request.method == "POST" else None, instance=row)
    if request.method == "POST" and (RELEASE in request.POST or form.is_valid()):
        change(request, row, form)
        return redirect("admin:phone_callinglimits_change", row.pk)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Calling limits of {account}").format(account=row.account),
        "form": form,
        "limits": CallingLimits.objects.get(pk=pk),
    }
    return TemplateResponse(request, "admin/calling_limits.html", context, status=422 if form.errors else 200)


def change(request: HttpRequest, row: CallingLimits, form: StaffLimitsForm) -> None:
    person: Any = request.user
    client = get_client_info(request)
    if RELEASE in request.POST:
        is_new, detail = changing.release(row.account, person, client), {"calls_abroad": "allowed"}
    else:
        wanted = form.wanted
        is_new = changing.change_limits(account=row.account, by=person, wanted=wanted, client=client)
        detail = wanted
    if is_new:
        record_admin_action(request, action="change", target=row, detail=detail)
        messages.success(request, gettext("The new limits hold from the next call on."))


def mask_account(change: CallingLimitsChange) -> str:
    return mask_sid(change.account_sid)


@admin.register(CallingLimitsChange)
class CallingLimitsChangeAdmin(ReadOnlyAdmin):
    newest_by = "changed_at"
    list_display = ("changed_at", "email", "masked_account", "before", "after")
    list_filter = (("changed_at", admin.DateFieldListFilter),)
    search_fields = ("email",)
    search_help_text = _("E-mail.")
    ordering = ("-changed_at", "-id")
    fields = ("changed_at", "email", "masked_account", "before", "after")
    readonly_fields = ("masked_account",)
    export_as = {"account_sid": mask_account}

    @admin.display(description="Account SID")
    def masked_account(self, change: CallingLimitsChange) -> str:
        return mask_account(change)

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]]:
        return read_person_or_email(rows, words)
