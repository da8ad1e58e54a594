"""Admin pages that only show: nobody adds, changes or deletes, a superuser included."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.text import capfirst

from accounts.admin.csv_export import Column, build_csv_response
from accounts.admin.search import take_first
from accounts.admin.way_back import read_way_back
from accounts.audit.admin_actions import record_admin_action
from accounts.saved_links import SavedLink

MOST_ROWS_COUNTED = 1000


class CappedPaginator(Paginator):
    """Counts no further than a person pages.

    Counting ten million rows costs seconds; knowing that there are more than a thousand costs
    a millisecond, and whoever has more than a thousand narrows the list instead of paging.
    """

    object_list: QuerySet[Any]

    @cached_property
    def found(self) -> int:
        return self.object_list.order_by()[: MOST_ROWS_COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.found, MOST_ROWS_COUNTED)

    @property
    def is_capped(self) -> bool:
        return self.found > MOST_ROWS_COUNTED


class PreparedChangeList(ChangeList):
    """A list whose rows have been prepared, all of them at once."""

    model_admin: "ReadOnlyAdmin"

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        self.model_admin.prepare_rows(rows)
        self.result_list = rows


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list with the newest first, an export of what it shows, and links to keep."""

    change_list_template = "admin/audit_list.html"
    change_form_template = "admin/audit_form.html"
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 30
    # What is empty takes no place in a list; on a page of its own the style sheet puts a dash there.
    empty_value_display = ""
    list_max_show_all = 0
    # The query that shows all rows, where the list starts with some.
    everything = ""
    # The field that the export is ordered by, newest first; blank: this list is not exported.
    newest_by = ""
    # The fields that are shown in part only: nobody filters a list by them, and the export has them by
    # `export_as` or not at all.
    masked: tuple[str, ...] = ()
    # How a row's field is shown in the export where it is not shown as it is.
    export_as: dict[str, Callable[[Any], str]] = {}

    def prepare_rows(self, rows: Sequence[Any]) -> None:
        """Fetches what rows show of other tables: a page of the list, one row, a part of the export."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PreparedChangeList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            self.prepare_rows([row])
        return row

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def read_words(self, rows: QuerySet[Any], words: str) -> Iterator[QuerySet[Any]] | None:
        """What was searched for, read one way after the other; None: Django looks in `search_fields`."""
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.strip()
        readings = self.read_words(queryset, words) if words else None
        if readings is None:
            return super().get_search_results(request, queryset, search_term)
        return take_first(readings, queryset), False

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "title": capfirst(self.opts.verbose_name_plural),
            "export_address": f"export/?{request.GET.urlencode()}" if self.newest_by else "",
            "saved_links": SavedLink.objects.visible_to(request.user).filter(
                address__startswith=request.path
            ),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"row_actions": self.list_row_actions(request), "everything": self.everything}
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def list_row_actions(self, request: HttpRequest) -> list[tuple[str, str]]:
        """The list's actions, to be taken on the one row that is looked at; deleting has its own button."""
        actions = filter(None, self.get_actions(request).values())
        return [(name, str(title)) for _, name, title in actions if name != "delete_selected"]

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """After an action back where it was begun, with the same filters, page and row."""
        answer = super().response_action(request, *args, **kwargs)
        back = read_way_back(request)
        return redirect(back) if back and isinstance(answer, HttpResponseRedirect) else answer

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """What the list with this query would show, as CSV; it is kept among the admins' actions."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.newest_by or not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_changelist_instance(request).queryset.select_related(None)
        record_admin_action(
            request, action="export", target=self.model, detail={"query": request.GET.urlencode()}
        )
        return build_csv_response(
            request,
            rows,
            self.get_export_columns(),
            newest_by=self.newest_by,
            prepare=self.prepare_rows,
            name=name_file(self.model),
        )

    def get_export_columns(self) -> Sequence[Column]:
        return [
            (field.attname, partial(read_cell, field.attname, self.export_as.get(field.name)))
            for field in self.opts.concrete_fields
            if field.name not in (self.exclude or ())
            and (field.name not in self.masked or field.name in self.export_as)
        ]


def name_file(model: type[Model]) -> str:
    """`login-failures`, whoever exports them: as the columns are called."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(model._meta.verbose_name_plural).replace(" ", "-")


def read_cell(name: str, show: Callable[[Any], str] | None, row: Model) -> Any:
    return show(row) if show else getattr(row, name)
