"""Phone numbers in full: by a permission of its own, one row at a time, each look kept."""

import re
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.audit.admin_actions import record_admin_action
from accounts.audit.refusals import Refusal, record_refusal
from accounts.clients import get_client_info
from accounts.entrance.limits import describe_wait
from accounts.rate_limits import RateLimit

# Whoever knows a number finds its calls; whoever does not would have to try very many.
NUMBER_SEARCHES = RateLimit("admin-number-search", limit=30, seconds=3600)
LIKE_NUMBER = re.compile(r"(?<![0-9A-Za-z])\+?[0-9]{7,20}(?![0-9A-Za-z])", re.ASCII)


class MaskedAdmin(ReadOnlyAdmin):
    """A read-only page whose phone numbers are masked until they are asked for."""

    change_form_template = "admin/masked_form.html"

    def has_unmask_permission(self, request: HttpRequest) -> bool:
        codename = f"{self.opts.app_label}.unmask_{self.opts.model_name}"
        return bool(self.has_view_permission(request) and request.user.has_perm(codename))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Raises BadRequest for too many numbers of one person who may not see them."""
        if LIKE_NUMBER.search(search_term) and not self.has_unmask_permission(request):
            person: Any = request.user
            if wait := NUMBER_SEARCHES.take(person.pk):
                about = f"{self.opts.label_lower}: {NUMBER_SEARCHES.name}"
                record_refusal(
                    Refusal.What.ADMIN_SEARCH, user=person, client=get_client_info(request), about=about
                )
                words = gettext("Too many phone numbers were searched for. Try again in {wait}.")
                raise BadRequest(words.format(wait=describe_wait(wait)))
        return super().get_search_results(request, queryset, search_term)

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_unmask"
        return [
            path("<path:object_id>/unmask/", self.admin_site.admin_view(self.unmask), name=name),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"may_unmask": self.has_unmask_permission(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def show_in_full(self, row: Any, name: str) -> str:
        """What stands in the masked field `name`."""
        return str(getattr(row, name))

    def list_in_full(self, row: Any) -> list[tuple[str, str]]:
        """What is shown in full, by what it is called: the masked fields, at least."""
        return [
            (str(field.verbose_name), self.show_in_full(row, field.attname))
            for field in row._meta.concrete_fields
            if field.name in self.masked
        ]

    def unmask(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows the numbers once, and keeps who looked, at what, and when; not the numbers."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_unmask_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        record_admin_action(request, action="unmask", target=row)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Phone numbers in full"),
            "opts": self.opts,
            "original": row,
            "numbers": self.list_in_full(row),
        }
        return TemplateResponse(request, "admin/unmasked.html", context)
