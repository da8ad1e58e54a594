"""Phone numbers in full: by a permission of its own, one row at a time, each look kept."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.audit.admin_actions import record_admin_action


class MaskedAdmin(ReadOnlyAdmin):
    """A read-only page whose phone numbers are masked until they are asked for."""

    change_form_template = "admin/masked_form.html"
    # The masked fields' names.
    masked: tuple[str, ...] = ()

    def has_unmask_permission(self, request: HttpRequest) -> bool:
        codename = f"{self.opts.app_label}.unmask_{self.opts.model_name}"
        return bool(self.has_view_permission(request) and request.user.has_perm(codename))

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
